// A dispatcher between a queue in memory and couriers whose connections are a test's words.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "fake/fake_courier.h"
#include "fake/fake_loop.h"
#include "fake/fake_queue.h"
#include "fake/fake_random.h"
#include "schedule/dispatcher.h"
#include "store/route_text.h"

namespace mailchute {

using fake::FakeCourier;
using std::chrono::minutes;
using std::chrono::seconds;

/// Settles by one rule: delivered is delivered, what another upstream may take goes on, anything else waits
/// five minutes; remembers what it was given.
class PlainSettling final : public Settling {
 public:
  PlainSettling(fake::FakeQueue& queue, const Clock& clock) : queue_(queue), clock_(clock) {}

  std::vector<std::string> expired;
  std::size_t attempts = 0;

  void settle(Attempt attempt, UniqueFunction<void(Settled)> then) override {
    ++attempts;
    Settlement settlement = of(attempt.parcel);
    const bool delivered = attempt.verdicts.front().fate == Fate::Delivered;
    const bool goes_on = attempt.verdicts.front().remedy == Remedy::OtherUpstream;
    const std::string route = goes_on ? narrowed(attempt.parcel.route, attempt.parcel.upstream) : "";
    const WallTime next = route.empty() ? clock_.wall() + minutes(5) : clock_.wall();
    for (RecipientSettlement& end : settlement.recipients) {
      end.state = delivered ? RecipientState::Delivered : RecipientState::Queued;
      end.next_attempt = next;
      end.route = route;
    }
    queue_.settle(settlement,
                  [then = std::move(then), delivered, next, route](const QueueResult<void>&) mutable {
                    then({true, delivered ? std::nullopt : std::optional(next), route});
                  });
  }

  void expire(Parcel parcel, UniqueFunction<void()> then) override {
    expired.push_back(parcel.id.text());
    Settlement settlement = of(parcel);
    for (RecipientSettlement& end : settlement.recipients) end.state = RecipientState::Failed;
    queue_.settle(settlement, [then = std::move(then)](const QueueResult<void>&) mutable { then(); });
  }

 private:
  static Settlement of(const Parcel& parcel) {
    Settlement settlement;
    settlement.id = parcel.id;
    for (const ParcelRecipient& recipient : parcel.recipients) {
      RecipientSettlement end;
      end.row = recipient.row;
      settlement.recipients.push_back(end);
    }
    return settlement;
  }

  fake::FakeQueue& queue_;
  const Clock& clock_;
};

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() {
    log::configure(log::Level::Error, log::Format::Text);
    options_.routes = {{"office@*", "*", {"office", "qq"}}, {"*", "*", {"qq"}}};
    dispatcher_ = std::make_unique<Dispatcher>(queue_, loop_, loop_, random_, options_, settling_);
    qq_ = add("qq");
    office_ = add("office");
  }

  FakeCourier* add(const std::string& name, std::size_t room = 4) {
    auto courier = std::make_unique<FakeCourier>(name, *dispatcher_, room);
    FakeCourier* raw = courier.get();
    dispatcher_->add(name, std::move(courier), limits());
    return raw;
  }

  static UpstreamLimits limits() {
    UpstreamLimits limits;
    limits.connections_max = 2;
    limits.recipients_max = 10;
    limits.secret_fingerprint = "secret";
    return limits;
  }

  /// qq anew, with room for many and a limit.
  void limit_qq(const std::string& what, Rate rate) {
    UpstreamLimits limited = limits();
    limited.quota[what] = rate;
    auto courier = std::make_unique<FakeCourier>("qq", *dispatcher_, 100);
    qq_ = courier.get();
    dispatcher_->add("qq", std::move(courier), std::move(limited));
    loop_.run();
  }

  void start(std::vector<UpstreamState> saved = {}) {
    dispatcher_->start({std::move(saved), std::move(spendings_), queue_.narrowed_routes()});
    loop_.run();
  }

  MessageId put(const std::string& route = "qq") {
    NewMessage message;
    message.id = MessageId{++last_id_};
    message.sender = Mailbox("app", "example.org");
    message.recipients.push_back({{Mailbox("bob", "example.net"), {}, ""}, route});
    message.received = loop_.wall();
    message.expires = loop_.wall() + options_.lifetime;
    queue_.put(message, "Subject: x\r\n\r\nhello\r\n");
    return message.id;
  }

  MessageId accept(const std::string& route = "qq") {
    const MessageId id = put(route);
    queue_.announce();
    loop_.run();
    return id;
  }

  RecipientState state(MessageId id) { return queue_.row(id).state; }

  UpstreamStatus status(const std::string& name) const {
    for (const UpstreamStatus& status : dispatcher_->status())
      if (status.name == name) return status;
    return {};
  }

  static Verdict deferred(int code, Stage stage = Stage::FinalDot, Blame blame = Blame::Message) {
    return {Fate::Deferred, blame, stage, {code, "", "words"}, false};
  }

  /// Of the oldest that qq holds, which is taken from it.
  Attempt refused_attempt() {
    Attempt attempt;
    attempt.parcel = std::move(qq_->held.front());
    qq_->held.pop_front();
    attempt.verdicts = {{Fate::Refused, Blame::Message, Stage::FinalDot, {554, "", "no"}, false}};
    return attempt;
  }

  static Verdict beyond() {
    Verdict verdict{Fate::Refused, Blame::Message, Stage::MailFrom, {552, "5.3.4", "too large"}, false};
    verdict.remedy = Remedy::OtherUpstream;
    return verdict;
  }

  void delivers(FakeCourier& courier) {
    courier.deliver_one();
    loop_.run();
  }

  std::vector<Spending> spendings_;
  fake::FakeLoop loop_;
  fake::FakeRandom random_;
  fake::FakeQueue queue_{loop_};
  PlainSettling settling_{queue_, loop_};
  DispatchOptions options_;
  std::unique_ptr<Dispatcher> dispatcher_;
  FakeCourier* qq_ = nullptr;
  FakeCourier* office_ = nullptr;
  std::int64_t last_id_ = 0;
};

}  // namespace mailchute
