// What the queue keeps of what senders are to be told: digests, and who has been told of a delay.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const DigestKey kKey{"ann@example.com", "rcpt 550 5.1.1"};

class TellingTest : public QueueTest {
 protected:
  TellingTest() { open(); }

  OwnMessage notice(MessageId id, const std::string& content) {
    OwnMessage made{message({"ann@example.com"}), content};
    made.message.id = id;
    made.message.notice = true;
    return made;
  }

  static DigestEntry entry(const std::string& name) {
    DigestEntry made;
    made.id = MessageId{77};
    made.recipient.mailbox = Mailbox(name, "example.org");
    made.recipient.original = "rfc822;o@example.org";
    made.subject = "hello";
    made.envelope_id = "e1";
    made.upstream = "qq";
    made.rule = "unknown-user";
    made.blame = Blame::Recipient;
    made.in_doubt = true;
    made.expired = true;
    made.stage = Stage::RcptTo;
    made.reply = {550, "5.1.1", "no such user"};
    return made;
  }

  /// A message fails, and adds this to its digest.
  void gather(std::vector<DigestEntry> entries) {
    accepted(message());
    Settlement made = settlement(claim().parcels.at(0), RecipientState::Failed);
    made.digests.push_back({kKey, clock_.wall() + hours(1), std::move(entries)});
    EXPECT_TRUE(settle(std::move(made)));
  }

  std::vector<DigestDue> open_digests() {
    auto open = ask<std::vector<DigestDue>>([&](auto then) { queue_->open_digests(std::move(then)); });
    EXPECT_TRUE(open);
    return open.value_or(std::vector<DigestDue>());
  }

  /// How many it told; what it told of is in `told_`.
  std::size_t tell_digest(MessageId id) {
    auto told = ask<std::size_t>([&](auto then) {
      queue_->tell_digest(
          kKey,
          [this, id](const Digest& digest) {
            told_ = digest;
            return notice(id, "digest");
          },
          std::move(then));
    });
    EXPECT_TRUE(told);
    return told.value_or(0);
  }

  ToldLate tell_late(Duration after, std::size_t count, WriteLate write) {
    std::vector<MessageId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(next_id());
    auto told = ask<ToldLate>([&](auto then) {
      queue_->tell_late(clock_.wall() - after, std::move(ids), std::move(write), std::move(then));
    });
    EXPECT_TRUE(told);
    return told ? std::move(*told) : ToldLate{};
  }

  /// Tells of each.
  ToldLate tell_late(Duration after, std::size_t count = 10) {
    return tell_late(after, count, [this](const LateMessage& late, MessageId id) {
      late_.push_back(late);
      return std::optional<OwnMessage>(notice(id, "late"));
    });
  }

  std::optional<Digest> told_;
  std::vector<LateMessage> late_;
};

TEST_F(TellingTest, ADigestComesOutAsItWentInAndOnlyOnce) {
  gather({});
  gather({entry("bob")});
  ASSERT_EQ(open_digests().size(), 1u);
  EXPECT_EQ(open_digests()[0].key, kKey);
  EXPECT_EQ(open_digests()[0].due, clock_.wall() + hours(1));

  EXPECT_EQ(tell_digest(next_id()), 1u);

  ASSERT_TRUE(told_);
  ASSERT_EQ(told_->entries.size(), 1u);
  const DigestEntry& told = told_->entries[0];
  EXPECT_EQ(told.id, MessageId{77});
  EXPECT_EQ(told.recipient.mailbox.text(), "bob@example.org");
  EXPECT_EQ(told.recipient.original, "rfc822;o@example.org");
  EXPECT_EQ(told.subject, "hello");
  EXPECT_EQ(told.envelope_id, "e1");
  EXPECT_EQ(told.upstream, "qq");
  EXPECT_EQ(told.rule, "unknown-user");
  EXPECT_EQ(told.blame, Blame::Recipient);
  EXPECT_TRUE(told.in_doubt);
  EXPECT_TRUE(told.expired);
  EXPECT_EQ(told.stage, Stage::RcptTo);
  EXPECT_EQ(told.reply, (Reply{550, "5.1.1", "no such user"}));
  EXPECT_EQ(claim().parcels.size(), 1u);  // the notice
  EXPECT_TRUE(open_digests().empty());
  EXPECT_EQ(tell_digest(next_id()), 0u);
  EXPECT_TRUE(claim().parcels.empty());
}

TEST_F(TellingTest, ADigestThatNothingWasAddedToEndsWithoutANotice) {
  gather({});
  EXPECT_EQ(tell_digest(next_id()), 0u);
  EXPECT_FALSE(told_);
  EXPECT_TRUE(open_digests().empty());
}

TEST_F(TellingTest, ADigestSurvivesAKilledProcess) {
  gather({});
  gather({entry("bob")});
  reopen();
  EXPECT_EQ(open_digests().size(), 1u);
  EXPECT_EQ(tell_digest(next_id()), 1u);
}

TEST_F(TellingTest, OfALongDigestTheFirstAreKeptAndTheRestCounted) {
  gather(std::vector<DigestEntry>(limits::kDigestEntries - 1, entry("bob")));
  gather({entry("last"), entry("counted"), entry("counted")});
  EXPECT_EQ(tell_digest(next_id()), limits::kDigestEntries + 2);
  ASSERT_EQ(told_->entries.size(), limits::kDigestEntries);
  EXPECT_EQ(told_->entries.back().recipient.mailbox.local(), "last");
  EXPECT_EQ(count("SELECT count(*) FROM digest_entry"), 0);
}

