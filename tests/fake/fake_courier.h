// A courier whose connections are a test's words: parcels wait in `held` until the test says how they end.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "deliver/courier.h"
#include "fake/fake_loop.h"

namespace mailchute::fake {

class FakeCourier final : public Courier {
 public:
  FakeCourier(std::string name, CourierListener& listener, std::size_t room_max = 4)
      : name_(std::move(name)), listener_(listener), room_max_(room_max) {}
  ~FakeCourier() override {
    if (on_destroyed) on_destroyed();
  }

  std::deque<Parcel> held;
  std::size_t settled = 0;       ///< Attempts whose end the listener has called settled.
  std::size_t delivered_to = 0;  ///< Calls of deliver() so far.
  std::size_t allowed = 0;
  std::size_t connected = 0;  ///< What connections() says.
  bool shut = false;
  std::size_t secrets_read_again = 0;
  RefusedAlike refused_alike;  ///< As it was taken up.
  UniqueFunction<void()> on_destroyed;

  std::size_t room() const override { return shut || held.size() >= room_max_ ? 0 : room_max_ - held.size(); }
  void deliver(Parcel parcel) override {
    CHECK(room() > 0);
    ++delivered_to;
    held.push_back(std::move(parcel));
  }
  void allow_connections(std::size_t count) override { allowed = count; }
  void take_up(RefusedAlike refused) override { refused_alike = std::move(refused); }
  void read_secret_again() override { ++secrets_read_again; }
  void shut_down() override { shut = true; }
  std::size_t connections() const override { return connected; }

  /// Ends the oldest parcel with the same verdict for all its recipients.
  void end(const Verdict& verdict) {
    Attempt attempt;
    attempt.parcel = take();
    attempt.verdicts.assign(attempt.parcel.recipients.size(), verdict);
    attempt.record.upstream = name_;
    attempt.record.stage = verdict.stage;
    attempt.record.reply = verdict.reply;
    attempt.record.in_doubt = verdict.in_doubt;
    listener_.on_attempt(name_, std::move(attempt), [this] { ++settled; });
  }

  void deliver_one() {
    end({Fate::Delivered, Blame::Message, Stage::FinalDot, {250, "2.0.0", "queued"}, false});
  }

  void give_back_one() { listener_.on_returned(name_, Returned{take()}); }
  void give_back_all() {
    while (!held.empty()) give_back_one();
  }

  void present_login() { listener_.on_login(name_, CourierListener::LoginNews::Presented); }
  void become_ready() { listener_.on_ready(name_); }
  void make_room(std::size_t room_max) {
    room_max_ = room_max;
    listener_.on_room(name_);
  }

  /// A connection failed: the trouble, and all parcels back, as a courier does.
  void fail(UpstreamTrouble::Kind kind, Stage stage, Reply reply) {
    listener_.on_trouble(name_, {kind, stage, std::move(reply)});
    give_back_all();
  }
  void refuse_login() {
    fail(UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "authentication failed"});
  }
  void refuse_connection() {
    fail(UpstreamTrouble::Kind::Connection, Stage::Connect, {0, "", "connection refused"});
  }

 private:
  Parcel take() {
    CHECK(!held.empty());
    Parcel parcel = std::move(held.front());
    held.pop_front();
    return parcel;
  }

  std::string name_;
  CourierListener& listener_;
  std::size_t room_max_;
};

}  // namespace mailchute::fake
