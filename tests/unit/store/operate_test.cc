// An operator's hand in the queue, new routings, history and admission.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Operate : public QueueTest {
 protected:
  Operate() { open(); }

  SqliteQueue::Purged purge() {
    auto purged = ask<SqliteQueue::Purged>([&](auto then) { queue_->purge(std::move(then)); });
    EXPECT_TRUE(purged) << purged.error().text;
    return purged.value_or(SqliteQueue::Purged::All);
  }

  void deliver_all() {
    for (auto& parcel : claim({lane(1000)}).parcels)
      ASSERT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
  }
};

TEST_F(Operate, RetryMakesAMessageDueNow) {
  accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Queued, Duration(3'600'000))));
  int arrivals = 0;
  queue_->when_mail_arrives([&] { ++arrivals; });

  EXPECT_EQ(operate(Operation::Retry), 1u);

  drain();
  EXPECT_EQ(arrivals, 1);
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Operate, HoldAndRelease) {
  const MessageId id = accepted(message());
  accepted(message());

  EXPECT_EQ(operate(Operation::Hold, only(&Selection::ids, {id})), 1u);
  EXPECT_EQ(operate(Operation::Hold, only(&Selection::ids, {id})), 0u);
  EXPECT_EQ(claim().parcels.size(), 1u);
  EXPECT_EQ(operate(Operation::Release, only(&Selection::state, "held")), 1u);
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Operate, WhatIsReleasedAfterItsTimeHasItsTimeAgain) {
  const MessageId late = accepted(message());
  operate(Operation::Hold);
  clock_.advance(std::chrono::hours(144));
  const MessageId early = accepted(message());
  operate(Operation::Hold, only(&Selection::ids, {early}));

  EXPECT_EQ(operate(Operation::Release), 2u);

  const auto expired = claim_expired();
  EXPECT_TRUE(expired.parcels.empty());
  EXPECT_EQ(expired.next_due, clock_.wall() + std::chrono::hours(120));
  EXPECT_EQ(claim().parcels.size(), 2u);
  clock_.advance(std::chrono::hours(120));
  EXPECT_EQ(count(("SELECT expires FROM message WHERE id = " + std::to_string(late.value)).c_str()),
            clock_.wall().time_since_epoch().count());
}

TEST_F(Operate, TheOldestThatWaitsIsNeitherHeldNorFinished) {
  const auto waiting = [&] {
    const auto told = ask<Backlog>([&](auto then) { queue_->backlog(std::move(then)); });
    EXPECT_TRUE(told);
    return told ? *told : Backlog{};
  };
  EXPECT_EQ(waiting(), Backlog{});
  NewMessage old = message();
  const WallTime first = old.received -= std::chrono::hours(2);
  old.expires -= std::chrono::hours(2);
  const MessageId id = accepted(std::move(old));
  NewMessage young = message();
  const WallTime second = young.received;
  accepted(std::move(young));

  EXPECT_EQ(waiting(), (Backlog{first, 2}));
  operate(Operation::Hold, only(&Selection::ids, {id}));
  EXPECT_EQ(waiting(), (Backlog{second, 1}));
  operate(Operation::Release, only(&Selection::ids, {id}));
  EXPECT_EQ(waiting(), (Backlog{first, 2}));
  deliver_all();
  EXPECT_EQ(waiting(), Backlog{});
}

TEST_F(Operate, RemoveFinishesAMessageAndKeepsItsRecord) {
  accepted(message());

  EXPECT_EQ(operate(Operation::Remove), 1u);

  EXPECT_TRUE(claim().parcels.empty());
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM message WHERE finished IS NOT NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM event WHERE kind = 'remove'"), 1);
}

TEST_F(Operate, AMessageBeingSentIsNotHeldAndNotRemoved) {  // Q052
  accepted(message({"a@example.org", "b@example.org"}));
  const auto claimed = claim({lane(1, 1)});

  EXPECT_EQ(operate(Operation::Remove), 0u);
  EXPECT_EQ(operate(Operation::Hold), 0u);

  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));
  EXPECT_EQ(operate(Operation::Remove), 1u);
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 3"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 4"), 1);
}

