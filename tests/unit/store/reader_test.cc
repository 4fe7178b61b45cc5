// What the commands see of the queue.
#include "store/reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Reader : public QueueTest {
 protected:
  Reader() { open(); }

  QueueReader reader() {
    auto opened = QueueReader::open(options_.path);
    if (!opened) ADD_FAILURE() << opened.error().text;
    return std::move(*opened);
  }

  std::vector<SeenMessage> list(const Selection& selection = {}, std::size_t limit = 1000) {
    std::vector<SeenMessage> seen;
    auto from = reader();
    const auto done =
        from.list(selection, limit, [&](SeenMessage message) { seen.push_back(std::move(message)); });
    EXPECT_TRUE(done) << done.error().text;
    return seen;
  }
};

TEST_F(Reader, ListShowsWhatIsWaitingAndWhy) {
  const MessageId id = accepted(message({"a@example.org", "b@example.org"}, "qq,office"));
  Settlement end =
      settlement(claim({lane(1, 1, "qq,office")}).parcels.at(0), RecipientState::Queued, Duration(60'000));
  end.recipients[0].reply = {.code = 450, .enhanced = "4.2.1", .text = "later"};
  ASSERT_TRUE(settle(end));

  const auto seen = list();

  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].id, id);
  EXPECT_EQ(seen[0].sender, "ann@example.com");
  EXPECT_EQ(seen[0].state, "queued");
  EXPECT_EQ(seen[0].source.uid, 1000u);
  EXPECT_EQ(seen[0].source.command, "php");
  EXPECT_EQ(seen[0].summary.subject, "hello");
  ASSERT_EQ(seen[0].recipients.size(), 2u);
  EXPECT_EQ(seen[0].recipients[0].address, "a@example.org");
  EXPECT_EQ(seen[0].recipients[0].attempts, 1);
  EXPECT_EQ(seen[0].recipients[0].next_attempt, clock_.wall() + Duration(60'000));
  ASSERT_TRUE(seen[0].recipients[0].last_reply);
  EXPECT_EQ(seen[0].recipients[0].last_reply->reply.code, 450);
  EXPECT_EQ(seen[0].recipients[0].last_reply->stage, Stage::FinalDot);
  EXPECT_EQ(seen[0].recipients[1].upstream, "qq");
  EXPECT_FALSE(seen[0].recipients[1].last_reply);
}

TEST_F(Reader, AMessageIsInTheWorstStateOfItsRecipients) {
  accepted(message({"a@example.org", "b@example.org", "c@example.org"}));
  Settlement end = settlement(claim().parcels.at(0), RecipientState::Delivered);
  end.recipients[1].state = RecipientState::Held;
  ASSERT_TRUE(settle(end));

  EXPECT_EQ(list().at(0).state, "held");
  EXPECT_EQ(list().at(0).recipients[0].state, "delivered");
}

TEST_F(Reader, FinishedMessagesAreShownWhenAskedFor) {
  accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Delivered)));
  accepted(message());

  EXPECT_EQ(list().size(), 1u);
  const auto delivered = list(only(&Selection::state, "delivered"));
  ASSERT_EQ(delivered.size(), 1u);
  EXPECT_EQ(delivered[0].state, "delivered");
  EXPECT_TRUE(delivered[0].finished);
  EXPECT_FALSE(delivered[0].has_content);
  EXPECT_TRUE(list(only(&Selection::state, "failed")).empty());
}

TEST_F(Reader, AnyStateMeansWhatWaitsAndTheHistory) {
  accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Delivered)));
  const WallTime begin = clock_.wall();
  clock_.advance(std::chrono::hours(24));
  accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Failed)));
  accepted(message());

  Selection any = only(&Selection::state, "any");
  EXPECT_EQ(list(any).size(), 3u);
  any.received_after = begin + Duration(1);
  EXPECT_EQ(list(any).size(), 2u);
  any.received_after = begin;
  EXPECT_EQ(list(any).size(), 3u);
  any.received_before = begin + Duration(1);
  EXPECT_EQ(list(any).size(), 1u);
}

