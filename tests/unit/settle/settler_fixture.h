// A settler before a queue in memory, on a clock that a test turns, with one message of one sender at a time.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "fake/fake_loop.h"
#include "fake/fake_queue.h"
#include "fake/fake_random.h"
#include "settle/settler.h"

namespace mailchute {

class SettlerTest : public testing::Test {
 protected:
  SettlerTest() {
    log::configure(log::Level::Error, log::Format::Text);
    SettleOptions& options = options_;
    options.routes = {{"*", "*", {"qq"}}};
    options.hostname = "relay.example.org";
    options.mail_domain = "example.org";
    options.aliases = Aliases({{}, Mailbox("ops", "example.com"), "example.org", "relay.example.org"});
    options.hosts["qq"] = "smtp.qq.example";
    options.rules.retry.jitter = 0;
    settler_->reconfigure(options);
    settler_->when_untold([this](MessageId id, const char* why) { untold_.emplace_back(id, why); });
    message_.id = MessageId{1000};
    message_.sender = Mailbox("app", "example.org");
    message_.summary.subject = "Invoice";
    message_.received = loop_.wall();
    message_.expires = loop_.wall() + std::chrono::hours(120);
  }

  void recipient(const std::string& name, Notify notify = {}) {
    message_.recipients.push_back({{Mailbox(name, "example.net"), notify, ""}, "qq"});
  }

  void in_trouble(const std::string& upstream, Stage stage, Reply reply) {
    UpstreamState& state = queue_.upstreams[upstream];
    state.name = upstream;
    state.trouble = "login";
    state.stage = stage;
    state.reply = std::move(reply);
  }

  /// Stores the message and claims it.
  Parcel claimed(std::string content = "Subject: Invoice\r\n\r\nhello\r\n") {
    queue_.put(message_, std::move(content));
    return claimed_again();
  }

  /// The message stored before, whenever it is due.
  Parcel claimed_again() {
    for (auto& row : queue_.messages.at(message_.id).rows) row.next_attempt = loop_.wall();
    std::optional<Parcel> parcel;
    queue_.claim({{"qq", "qq", 1000, 100}}, loop_.wall(), [&](QueueResult<Claimed> result) {
      for (Parcel& each : result->parcels)
        if (each.id == message_.id) parcel = std::move(each);
    });
    loop_.run();
    return std::move(*parcel);
  }

  /// The message stored before, from a route of its own.
  Parcel claimed_by(const std::string& route, const std::string& upstream) {
    std::optional<Parcel> parcel;
    queue_.claim({{route, upstream, 1, 100}}, loop_.wall(),
                 [&](QueueResult<Claimed> result) { parcel = std::move(result->parcels.at(0)); });
    loop_.run();
    return std::move(*parcel);
  }

  static Verdict said(Fate fate, Blame blame, int code) {
    return {fate, blame, Stage::RcptTo, {code, "", "words"}, false};
  }

  void settle(Parcel parcel, std::vector<Verdict> verdicts) {
    Attempt attempt;
    attempt.parcel = std::move(parcel);
    attempt.verdicts = std::move(verdicts);
    attempt.record.upstream = "qq";
    attempt.dsn = dsn_;
    ended_ = 0;
    settler_->settle(std::move(attempt), [this](const Settling::Settled& settled) {
      const std::optional<WallTime> next = settled.next_attempt;
      ++ended_;
      next_ = next;
      narrowed_route_ = settled.narrowed_route;
    });
    EXPECT_EQ(ended_, 0);
    loop_.run();
  }

  /// Another process with the same queue.
  void restart() {
    settler_.reset();
    loop_.drop_posted();
    queue_.restart();
    settler_.emplace(queue_, loop_, loop_, random_, ids_, options_);
    settler_->start();
    loop_.run();
  }

  /// Another message of the same sender, refused at once with these words.
  void refuse_another(int code = 550, const std::string& enhanced = "5.1.1", const std::string& rule = "") {
    message_.id = MessageId{message_.id.value + 1};
    message_.received = loop_.wall();
    message_.recipients.clear();
    recipient("r" + std::to_string(message_.id.value));
    Verdict refused = said(Fate::Refused, Blame::Recipient, code);
    refused.reply.enhanced = enhanced;
    refused.rule = rule;
    settle(claimed(), {refused});
  }

  /// Notices of any kind that say this.
  std::size_t notices_with(const std::string& words) const {
    return static_cast<std::size_t>(
        std::count_if(queue_.messages.begin(), queue_.messages.end(), [&](const auto& entry) {
          return entry.second.facts.source.kind == "notice" &&
                 entry.second.content.find(words) != std::string::npos;
        }));
  }

  std::size_t notices() const { return notices_with(""); }
  const fake::FakeQueue::Message& notice() const { return queue_.messages.rbegin()->second; }

  std::string narrowed_route_;
  fake::FakeLoop loop_;
  fake::FakeRandom random_;
  fake::FakeQueue queue_{loop_};
  MessageIds ids_{loop_, random_, MessageId{2000}};
  SettleOptions options_;
  std::optional<Settler> settler_{std::in_place, queue_, loop_, loop_, random_, ids_, SettleOptions{}};
  NewMessage message_;
  Attempt::Dsn dsn_ = Attempt::Dsn::Offered;
  std::vector<std::pair<MessageId, std::string>> untold_;
  int ended_ = 0;
  std::optional<WallTime> next_;
};

inline const Verdict kDelivered{Fate::Delivered, Blame::Message, Stage::FinalDot, {250, "", "ok"}, false};

}  // namespace mailchute