TEST_F(Operate, ASelectionMeansWhatFulfilsAllOfIt) {
  accepted(message({"a@one.example"}, "qq,office"));
  clock_.advance(Duration(60'000));
  NewMessage other = message({"b@two.example"}, "office");
  other.sender = Mailbox("eve", "example.net");
  const MessageId second = accepted(other);
  ASSERT_TRUE(settle(settlement(claim({lane(1, 1, "office")}).parcels.at(0), RecipientState::Queued)));

  EXPECT_EQ(operate(Operation::Retry, only(&Selection::from, "ann@*")), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::from, "*@EXAMPLE.net")), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::to, "*two*")), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::upstream, "qq")), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::upstream, "office")), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::code, 451)), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::received_before, clock_.wall())), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::received_after, clock_.wall() - Duration(1))), 1u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::state, "queued")), 2u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::state, "held")), 0u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::state, "nonsense")), 0u);
  Selection both = only(&Selection::ids, {second});
  both.from = "ann@*";
  EXPECT_EQ(operate(Operation::Retry, both), 0u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::from, "'; DROP TABLE message; --")), 0u);
  EXPECT_EQ(operate(Operation::Retry), 2u);
}

TEST_F(Operate, UncertainIsAStateOfItsOwn) {
  accepted(message());
  Settlement end = settlement(claim().parcels.at(0), RecipientState::Queued);
  end.recipients[0].in_doubt = true;
  ASSERT_TRUE(settle(end));

  EXPECT_EQ(operate(Operation::Retry, only(&Selection::state, "queued")), 0u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::state, "uncertain")), 1u);
}

TEST_F(Operate, AnErrandGoesThroughMoreThanOneStep) {
  for (int i = 0; i < 450; ++i) {
    NewMessage made = message();
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append("x\r\n");
    draft->commit(std::move(made), nullptr);
  }

  EXPECT_EQ(operate(Operation::Hold), 450u);
  EXPECT_TRUE(claim().parcels.empty());
  EXPECT_EQ(operate(Operation::Release), 450u);
  EXPECT_EQ(claim({lane(1000)}).parcels.size(), 450u);
}

TEST_F(Operate, RecipientsOfUnknownRoutesAreRerouted) {
  accepted(message({"a@example.org"}, "gone"));
  accepted(message({"b@example.org"}, "qq"));
  accepted(message({"c@example.org"}, "also gone"));
  EXPECT_EQ(reroute({"gone", "qq", "also gone"}, "rules 1", "gone"),
            2u);  // The first routing ever: all are asked about.

  EXPECT_EQ(reroute({"qq"}, "rules 1", "qq"), 3u);

  EXPECT_EQ(claim().parcels.size(), 3u);
}

TEST_F(Operate, KnownRoutesAreLeftAloneWhileTheRulesAreTheSame) {
  reroute({"qq"}, "rules", "qq");
  accepted(message({"a@example.org"}, "qq"));

  EXPECT_EQ(reroute({"qq", "office"}, "rules", "office"), 0u);
  EXPECT_EQ(reroute({"qq", "office"}, "other rules", "office"), 1u);
}

TEST_F(Operate, WhatIsBeingSentComesBackToItsNewRoute) {
  accepted(message({"a@example.org"}, "gone"));
  const auto claimed = claim({lane(1, 1, "gone")});

  EXPECT_EQ(reroute({"qq"}, "", "qq"), 1u);

  queue_->give_back(claimed.parcels.at(0));
  EXPECT_EQ(claim().parcels.size(), 1u);
}

// An upstream that is configured no more returns what it has not begun while the walk is under way.
TEST_F(Operate, WhatComesBackWhileRoutesAreGivenAnewHasItsNewRouteToo) {
  accepted(message({"a@example.org"}, "gone"));
  const auto claimed = claim({lane(1, 1, "gone")});

  std::optional<QueueResult<std::size_t>> done;
  queue_->reroute(
      {"qq"}, "", [](const std::optional<Mailbox>&, const Mailbox&) { return "qq"; },
      [&](auto changed) { done = std::move(changed); });
  queue_->give_back(claimed.parcels.at(0));
  ASSERT_TRUE(loop_.run_until([&] { return done.has_value(); }));

  EXPECT_EQ(claim().parcels.size(), 1u);
}

