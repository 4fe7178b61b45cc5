// What a new start finds, and what it tells.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "store/lock.h"
#include "store/reader.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Recovery : public QueueTest {
 protected:
  Recovery() { open(); }

  /// The folder as a killed process leaves it, opened as if it were the real one.
  void crash() {
    const auto crashed = folder_ / ("crashed" + std::to_string(++crashes_));
    std::filesystem::create_directory(crashed);
    for (const char* name : {"queue.db", "queue.db-wal", "queue.db.lock", "queue.db.sent"}) {
      std::filesystem::copy_file(std::filesystem::path(options_.path).parent_path() / name, crashed / name);
    }
    close();
    options_.path = (crashed / "queue.db").string();
  }

  int crashes_ = 0;
};

TEST_F(Recovery, EveryAcknowledgedMessageIsThereAfterAKill) {  // Q004
  for (int i = 0; i < 20; ++i) accepted(message());

  crash();
  open();

  EXPECT_EQ(claim({lane(100)}).parcels.size(), 20u);
  EXPECT_EQ(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

TEST_F(Recovery, WhatWasBeingSentIsQueuedAgainAndCounted) {  // Q037
  accepted(message({"a@example.org", "b@example.org"}));
  accepted(message());
  ASSERT_EQ(claim({lane(1)}).parcels.size(), 1u);

  crash();
  open();

  EXPECT_EQ(queue_->recovered(), 2u);
  EXPECT_EQ(claim().parcels.size(), 2u);
}

TEST_F(Recovery, OnlyWhatWasSentWholeIsInDoubtAfterAKill) {  // Q037
  for (int i = 0; i < 3; ++i) accepted(message());
  const std::vector<Parcel> parcels = claim({lane(3)}).parcels;
  queue_->mark_sent(parcels.at(0).id, {parcels.at(0).recipients.at(0).row});
  queue_->mark_sent(parcels.at(1).id, {parcels.at(1).recipients.at(0).row});
  ASSERT_TRUE(settle(settlement(parcels.at(1), RecipientState::Delivered)));

  crash();
  open();

  EXPECT_EQ(queue_->recovered(), 2u);
  for (const Parcel& again : claim({lane(3)}).parcels)
    EXPECT_EQ(again.recipients.at(0).in_doubt, again.id == parcels.at(0).id);
}

TEST_F(Recovery, ADoubtThatWasCommittedNeedsNoMark) {
  accepted(message());
  const Parcel parcel = claim().parcels.at(0);
  queue_->doubt(parcel.id, {parcel.recipients.at(0).row});
  drain();

  crash();
  std::filesystem::remove(options_.path + ".sent");
  open();

  EXPECT_TRUE(claim().parcels.at(0).recipients.at(0).in_doubt);
}

TEST_F(Recovery, InDoubtForTheSecondTimeItIsHeld) {
  accepted(message());
  Parcel parcel = claim().parcels.at(0);
  queue_->mark_sent(parcel.id, {parcel.recipients.at(0).row});
  crash();
  open();
  parcel = claim().parcels.at(0);
  queue_->doubt(parcel.id, {parcel.recipients.at(0).row});
  drain();

  crash();
  open();

  EXPECT_TRUE(claim().parcels.empty());
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 2 AND in_doubt = 1"), 1);
}

TEST_F(Recovery, TheHistoryTellsOfAnAttemptThatWasCutOff) {
  const MessageId id = accepted(message());
  const Parcel parcel = claim().parcels.at(0);
  queue_->mark_sent(parcel.id, {parcel.recipients.at(0).row});
  crash();
  open();
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Delivered)));

  auto reader = QueueReader::open(options_.path);
  ASSERT_TRUE(reader);
  const auto attempts = reader->attempts(id);
  ASSERT_TRUE(attempts);
  ASSERT_FALSE(attempts->empty());
  const AttemptRecord& first = attempts->front().record;
  EXPECT_TRUE(first.in_doubt);
  EXPECT_EQ(first.stage, Stage::FinalDot);
  EXPECT_EQ(first.reply.text, "the relay ended before the reply came");
}

