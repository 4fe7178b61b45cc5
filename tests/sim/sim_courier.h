// A courier with connections that take time and fail by chance: opens, logs in, carries one parcel at a time,
// and judges replies by the real table of deliver/reply_rules.h. What reached the provider is written down
// before the reply is on its way, so that a crash can fall in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lifeline.h"
#include "deliver/courier.h"
#include "deliver/refusal_row.h"
#include "deliver/reply_rules.h"
#include "fake/fake_loop.h"
#include "fake/fake_random.h"
#include "sim/provider.h"

namespace mailchute::sim {

class SimCourier final : public Courier {
 public:
  SimCourier(std::string name, Provider& provider, Truth& truth, fake::FakeLoop& loop,
             fake::FakeRandom& random, Queue& queue, CourierListener& listener, std::size_t connections_max);

  std::size_t room() const override;
  void deliver(Parcel parcel) override;
  void allow_connections(std::size_t count) override;
  void take_up(RefusedAlike refused) override { refusals_.take_up(std::move(refused)); }
  void read_secret_again() override {}
  void shut_down() override;
  std::size_t connections() const override { return lines_.size(); }

 private:
  struct Line {
    std::unique_ptr<Alarm> alarm;
    std::optional<Parcel> parcel;
    std::uint64_t number = 0;
    bool refused = false;  ///< Its login.
    bool ready = false;
    bool settling = false;  ///< The queue has not kept the end of its last parcel yet.
    bool used = false;
  };
  struct Outcome {
    std::vector<ReplyContext>
        said;  ///< One for each recipient; empty: the connection was closed before MAIL.
    bool closes = false;
  };

  void turn();
  void turn_soon();
  void open_line();
  void opened(Line& line);
  void login_answered(Line& line);
  void carry(Line& line);
  void answer(Line& line, const Outcome& outcome);
  void write_down(const Attempt& attempt);
  void idle(Line& line);
  void settled(std::uint64_t number);
  void mark_sent(const Parcel& parcel);
  void drop(Line& line);
  void trouble(UpstreamTrouble::Kind kind, Stage stage, Reply reply);
  void return_waiting();

  Outcome transact(const Parcel& parcel);
  std::optional<Outcome> chance_fault(const Parcel& parcel);
  ReplyContext reply_for(const Parcel& parcel, const std::string& address);
  void take(const Parcel& parcel, const std::string& address);
  Outcome same_for_all(const Parcel& parcel, const ReplyContext& said, bool closes) const;
  Duration while_(std::uint64_t milliseconds_max) { return Duration(1 + random_.below(milliseconds_max)); }

  std::string name_;
  Provider& provider_;
  Truth& truth_;
  fake::FakeLoop& loop_;
  fake::FakeRandom& random_;
  Queue& queue_;
  CourierListener& listener_;
  std::size_t connections_max_;
  std::size_t allowed_ = 1;
  bool shutting_down_ = false;
  RefusalRow refusals_;
  std::deque<Parcel> waiting_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::uint64_t lines_opened_ = 0;
  std::vector<std::unique_ptr<Line>> buried_;
  std::unique_ptr<Alarm> turn_alarm_;
  Lifeline lifeline_;
};

}  // namespace mailchute::sim