// Two reloads, one shortly after the other, and both have many messages to go through.
TEST_F(Operate, TheLatestRoutingWinsAlsoOverOneThatIsStillUnderWay) {
  reroute({"qq"}, "old rules", "qq");
  for (int i = 0; i < 450; ++i) accepted(message({"a@example.org"}, "qq"));
  const auto to = [](const std::string& route) {
    return [route](const std::optional<Mailbox>&, const Mailbox&) { return route; };
  };
  queue_->reroute({"qq", "office"}, "new rules", to("office"), [](const auto&) {});
  std::optional<QueueResult<std::size_t>> done;
  queue_->reroute({"qq"}, "old rules", to("qq"), [&](auto changed) { done = std::move(changed); });
  ASSERT_TRUE(loop_.run_until([&] { return done.has_value(); }));
  drain();

  EXPECT_EQ(claim({lane(1000, 100, "office")}).parcels.size(), 0u);
  EXPECT_EQ(claim({lane(1000, 100, "qq")}).parcels.size(), 450u);
}

TEST_F(Operate, ReroutingManyEndsAlsoWhenTheRouteChosenIsUnknown) {
  std::vector<std::string> takers;
  for (int i = 0; i < 450; ++i) takers.push_back("r" + std::to_string(i) + "@example.org");
  accepted(message(takers, "gone"));

  EXPECT_EQ(reroute({}, "", "unknown too"), 450u);
  EXPECT_EQ(reroute({}, "", "a lower name"), 450u);
}

TEST_F(Operate, HistoryIsPurgedWhenItsTimeHasCome) {
  for (int i = 0; i < 3; ++i) accepted(message());
  deliver_all();
  accepted(message());
  EXPECT_EQ(purge(), SqliteQueue::Purged::All);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 4);
  clock_.advance(options_.history);

  EXPECT_EQ(purge(), SqliteQueue::Purged::All);

  EXPECT_EQ(count("SELECT count(*) FROM message"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM recipient"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM attempt"), 0);
}

TEST_F(Operate, BodiesAreKeptAsLongAsAsked) {
  options_.history_bodies = std::chrono::hours(1);
  queue_->reconfigure(options_);
  const MessageId id = accepted(message(), "kept\r\n");
  deliver_all();
  purge();
  EXPECT_EQ(chunk(id, 0).value(), "kept\r\n");
  clock_.advance(std::chrono::hours(1));

  purge();

  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_FALSE(chunk(id, 0));
}

TEST_F(Operate, FinishedContentGivesWayBeforeNewMailIsRefused) {
  options_.history_bodies = std::chrono::hours(1);
  options_.max_bytes = 24 << 20;
  queue_->reconfigure(options_);
  for (int i = 0; i < 150; ++i) {
    ASSERT_EQ(queue_->admission_of(1000), Admission::Open) << i;
    accepted(message(), std::string(250'000, 'x'));
    deliver_all();
  }
  drain();

  const auto kept = count("SELECT count(*) FROM message WHERE chunks > 0");
  EXPECT_GE(kept, 15);
  EXPECT_LE(kept, 96);
  EXPECT_EQ(count("SELECT count(DISTINCT message) FROM chunk"), kept);
  EXPECT_EQ(count("SELECT min(message) FROM chunk"),
            last_id_ - kept + 1);  // The longest finished went first.
}

// A queue with nothing in it that waits must not refuse mail because of what it remembers.
TEST_F(Operate, HistoryGivesWayBeforeNewMailIsRefused) {
  options_.max_bytes = 1 << 20;
  queue_->reconfigure(options_);
  const std::vector<std::string> takers(20, std::string(60, 'a') + "@example.org");
  for (int i = 0; i < 400; ++i) {
    ASSERT_EQ(queue_->admission_of(1000), Admission::Open) << i;
    accepted(message(takers));
    deliver_all();
  }
  drain();

  const auto remembered = count("SELECT count(*) FROM message");
  EXPECT_GE(remembered, 20);
  EXPECT_LT(remembered, 400);
  EXPECT_EQ(count("SELECT min(id) FROM message"),
            last_id_ - remembered + 1);  // The longest finished went first.
}

TEST_F(Operate, KeptContentIsCountedAnewAtAStart) {
  options_.history_bodies = std::chrono::hours(1);
  options_.max_bytes = 4 << 20;
  queue_->reconfigure(options_);
  for (int i = 0; i < 50; ++i) {
    accepted(message(), std::string(60'000, 'x'));
    deliver_all();
  }

  options_.max_bytes = 2 << 20;
  reopen();
  EXPECT_EQ(queue_->admission_of(1000), Admission::Open);
  accepted(message());
  drain();

  EXPECT_LE(count("SELECT count(*) FROM chunk"), 35);
}

TEST_F(Operate, AnHoursContentGoesThoughDaysOfHistoryStay) {
  options_.history_bodies = std::chrono::hours(1);
  queue_->reconfigure(options_);
  for (int i = 0; i < 450; ++i) accepted(message());
  deliver_all();
  clock_.advance(std::chrono::hours(2));

  EXPECT_EQ(purge(), SqliteQueue::Purged::MoreWaits);
  EXPECT_EQ(purge(), SqliteQueue::Purged::MoreWaits);
  EXPECT_EQ(purge(), SqliteQueue::Purged::All);

  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 450);
}

class FailedMail : public Operate {
 protected:
  /// A message that has failed for the second of its two recipients.
  MessageId failed() {
    options_.history_bodies = std::chrono::hours(200);
    queue_->reconfigure(options_);
    const MessageId id = accepted(message({"a@example.org", "b@example.org"}), "kept\r\n");
    Settlement end = settlement(claim().parcels.at(0), RecipientState::Delivered);
    end.recipients.at(1).state = RecipientState::Failed;
    EXPECT_TRUE(settle(end));
    return id;
  }
};

TEST_F(FailedMail, IsTriedAgainWhenItIsNamedAndItsContentIsThere) {
  const MessageId id = failed();
  clock_.advance(std::chrono::hours(130));  // Beyond its first lifetime.
  int arrivals = 0;
  queue_->when_mail_arrives([&] { ++arrivals; });

  EXPECT_EQ(operate(Operation::Retry), 0u);
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::ids, {id})), 1u);

  drain();
  EXPECT_EQ(arrivals, 1);
  EXPECT_TRUE(claim_expired().parcels.empty());
  const auto claimed = claim();
  ASSERT_EQ(claimed.parcels.size(), 1u);
  ASSERT_EQ(claimed.parcels.at(0).recipients.size(), 1u);
  EXPECT_EQ(claimed.parcels.at(0).recipients.at(0).recipient.mailbox.text(), "b@example.org");
  EXPECT_EQ(claimed.parcels.at(0).recipients.at(0).attempts, 0);
  EXPECT_EQ(claimed.parcels.at(0).content, "kept\r\n");
  EXPECT_EQ(claimed.parcels.at(0).expires - clock_.wall(), std::chrono::hours(120));
  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));
  EXPECT_EQ(operate(Operation::Retry, only(&Selection::ids, {id})), 0u);
}

