// Delay notices: once, in time, and for nobody who does not want them.
#include <gtest/gtest.h>

#include <string>

#include "unit/settle/settler_fixture.h"

namespace mailchute {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Delays : public SettlerTest {
 protected:
  Delays() {
    settler_->start();
    loop_.advance(hours(2));  // the patience after a start is over
  }

  void accept(const std::string& name, Notify notify = {}) {
    message_.id = MessageId{message_.id.value + 1};
    message_.received = loop_.wall();
    message_.expires = loop_.wall() + hours(120);
    message_.recipients.clear();
    recipient(name, notify);
    queue_.put(message_, "Subject: Invoice\r\n\r\nhello\r\n");
    settler_->mail_arrived();
  }
};

TEST_F(Delays, WhatWaitsLongIsToldOnceWithTheReasonAndTheTime) {
  accept("bob");
  queue_.row(message_.id).reply = {451, "4.3.2", "come again"};
  queue_.row(message_.id).stage = Stage::RcptTo;
  queue_.row(message_.id).next_attempt = loop_.wall() + hours(4) + minutes(30);
  loop_.advance(hours(4) - seconds(2));
  EXPECT_EQ(notices(), 0u);

  loop_.advance(seconds(10));
  ASSERT_EQ(notices(), 1u);
  for (const char* words :
       {"Subject: Delayed mail: Invoice\r\n", "tried again about Sun, 01 Mar 2026 18:30:00",
        "bob@example.net\r\nAction: delayed\r\n", "451 4.3.2 come again", "Subject: Invoice\r\n",
        "Fri, 06 Mar 2026 14:00:00"})
    EXPECT_NE(notice().content.find(words), std::string::npos) << words << "\n" << notice().content;
  EXPECT_EQ(notice().content.find("hello"), std::string::npos);

  loop_.advance(hours(100));
  EXPECT_EQ(notices(), 1u);
}

TEST_F(Delays, TheReasonIsExplainedByTheRulesOfToday) {
  ReplyRule greylisted;
  greylisted.id = "qq-first-visit";
  greylisted.text = {"come again"};
  greylisted.explanation.words = "The server wants to see the message twice.";
  options_.replies["qq"] = {greylisted};
  settler_->reconfigure(options_);
  accept("bob");
  queue_.row(message_.id).reply = {451, "4.3.2", "come again"};
  queue_.row(message_.id).stage = Stage::RcptTo;
  queue_.row(message_.id).upstream = "qq";

  loop_.advance(hours(5));

  ASSERT_EQ(notices(), 1u);
  EXPECT_NE(notice().content.find("The server wants to see the message twice."), std::string::npos)
      << notice().content;
}

TEST_F(Delays, NobodyIsAskedWhileNothingIsQueued) {
  const std::size_t looks = queue_.late_looks;
  loop_.advance(hours(1000));
  EXPECT_EQ(queue_.late_looks, looks);
  EXPECT_FALSE(loop_.next_alarm());
}

TEST_F(Delays, NotifyDecides) {
  accept("never", {.never = true});
  accept("failure", {.failure = true});
  accept("delay", {.delay = true});
  loop_.advance(hours(5));
  EXPECT_EQ(notices(), 1u);
  EXPECT_EQ(notices_with("delay@example.net"), 1u);
}

TEST_F(Delays, AutomaticMailNoticesAndTheNullSenderAreToldNothing) {
  message_.summary.automatic = true;
  accept("a");
  message_.summary.automatic = false;
  message_.sender.reset();
  accept("b");
  message_.sender = Mailbox("app", "example.org");
  message_.notice = true;
  accept("c");
  loop_.advance(hours(5));
  EXPECT_EQ(notices(), 0u);
}

TEST_F(Delays, ZeroMeansNever) {
  options_.delay_notice = Duration::zero();
  settler_->reconfigure(options_);
  accept("bob");
  loop_.advance(hours(50));
  EXPECT_EQ(notices(), 0u);
}

TEST_F(Delays, AShorterTimeHoldsForWhatIsQueuedAlready) {
  accept("bob");
  loop_.advance(hours(1));
  options_.delay_notice = minutes(30);
  settler_->reconfigure(options_);
  loop_.advance(minutes(31));
  EXPECT_EQ(notices(), 1u);
}

TEST_F(Delays, ManyAreToldAFewAtATime) {
  for (int i = 0; i < 70; ++i) accept("r" + std::to_string(i));
  const std::size_t looks = queue_.late_looks;
  loop_.advance(hours(5));
  EXPECT_EQ(notices(), 70u);
  EXPECT_LE(queue_.late_looks - looks, 6u);
}

TEST_F(Delays, EachIsToldInItsTime) {
  accept("early");
  loop_.advance(hours(2));
  accept("late");
  loop_.advance(hours(2) + minutes(1));
  EXPECT_EQ(notices(), 1u);
  loop_.advance(hours(2));
  EXPECT_EQ(notices(), 2u);
}

TEST_F(Delays, AfterARestartMailIsTriedBeforeAnyoneIsTold) {
  accept("bob");
  loop_.jump(hours(12));  // it was switched off
  restart();
  loop_.advance(minutes(59));
  EXPECT_EQ(notices(), 0u);
  loop_.advance(minutes(2));
  EXPECT_EQ(notices(), 1u);
}

TEST_F(Delays, ACalendarThatJumpsForwardMakesNoMailLate) {
  accept("bob");
  loop_.advance(minutes(1));
  loop_.jump(hours(24 * 365));
  settler_->reconfigure(options_);
  loop_.advance(hours(3));
  EXPECT_EQ(notices(), 0u);
  loop_.advance(hours(6));
  EXPECT_EQ(notices(), 1u);
}

TEST_F(Delays, AFullDiskPutsItOff) {
  accept("bob");
  queue_.set_full("no space");
  loop_.advance(hours(5));
  EXPECT_EQ(notices(), 0u);
  queue_.set_full(std::nullopt);
  loop_.advance(minutes(2));
  EXPECT_EQ(notices(), 1u);
}

}  // namespace
}  // namespace mailchute
