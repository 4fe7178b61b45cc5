// What the jobs of one transaction mean to each other.
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Batch : public QueueTest {
 protected:
  Batch() { open(); }

  /// Keeps the store's thread busy until release(): what is asked meanwhile becomes one transaction.
  void hold() {
    accepted(message({"bob@example.org"}, "old"));
    auto choose = [held = held_.get_future().share(), this](const auto&, const auto&) {
      busy_.set_value();
      held.wait();
      return std::string("qq");
    };
    queue_->reroute({"qq"}, "", std::move(choose), [](const auto&) {});
    busy_.get_future().wait();
  }
  void release() { held_.set_value(); }

  void commit(NewMessage made, std::optional<QueueResult<void>>& answer) {
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append("Subject: hello\r\n\r\nhi\r\n");
    draft->commit(std::move(made), [&answer](QueueResult<void> result) { answer = std::move(result); });
  }

  std::int64_t commits() { return count("SELECT commits FROM meta"); }

 private:
  std::promise<void> busy_;
  std::promise<void> held_;
};

TEST_F(Batch, AJobThatFailsAloneFailsNobodyElse) {
  const NewMessage taken = message();
  accepted(taken);
  std::vector<std::optional<QueueResult<void>>> answers(5);
  int arrivals = 0;
  queue_->when_mail_arrives([&] { ++arrivals; });
  hold();
  const auto commits_before = commits();
  const int arrivals_before = arrivals;

  for (std::size_t i = 0; i < answers.size(); ++i) commit(i == 2 ? taken : message(), answers[i]);
  release();

  ASSERT_TRUE(loop_.run_until([&] { return answers.back().has_value(); }));
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i]->has_value(), i != 2) << i;
  // The one that was held, and one for all that waited.
  EXPECT_EQ(commits(), commits_before + 2);
  EXPECT_EQ(arrivals, arrivals_before + 2);
  EXPECT_EQ(count("SELECT sum(accepted) FROM tally"), 6);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 6);
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 6);
}

TEST_F(Batch, APurgeThatIsUndoneWithItsBatchIsDoneWithTheNext) {
  options_.history_bodies = Duration(1000);
  reopen();
  accepted(message());
  const auto claimed = claim();
  ASSERT_TRUE(settle(settlement(claimed.parcels.at(0), RecipientState::Delivered)));
  ASSERT_EQ(count("SELECT count(*) FROM chunk"), 1);
  const NewMessage taken = message();
  accepted(taken);
  clock_.advance(Duration(2000));
  hold();

  std::optional<QueueResult<void>> answer;
  queue_->purge(nullptr);
  commit(taken, answer);
  release();

  ASSERT_TRUE(loop_.run_until([&] { return answer.has_value(); }));
  EXPECT_FALSE(*answer);
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 2);
}

// Chance gives each recipient a wait of its own: those of two messages come due by turns.
TEST_F(Batch, RecipientsThatComeDueByTurnsAreClaimedMessageByMessage) {
  const MessageId first = accepted(message({"a@r.test", "b@r.test"}));
  const MessageId second = accepted(message({"c@r.test", "d@r.test"}));
  const auto claimed = claim();
  ASSERT_EQ(claimed.parcels.size(), 2u);
  for (std::size_t at = 0; at < 2; ++at) {
    Settlement end = settlement(claimed.parcels[at], RecipientState::Queued);
    for (std::size_t row = 0; row < 2; ++row)
      end.recipients[row].next_attempt += std::chrono::seconds(1 + at + 2 * row);
    ASSERT_TRUE(settle(std::move(end)));
  }
  clock_.advance(std::chrono::minutes(1));

  const auto again = claim();

  ASSERT_EQ(again.parcels.size(), 2u);
  EXPECT_EQ(again.parcels[0].id, first);
  EXPECT_EQ(again.parcels[1].id, second);
  for (const Parcel& parcel : again.parcels) EXPECT_EQ(parcel.recipients.size(), 2u);
}

}  // namespace
}  // namespace mailchute