TEST_F(FailedMail, IsLeftAloneWithoutItsContent) {
  const MessageId id = failed();
  clock_.advance(std::chrono::hours(200));
  purge();

  EXPECT_EQ(operate(Operation::Retry, only(&Selection::ids, {id})), 0u);
  EXPECT_EQ(operate(Operation::Hold, only(&Selection::ids, {id})), 0u);
}

TEST_F(Operate, TheMinutesTallyCounts) {
  accepted(message());
  accepted(message({"a@example.org", "b@example.org"}));
  deliver_all();

  EXPECT_EQ(count("SELECT sum(accepted) FROM tally"), 2);
  EXPECT_EQ(count("SELECT sum(delivered) FROM tally"), 3);
}

TEST_F(Operate, EventsAreKept) {
  queue_->record_event("upstream_paused", "qq", "by uid 0");
  drain();

  EXPECT_EQ(count("SELECT count(*) FROM event WHERE kind = 'upstream_paused' AND subject = 'qq'"), 1);
}

TEST_F(Operate, AdmissionClosesBelowTheReserveAndOpensAgain) {
  EXPECT_EQ(queue_->admission(), Admission::Open);
  options_.reserve = std::uint64_t{1} << 60;
  queue_->reconfigure(options_);

  EXPECT_EQ(queue_->admission(), Admission::DiskReserve);

  options_.reserve = 0;
  queue_->reconfigure(options_);
  EXPECT_EQ(queue_->admission(), Admission::Open);
}

TEST_F(Operate, AdmissionClosesWhenTheQueueIsFull) {
  options_.max_bytes = 400'000;
  queue_->reconfigure(options_);
  EXPECT_EQ(queue_->admission(), Admission::Open);
  for (int i = 0; i < 10; ++i) {
    NewMessage made = message();
    made.source.uid = 0;  // Whose share is all of it.
    accepted(std::move(made), std::string(60'000, 'x'));
  }

  EXPECT_EQ(queue_->admission(), Admission::QueueFull);

  deliver_all();
  EXPECT_EQ(queue_->admission(), Admission::Open);
}

}  // namespace
}  // namespace mailchute