TEST_F(TellingTest, ALaterAdditionDoesNotPutADigestOff) {
  gather({});
  const WallTime due = open_digests().at(0).due;
  clock_.advance(minutes(30));
  gather({entry("bob")});
  EXPECT_EQ(open_digests().at(0).due, due);
}

TEST_F(TellingTest, ADamagedEntryIsCountedAndNotListed) {
  gather({entry("bob"), entry("carol")});
  close();
  damage("UPDATE digest_entry SET address = 'eve@example.org' WHERE number = 0");
  open();
  EXPECT_EQ(tell_digest(next_id()), 2u);
  ASSERT_EQ(told_->entries.size(), 1u);
  EXPECT_EQ(told_->entries[0].recipient.mailbox.local(), "carol");
}

TEST_F(TellingTest, ASettlementThatComesTwiceAddsToItsDigestOnce) {
  accepted(message());
  Settlement made = settlement(claim().parcels.at(0), RecipientState::Failed);
  made.digests.push_back({kKey, clock_.wall(), {entry("bob")}});
  EXPECT_TRUE(settle(made));
  EXPECT_TRUE(settle(made));
  EXPECT_EQ(tell_digest(next_id()), 1u);
}

TEST_F(TellingTest, LateMailIsToldOfOnceOldestFirst) {
  const MessageId first = accepted(message());
  clock_.advance(hours(1));
  const MessageId second = accepted(message({"carol@example.org", "dave@example.org"}));
  clock_.advance(hours(4));

  const ToldLate told = tell_late(hours(4), 1);
  ASSERT_EQ(told.notices.size(), 1u);
  EXPECT_EQ(told.notices[0].about, first);
  EXPECT_EQ(told.looked_at, 1u);
  EXPECT_EQ(tell_late(hours(4)).notices.at(0).about, second);

  ASSERT_EQ(late_.size(), 2u);
  EXPECT_EQ(late_[0].parcel.content, "Subject: hello\r\n\r\nhi\r\n");
  EXPECT_EQ(late_[0].parcel.sender->text(), "ann@example.com");
  EXPECT_EQ(late_[1].parcel.recipients.size(), 2u);
  EXPECT_EQ(late_[1].standing.size(), 2u);
  reopen();
  EXPECT_EQ(tell_late(hours(4)).looked_at, 0u);
}

TEST_F(TellingTest, WhenTheNextCouldBeLateIsSaid) {
  EXPECT_FALSE(tell_late(hours(4)).next_received);
  accepted(message());
  EXPECT_EQ(tell_late(hours(4)).next_received, clock_.wall());
}

TEST_F(TellingTest, WhatIsFinishedOrHeldIsNotLate) {
  accepted(message());
  settle(settlement(claim().parcels.at(0), RecipientState::Delivered));
  accepted(message());
  operate(Operation::Hold);
  clock_.advance(hours(5));
  EXPECT_EQ(tell_late(hours(4)).looked_at, 0u);

  operate(Operation::Release);
  EXPECT_EQ(tell_late(hours(4)).looked_at, 1u);
}

TEST_F(TellingTest, WhoeverNeedNotBeToldIsNotAskedAboutAgain) {
  accepted(message());
  clock_.advance(hours(5));
  const auto nobody = [](const LateMessage&, MessageId) { return std::optional<OwnMessage>(); };
  EXPECT_EQ(tell_late(hours(4), 10, nobody).notices.size(), 0u);
  EXPECT_EQ(tell_late(hours(4)).looked_at, 0u);
}

TEST_F(TellingTest, ARecipientThatWasNeverTriedHasItsUpstreamsTroubleForAReason) {
  accepted(message({"bob@example.org"}, "office,qq"));
  UpstreamState down;
  down.name = "qq";
  down.trouble = "login";
  down.stage = Stage::Auth;
  down.reply = {535, "5.7.8", "bad password"};
  queue_->save_upstream(down);
  clock_.advance(hours(5));
  tell_late(hours(4));
  ASSERT_EQ(late_.size(), 1u);
  EXPECT_EQ(late_[0].standing[0].end.stage, Stage::Auth);
  EXPECT_EQ(late_[0].standing[0].end.reply, (Reply{535, "5.7.8", "bad password"}));
}

TEST_F(TellingTest, DamagedMailIsPassedOverAndStopsNothing) {
  accepted(message());
  const MessageId whole = accepted(message());
  close();
  damage("UPDATE recipient SET address = 'eve@example.org' WHERE message = 1001");
  open();
  clock_.advance(hours(5));
  const ToldLate told = tell_late(hours(4));
  ASSERT_EQ(told.notices.size(), 1u);
  EXPECT_EQ(told.notices[0].about, whole);
  EXPECT_EQ(claim().parcels.size(), 2u);  // the whole one and the notice; the other is on hold now
}

TEST_F(TellingTest, LateMailIsFoundByItsIndex) {
  auto database = Database::open(options_.path, Database::Mode::ReadOnly);
  auto plan = database->query(
      "EXPLAIN QUERY PLAN SELECT id FROM message WHERE delay_told = 0 AND deadline < 4611686018427387904"
      " AND received <= 1 ORDER BY received LIMIT 2");
  ASSERT_TRUE(*plan->next());
  EXPECT_NE(plan->text(3).find("message_late"), std::string::npos) << plan->text(3);
  EXPECT_FALSE(*plan->next());
}

}  // namespace
}  // namespace mailchute
