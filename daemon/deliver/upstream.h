// One provider as the relay uses it: few connections, many messages over each, logins only when there is
// something to send. Carries parcels and reports what was said; when to try again is schedule's to decide.
// Loop thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/secret.h"
#include "base/unique_function.h"
#include "deliver/courier.h"
#include "deliver/refusal_row.h"
#include "deliver/upstream_connection.h"

namespace mailchute {

/// Parcels that are kept at hand for each connection, so that none waits for a claim between two messages.
inline constexpr std::size_t kParcelsAhead = 16;

/// Reads an upstream's secret away from the loop and gives it to `then` on the loop, never from inside the
/// call.
using FetchSecret = UniqueFunction<void(UniqueFunction<void(Result<Secret>)> then)>;

class Upstream final : public Courier, private UpstreamConnectionUser {
 public:
  /// `fetch_secret` is asked before the first connection and again after a refused login, for a token before
  /// each connection; without a user it is never asked.
  Upstream(UpstreamSettings settings, std::string ehlo_name, FetchSecret fetch_secret,
           const DeliveryTools& tools, CourierListener& listener);
  ~Upstream() override;

  std::size_t room() const override;
  void deliver(Parcel parcel) override;
  void allow_connections(std::size_t count) override;
  void take_up(RefusedAlike refused) override { refusals_.take_up(std::move(refused)); }
  void read_secret_again() override { secret_.reset(); }
  void shut_down() override;
  std::size_t connections() const override;

 private:
  /// A connection and the deadline after which it is closed for having nothing to do.
  struct Line {
    std::unique_ptr<UpstreamConnection> connection;
    std::unique_ptr<Alarm> idle;
    bool ending = false;       ///< The upstream wants no more over it.
    std::uint64_t number = 0;  ///< Of its own, for what is said of it later.
    bool settling = false;     ///< The end of its last message is not on disk yet.
    std::string secret_mark;   ///< As in UpstreamTrouble.
  };

  void on_login(UpstreamConnection&) override {
    listener_.on_login(settings_.name, CourierListener::LoginNews::Presented);
  }
  void on_idle(UpstreamConnection& connection) override;
  void on_carried(UpstreamConnection& connection, Parcel parcel, client_event::Finished finished) override;
  void on_gone(UpstreamConnection& connection, Stage stage, const Reply& reply) override;

  void turn();
  void turn_soon();
  void feed(UpstreamConnection& connection);
  void attempted(UpstreamConnection& connection, Parcel parcel, const client_event::Finished& finished);
  void settled(std::uint64_t line);
  void open_lines();
  void open_line();
  void fetch_secret();
  void forget_token();
  void secret_fetched(Result<Secret> secret);
  void trouble(const Line& line, Stage stage, const Reply& reply);
  void return_waiting();
  Attempt attempt_of(const UpstreamConnection& connection, Parcel parcel,
                     const client_event::Finished& finished) const;
  std::size_t count(UpstreamConnection::Phase phase) const;
  std::size_t connections_max() const;
  Line& line_of(const UpstreamConnection& connection);

  UpstreamSettings settings_;
  std::string ehlo_name_;
  FetchSecret fetch_secret_;
  DeliveryTools tools_;
  CourierListener& listener_;
  std::optional<Secret> secret_;
  bool fetching_secret_ = false;
  RefusalRow refusals_;
  std::deque<Parcel> waiting_;
  std::vector<Line> lines_;
  std::uint64_t lines_opened_ = 0;
  std::vector<Line> buried_;  ///< Gone, until the loop is out of their callbacks.
  std::size_t allowed_;       ///< By the schedule: a ramp after an outage.
  std::optional<std::size_t>
      upstream_max_;  ///< What the upstream was seen to put up with, when that is less.
  bool shutting_down_ = false;
  std::unique_ptr<Alarm> turn_;
  bool turn_set_ = false;
  Lifeline lifeline_;
};

}  // namespace mailchute
