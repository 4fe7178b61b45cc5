// What a user is shown of their mail.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class OwnMail : public QueueTest {
 protected:
  OwnMail() { open(); }

  MessageId accepted_from(std::optional<std::uint32_t> uid,
                          const std::vector<std::string>& recipients = {"bob@example.org"}) {
    NewMessage made = message(recipients);
    made.source.uid = uid;
    return accepted(std::move(made));
  }

  OwnMailPage page(std::optional<std::uint32_t> uid, Place from = {}) {
    auto shown = ask<OwnMailPage>([&](auto then) { queue_->own_mail(uid, from, std::move(then)); });
    EXPECT_TRUE(shown) << shown.error().text;
    return shown ? std::move(*shown) : OwnMailPage{};
  }

  /// The ids of all pages, and how many pages there were.
  std::vector<MessageId> all(std::optional<std::uint32_t> uid, int* pages = nullptr) {
    std::vector<MessageId> ids;
    std::optional<Place> next = Place{};
    for (int count = 1; next; ++count) {
      const OwnMailPage shown = page(uid, *next);
      for (const auto& entry : shown.entries) ids.push_back(entry.message.id);
      next = shown.next;
      if (pages != nullptr) *pages = count;
    }
    return ids;
  }
};

TEST_F(OwnMail, IsThatOfTheUserAndNobodyElses_L018) {
  const MessageId mine = accepted_from(1000);
  accepted_from(1001);
  accepted_from(0);
  accepted_from(std::nullopt);

  EXPECT_EQ(all(1000), std::vector{mine});
  EXPECT_EQ(all(std::nullopt).size(), 4u);
  EXPECT_TRUE(all(7).empty());
}

TEST_F(OwnMail, WhatIsDoneIsNotShown) {
  accepted_from(1000);
  const Claimed claimed = claim();
  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));

  EXPECT_TRUE(all(1000).empty());
}

TEST_F(OwnMail, ComesInPagesThatMissNothingAndRepeatNothing) {
  std::vector<MessageId> mine;
  for (int i = 0; i < 45; ++i) {
    mine.push_back(accepted_from(1000));
    accepted_from(1001);
  }

  int pages = 0;
  EXPECT_EQ(all(1000, &pages), mine);
  EXPECT_EQ(pages, 3);
}

TEST_F(OwnMail, LittleIsLookedAtForAPageWhereTheMailIsOthers) {
  for (int i = 0; i < 1'100; ++i) accepted_from(1001);
  const MessageId mine = accepted_from(1000);

  int pages = 0;
  EXPECT_EQ(all(1000, &pages), std::vector{mine});
  EXPECT_EQ(pages, 3);
}

TEST_F(OwnMail, OfManyRecipientsTheFirstAreShownAndTheOthersCounted) {
  std::vector<std::string> recipients;
  for (int i = 0; i < 25; ++i) recipients.push_back("u" + std::to_string(i) + "@example.org");
  accepted_from(1000, recipients);

  const OwnMailPage shown = page(1000);

  ASSERT_EQ(shown.entries.size(), 1u);
  EXPECT_EQ(shown.entries[0].message.recipients.size(), 10u);
  EXPECT_EQ(shown.entries[0].message.left_out, 15u);
  EXPECT_FALSE(shown.next);
}

}  // namespace
}  // namespace mailchute