TEST_F(Reader, TheHistoryOfAnUpstreamIsWhatItHadLast) {
  accepted(message({"bob@example.org"}, "qq,office"));
  Settlement end = settlement(claim({lane(10, 100, "qq,office")}).parcels.at(0), RecipientState::Delivered);
  ASSERT_TRUE(settle(end));

  Selection history = only(&Selection::state, "any");
  history.upstream = "qq,office";  // the lane of a test is its upstream
  EXPECT_EQ(list(history).size(), 1u);
  history.upstream = "qq";
  EXPECT_EQ(list(history).size(), 1u);
  history.upstream = "office";
  EXPECT_EQ(list(history).size(), 0u);
}

TEST_F(Reader, ListStopsAtItsLimitAndGoesOverManyPages) {
  for (int i = 0; i < 450; ++i) {
    NewMessage made = message();
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append("x\r\n");
    draft->commit(std::move(made), nullptr);
  }
  drain();

  EXPECT_EQ(list().size(), 450u);
  EXPECT_EQ(list({}, 3).size(), 3u);
  EXPECT_EQ(list(only(&Selection::to, "nobody@*")).size(), 0u);
}

TEST_F(Reader, AListThatIsReadSlowlyKeepsNoOldStateOfTheQueue) {  // Q030
  for (int i = 0; i < 3; ++i) accepted(message());
  std::uintmax_t before_the_end = 0;

  reader().list({}, 1000, [&](const SeenMessage&) {
    if (before_the_end > 0) return;
    for (int i = 0; i < 5; ++i) accepted(message(), std::string(1 << 20, 'x'));
    drain();
    before_the_end = std::filesystem::file_size(options_.path);
  });

  EXPECT_GT(before_the_end, 3'000'000U);  // The log has been moved into it.
}