TEST_F(Recovery, WithThePolicyToHoldItIsHeldTheFirstTime) {
  accepted(message());
  const Parcel parcel = claim().parcels.at(0);
  queue_->mark_sent(parcel.id, {parcel.recipients.at(0).row});
  options_.uncertain = UncertainPolicy::Hold;

  crash();
  open();

  EXPECT_TRUE(claim().parcels.empty());
}

TEST_F(Recovery, MarksThatCannotBeKeptStopNobody) {
  close();
  std::filesystem::remove(options_.path + ".sent");
  std::filesystem::create_directory(options_.path + ".sent");
  open();

  accepted(message());
  const Parcel parcel = claim().parcels.at(0);
  queue_->mark_sent(parcel.id, {parcel.recipients.at(0).row});

  EXPECT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
}

TEST_F(Recovery, WhatAnUpstreamWasGivenIsKeptByTheMinute) {
  for (int i = 0; i < 3; ++i) {
    accepted(message());
    const Parcel parcel = claim().parcels.at(0);
    Settlement end = settlement(parcel, RecipientState::Delivered);
    end.spent = Spending{"qq", clock_.wall(), 1, 2};
    ASSERT_TRUE(settle(end));
  }

  reopen();

  ASSERT_EQ(queue_->upstreams().spendings.size(), 1u);
  EXPECT_EQ(queue_->upstreams().spendings[0].messages, 3u);
  EXPECT_EQ(queue_->upstreams().spendings[0].recipients, 6u);
}

TEST_F(Recovery, WhatWasDeliveredIsNotSentAgain) {  // Q038
  accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Delivered)));

  crash();
  open();

  EXPECT_EQ(queue_->recovered(), 0u);
  EXPECT_TRUE(claim().parcels.empty());
}

TEST_F(Recovery, IdsAreNeverUsedTwiceAlsoAfterThePurge) {  // Q053
  const MessageId id = accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Delivered)));
  clock_.advance(std::chrono::hours(2000));
  ASSERT_TRUE(ask<SqliteQueue::Purged>([&](auto then) { queue_->purge(std::move(then)); }));
  ASSERT_EQ(count("SELECT count(*) FROM message"), 0);

  reopen();

  EXPECT_EQ(queue_->highest_id(), id);
}

TEST_F(Recovery, UpstreamsComeBackAsTheyWereKept) {
  UpstreamState state;
  state.name = "qq";
  state.trouble = "login";
  state.failures = 3;
  state.cooling_until = clock_.wall() + Duration(5000);
  state.paused = true;
  state.stage = Stage::Auth;
  state.reply = {.code = 535, .enhanced = "5.7.8", .text = "no"};
  state.secret_fingerprint = "salted";
  state.refused_logins = {clock_.wall() - Duration(7), clock_.wall()};
  state.refused_alike = {"final_dot 554 no", {"bob@example.org", "\"a b\"@example.org"}};
  queue_->save_upstream(state);
  state.failures = 4;
  queue_->save_upstream(state);

  reopen();

  ASSERT_EQ(queue_->upstreams().states.size(), 1u);
  const UpstreamState& kept = queue_->upstreams().states[0];
  EXPECT_EQ(kept.name, "qq");
  EXPECT_EQ(kept.trouble, "login");
  EXPECT_EQ(kept.failures, 4);
  EXPECT_EQ(kept.cooling_until, state.cooling_until);
  EXPECT_TRUE(kept.paused);
  EXPECT_EQ(kept.stage, Stage::Auth);
  EXPECT_EQ(kept.reply, state.reply);
  EXPECT_FALSE(kept.last_success);
  EXPECT_EQ(kept.secret_fingerprint, "salted");
  EXPECT_EQ(kept.refused_logins, state.refused_logins);
  EXPECT_EQ(kept.refused_alike, state.refused_alike);
}

class LoginMarks : public Recovery {
 protected:
  void keep(const std::string& name, std::vector<WallTime> refused = {}) {
    UpstreamState state;
    state.name = name;
    state.trouble = "none";
    state.refused_logins = std::move(refused);
    queue_->save_upstream(state);
    drain();
  }
  const UpstreamState& kept(std::size_t at) const { return queue_->upstreams().states.at(at); }
};

