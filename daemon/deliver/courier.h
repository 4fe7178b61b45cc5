// The seam to delivery: takes a parcel to its upstream and brings back what was said. Loop thread only.
// Decides nothing about retries: that is settle's and schedule's work.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "mail/verdict.h"
#include "store/queue.h"

namespace mailchute {

/// The end of an attempt: one verdict for each recipient of the parcel, in its order.
struct Attempt {
  Parcel parcel;
  std::vector<Verdict> verdicts;
  AttemptRecord record;
  /// Whether the upstream takes over what the sender wants to be told of a success (RFC 3461 5.2).
  enum class Dsn { Offered, NotOffered } dsn = Dsn::Offered;
  /// Set where this attempt changed it: to be kept, for Courier::take_up() after a restart.
  std::optional<RefusedAlike> refused_alike = std::nullopt;
};

/// A parcel that was never begun with the upstream (no MAIL FROM was said, or only over a connection that had
/// died idle): nothing is known against it.
struct Returned {
  Parcel parcel;
};

/// Trouble of the upstream itself. Reported once a connection that failed, not once a parcel.
struct UpstreamTrouble {
  enum class Kind {
    Connection,  ///< Resolve, connect, TLS, greeting, EHLO, lost before MAIL.
    Login,       ///< The credential was refused, or there is no way to present it.
    Setup,       ///< Our side: no secret readable, no roots loadable.
  } kind = Kind::Connection;
  Stage stage = Stage::Connect;
  Reply reply;
  std::string rule = {};                      ///< As of a Verdict, where a reply was judged.
  std::optional<Pause> pause = std::nullopt;  ///< Empty: the ladder of the kind.
  Alert alert = Alert::None;
  /// Mark of the secret that this login was tried with (net/fingerprint.h): by the time it is refused,
  /// another one may be in use. Empty: it has none.
  std::string secret_mark = {};
};

/// What a courier tells. All of it on the loop thread, never from inside deliver().
class CourierListener {
 public:
  virtual ~CourierListener() = default;
  /// `settled` is to be called once the attempt's end is on disk; until then its connection sends nothing
  /// more, so that a crash leaves at most one message of a connection in doubt. Never called: the queue is
  /// broken, and nothing more is to be sent.
  virtual void on_attempt(const std::string& upstream, Attempt attempt, UniqueFunction<void()> settled) = 0;
  virtual void on_returned(const std::string& upstream, Returned returned) = 0;
  /// Presented: a connection is about to present its credential; on_ready() or on_trouble() follows, unless
  /// the connection is given up meanwhile. Unjudged: it ended without a word about the credential, at an
  /// upstream that works otherwise.
  enum class LoginNews { Presented, Unjudged };
  virtual void on_login(const std::string& upstream, LoginNews news) = 0;
  /// A connection is logged in and ready: whatever trouble there was is over.
  virtual void on_ready(const std::string& upstream) = 0;
  virtual void on_trouble(const std::string& upstream, UpstreamTrouble trouble) = 0;
  /// room() may have grown.
  virtual void on_room(const std::string& upstream) = 0;
};

/// One upstream's delivery side.
class Courier {
 public:
  virtual ~Courier() = default;

  /// Parcels that deliver() would take now: free connections, and a few more to keep each busy.
  virtual std::size_t room() const = 0;

  /// Takes the parcel; its end comes through the listener as exactly one on_attempt or on_returned.
  virtual void deliver(Parcel parcel) = 0;

  /// At most this many connections at once from now on (a ramp after an outage); never beyond the configured
  /// maximum. 0: the upstream is to be left alone: what is not begun is returned, what is in flight is
  /// finished, nothing is opened.
  virtual void allow_connections(std::size_t count) = 0;

  /// What an earlier run, or the courier before this one, had told with its attempts.
  virtual void take_up(RefusedAlike refused) = 0;

  /// The next connection logs in with the secret as it is by then: somebody may have mended it.
  virtual void read_secret_again() = 0;

  /// Finishes what is in flight, returns what is not begun, says QUIT. room() is 0 from now on.
  virtual void shut_down() = 0;

  /// Open connections, for `status`.
  virtual std::size_t connections() const = 0;
};

}  // namespace mailchute