TEST_F(Reader, AnotherProgramsOldStateMakesTheQueueFullAndNotTheDisk) {  // Q030
  options_.max_bytes = 8 << 20;
  queue_->reconfigure(options_);
  accepted(message());
  auto other = Database::open(options_.path, Database::Mode::ReadOnly);
  ASSERT_TRUE(other && other->script("BEGIN; SELECT count(*) FROM message"));

  int taken = 0;
  for (; taken < 50 && queue_->admission() == Admission::Open; ++taken) {
    accepted(message(), std::string(4 << 20, 'x'));
    for (const Parcel& parcel : claim().parcels)
      EXPECT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
    drain();
  }
  EXPECT_EQ(queue_->admission(), Admission::QueueFull);
  // The log may have 64 MiB, and a message comes to it once, or twice where commits are many.
  EXPECT_GE(taken, 7);
  ASSERT_TRUE(other->script("COMMIT"));

  for (int asked = 0; asked < 2; ++asked) {
    clock_.advance(Duration(10'000));
    queue_->admission();
    drain();
  }
  EXPECT_EQ(queue_->admission(), Admission::Open);
}

TEST_F(Reader, AnIdIsFoundByAnUnambiguousPrefix) {
  const MessageId first = accepted(message());
  auto from = reader();

  EXPECT_EQ(from.find(first.text()).value(), first);
  EXPECT_EQ(from.find(first.text().substr(0, 3)).value(), first);
  accepted(message());
  EXPECT_EQ(from.find(first.text().substr(0, 3)).error().code, 64);
  EXPECT_EQ(from.find(first.text()).value(), first);
  EXPECT_EQ(from.find("ZZZZZZZZZZZZ").error().code, 1);
  EXPECT_EQ(from.find("!").error().code, 64);
}

TEST_F(Reader, AttemptsAreShownInTheirOrder) {
  const MessageId id = accepted(message());
  ASSERT_TRUE(settle(settlement(claim().parcels.at(0), RecipientState::Queued)));
  Settlement second = settlement(claim().parcels.at(0), RecipientState::Delivered);
  second.attempt->in_doubt = true;
  ASSERT_TRUE(settle(second));

  const auto attempts = reader().attempts(id);

  ASSERT_TRUE(attempts);
  ASSERT_EQ(attempts->size(), 2u);
  EXPECT_FALSE((*attempts)[0].record.in_doubt);
  EXPECT_TRUE((*attempts)[1].record.in_doubt);
  EXPECT_EQ((*attempts)[0].record.upstream, "qq");
  EXPECT_EQ((*attempts)[0].record.duration, Duration(12));
  EXPECT_EQ((*attempts)[0].record.peer, "192.0.2.1:465");
  EXPECT_EQ((*attempts)[0].row, 0);
}

TEST_F(Reader, TheSummaryCounts) {
  accepted(message({"a@example.org", "b@example.org"}), std::string(100, 'x'));
  clock_.advance(Duration(60'000));
  accepted(message({"c@example.org"}, "office"), std::string(50, 'x'));
  Settlement end = settlement(claim({lane(1, 1)}).parcels.at(0), RecipientState::Queued);
  end.recipients[0].in_doubt = true;
  ASSERT_TRUE(settle(end));
  ASSERT_EQ(claim({lane(1, 1, "office")}).parcels.size(), 1u);

  const auto summary = reader().summary(clock_.wall());

  ASSERT_TRUE(summary) << summary.error().text;
  EXPECT_EQ(summary->messages, 2);
  EXPECT_EQ(summary->recipients, 3);
  EXPECT_EQ(summary->queued, 1);
  EXPECT_EQ(summary->uncertain, 1);
  EXPECT_EQ(summary->sending, 1);
  EXPECT_EQ(summary->held, 0);
  EXPECT_EQ(summary->bytes, 150u);
  EXPECT_EQ(summary->oldest, clock_.wall() - Duration(60'000));
  EXPECT_EQ(summary->last_hour.accepted, 2);
  EXPECT_EQ(summary->last_hour.deferred, 1);
  EXPECT_EQ(reader().summary(clock_.wall() + std::chrono::hours(2))->last_hour.accepted, 0);
}

TEST_F(Reader, AnEmptyQueueHasASummaryToo) {
  const auto summary = reader().summary(clock_.wall());

  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->messages, 0);
  EXPECT_FALSE(summary->oldest);
}

TEST_F(Reader, ContentIsReadByChunks) {
  const std::string content(limits::kChunkBytes + 10, 'x');
  const MessageId id = accepted(message(), content);
  auto from = reader();

  EXPECT_EQ(from.chunk(id, 0).value() + from.chunk(id, 1).value(), content);
  EXPECT_EQ(from.chunk(id, 2).value(), "");
  EXPECT_EQ(from.chunk(MessageId{1}, 0).error().code, 1);
}

TEST_F(Reader, ItWorksWithTheDaemonDownAndChangesNothing) {
  accepted(message());
  close();

  EXPECT_EQ(list().size(), 1u);

  open();
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(Reader, ABackupOfTheLiveQueueIsAWholeQueue) {  // Q024
  for (int i = 0; i < 5; ++i) accepted(message());
  const std::string copy = (folder_ / "copy.db").string();

  const auto done = reader().backup(copy);

  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms(0600));
  EXPECT_FALSE(reader().backup(copy));
  close();
  options_.path = copy;
  open();
  EXPECT_EQ(claim().parcels.size(), 5u);
}

TEST_F(Reader, AQuickCheckTellsAWholeFileFromADamagedOne) {
  for (int i = 0; i < 50; ++i) accepted(message(), std::string(20'000, 'x'));
  const auto whole = reader().quick_check(std::chrono::minutes(1));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->fault, "");
  EXPECT_EQ(whole->seen, QuickCheck::Seen::Whole);
  const auto cut = reader().quick_check(Duration(0));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->seen, QuickCheck::Seen::Part);
  EXPECT_EQ(cut->fault, "");

  close();
  {
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 30; page < 60; ++page) {
      file.seekp(page * 4096);
      file << std::string(4096, '\x5a');
    }
  }

  const auto damaged = reader().quick_check(std::chrono::minutes(1));
  EXPECT_TRUE(!damaged || !damaged->fault.empty());
}

TEST_F(Reader, EventsComeLatestFirst) {
  queue_->record_event("one", "a", "");
  queue_->record_event("two", "b", "words");
  drain();

  const auto events = reader().events(10);

  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[0].kind, "two");
  EXPECT_EQ((*events)[0].text, "words");
}

TEST_F(Reader, WhatIsNoQueueIsSaidToBeNone) {
  EXPECT_EQ(QueueReader::open((folder_ / "none.db").string()).error().code, 66);
  const std::string foreign = (folder_ / "foreign.db").string();
  std::ofstream(foreign) << "some text that is no database, and long enough to be looked at as if it were "
                            "one........................";
  EXPECT_EQ(QueueReader::open(foreign).error().code, 65);
}

}  // namespace
}  // namespace mailchute
