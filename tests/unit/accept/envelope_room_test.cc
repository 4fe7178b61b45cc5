#include "accept/envelope_room.h"

#include <gtest/gtest.h>

#include <list>
#include <string>

namespace mailchute {
namespace {

Recipient long_one() {
  Recipient recipient;
  recipient.mailbox = Mailbox(std::string(64, 'l'), std::string(180, 'd'));
  return recipient;
}

/// As many as there is room for, 1,000 to a message; the messages stay open.
std::size_t fill(EnvelopeRoom& room, std::list<EnvelopeRoom::Place>& open, const std::string& party) {
  for (std::size_t taken = 0;; ++taken) {
    if (taken % 1000 == 0) open.emplace_back(room, party);
    if (open.back().take(long_one())) return taken;
  }
}

TEST(EnvelopeRoom, APartyThatTakesAllOfItsRoomLeavesOthersTheirs) {
  EnvelopeRoom room;
  std::list<EnvelopeRoom::Place> open;

  const std::size_t first = fill(room, open, "uid 1");

  EXPECT_GT(first, 10'000U);
  EXPECT_EQ(fill(room, open, "uid 2"), first);
  EXPECT_EQ(open.back().take(long_one())->code, 452);
}

TEST(EnvelopeRoom, ManyPartiesTogetherAreBoundedToo) {
  EnvelopeRoom room;
  std::list<EnvelopeRoom::Place> open;
  const std::size_t first = fill(room, open, "uid 0");
  std::size_t all = first;

  for (int uid = 1; uid < 20; ++uid) all += fill(room, open, "uid " + std::to_string(uid));

  EXPECT_LE(all, 3 * first + 3);
}

TEST(EnvelopeRoom, WhatIsFinishedGivesItsRoomBack) {
  EnvelopeRoom room;
  std::list<EnvelopeRoom::Place> open;
  const std::size_t first = fill(room, open, "uid 1");

  open.clear();

  EXPECT_EQ(fill(room, open, "uid 1"), first);
}

TEST(EnvelopeRoom, AHeaderTakesRoomAsLongAsItIsHeld) {
  EnvelopeRoom room;
  std::list<EnvelopeRoom::Place> open;
  std::size_t held = 0;
  do {
    open.emplace_back(room, "uid 1");
    ++held;
  } while (!open.back().hold_header(256 * 1024));

  EXPECT_EQ(held, 129U);
  EXPECT_TRUE(open.back().take(long_one()) || open.back().hold_header(256 * 1024));
  EXPECT_FALSE(open.front().hold_header(0));
  EXPECT_FALSE(open.back().hold_header(256 * 1024));
}

TEST(EnvelopeRoom, TwentyMessagesWithAThousandRecipientsFitAtOnce) {  // S155
  EnvelopeRoom room;
  std::list<EnvelopeRoom::Place> open;
  Recipient usual;
  usual.mailbox = Mailbox("somebody.known", "department.example.com");

  for (int message = 0; message < 20; ++message) {
    open.emplace_back(room, "uid 1");
    for (int i = 0; i < 1000; ++i) ASSERT_FALSE(open.back().take(usual));
  }
}

}  // namespace
}  // namespace mailchute