TEST_F(LoginMarks, ALoginThatWasWaitedForCountsAsRefusedAfterAKill) {
  keep("qq", {clock_.wall()});
  keep("ses");
  clock_.advance(Duration(5000));
  queue_->mark_login("qq");

  crash();
  open();

  EXPECT_EQ(kept(0).refused_logins, (std::vector<WallTime>{clock_.wall() - Duration(5000), clock_.wall()}));
  EXPECT_EQ(kept(0).trouble, "login");
  EXPECT_EQ(kept(0).stage, Stage::Auth);
  EXPECT_TRUE(kept(1).refused_logins.empty());
  EXPECT_EQ(queue_->recovered(), 0u);
}

TEST_F(LoginMarks, ItCountsOnceHoweverOftenTheRelayStarts) {
  keep("qq");
  queue_->mark_login("qq");
  crash();
  open();

  crash();
  open();

  EXPECT_EQ(kept(0).refused_logins.size(), 1u);
}

TEST_F(LoginMarks, ALoginThatWasTakenOrIsInTheStateKeptLeavesNoMark) {
  keep("qq");
  queue_->mark_login("qq");
  queue_->login_taken("qq");
  queue_->mark_login("qq");
  keep("qq", {clock_.wall()});

  crash();
  open();

  EXPECT_EQ(kept(0).refused_logins.size(), 1u);
  EXPECT_EQ(kept(0).trouble, "none");
}

TEST_F(LoginMarks, AnUpstreamThatStillRestsForALimitKeepsItsTrouble) {
  UpstreamState state;
  state.name = "qq";
  state.trouble = "quota";
  state.cooling_until = clock_.wall() + Duration(60'000);
  queue_->save_upstream(state);
  drain();
  queue_->mark_login("qq");

  crash();
  open();

  EXPECT_EQ(kept(0).trouble, "quota");
  EXPECT_EQ(kept(0).cooling_until, state.cooling_until);
  EXPECT_EQ(kept(0).refused_logins.size(), 1u);
}

TEST_F(Recovery, WhatWasAskedBeforeTheEndIsDoneBeforeTheEnd) {
  for (int i = 0; i < 50; ++i) {
    NewMessage made = message();
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append("x\r\n");
    draft->commit(std::move(made), nullptr);
  }

  reopen();

  EXPECT_EQ(claim({lane(100)}).parcels.size(), 50u);
}

TEST_F(Recovery, ALostLogIsNoticedByTheCountOfCommits) {  // Q020
  for (int i = 0; i < 3; ++i) accepted(message());
  crash();
  std::filesystem::remove(options_.path + "-wal");
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();

  open();
  close();

  const std::string told = testing::internal::GetCapturedStderr() + testing::internal::GetCapturedStdout();
  EXPECT_NE(told.find("lacks its last"), std::string::npos) << told;
}

TEST_F(Recovery, ALostIndexOfTheLogIsMadeAgain) {  // Q021
  accepted(message());
  crash();
  std::filesystem::remove(options_.path + "-shm");

  open();

  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Recovery, ATornTailOfTheLogLosesNothingBeforeIt) {  // Q019
  accepted(message());
  accepted(message());
  crash();
  const auto log = options_.path + "-wal";
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 1);

  open();

  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Recovery, TheLockRemembersTheCommits) {
  accepted(message());
  close();

  auto lock = QueueLock::take(options_.path);

  ASSERT_TRUE(lock);
  EXPECT_EQ(lock->noted_commits(), count("SELECT commits FROM meta"));
  EXPECT_FALSE(QueueLock::take(options_.path));
}

TEST_F(Recovery, TheLogStaysBoundedUnderLoad) {
  const std::string content(50'000, 'x');
  for (int i = 0; i < 400; ++i) ASSERT_TRUE(accept(message(), content));

  EXPECT_LT(std::filesystem::file_size(options_.path + "-wal"), 12u << 20);
}

}  // namespace
}  // namespace mailchute
