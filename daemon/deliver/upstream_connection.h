// One connection to an upstream: dials, puts TLS on, logs in, and then carries one parcel after another. The
// pump between a ClientSession and a Stream; decides nothing about retries. Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/secret.h"
#include "deliver/outgoing_content.h"
#include "net/dialer.h"
#include "settings/settings.h"
#include "smtp/client_session.h"
#include "smtp/dialogue_lines.h"
#include "store/queue.h"

namespace mailchute {

class UpstreamConnection;

/// What a connection tells its upstream. None of it from inside a call into the connection's constructor or
/// open(); the connection must not be destroyed inside these.
class UpstreamConnectionUser {
 public:
  virtual ~UpstreamConnectionUser() = default;
  /// The credential is about to be presented; on_idle or on_gone follows.
  virtual void on_login(UpstreamConnection& connection) = 0;
  /// Logged in, nothing under way: carry() may be called.
  virtual void on_idle(UpstreamConnection& connection) = 0;
  /// The parcel's transaction is over; on_idle or on_gone follows.
  virtual void on_carried(UpstreamConnection& connection, Parcel parcel, client_event::Finished finished) = 0;
  /// The last word. `stage` and `reply` say why; Stage::Quit after a goodbye in order.
  virtual void on_gone(UpstreamConnection& connection, Stage stage, const Reply& reply) = 0;
};

/// What a connection needs from around it.
struct DeliveryTools {
  Dialer& dialer;
  Alarms& alarms;
  const Clock& clock;
  Queue& queue;
};

class UpstreamConnection final : private StreamUser {
 public:
  UpstreamConnection(const UpstreamSettings& settings, const std::string& ehlo_name, Secret password,
                     const DeliveryTools& tools, UpstreamConnectionUser& user);
  ~UpstreamConnection() override;

  /// Starts to dial.
  void open();

  /// Sends a parcel; only when idle().
  void carry(Parcel parcel);

  /// Says QUIT once nothing is under way, and then on_gone.
  void quit();

  enum class Phase { Opening, Idle, Carrying, Leaving, Gone };
  Phase phase() const { return phase_; }
  /// Parcels begun on it.
  std::size_t carried() const { return carried_; }
  /// Parcels that came to a reply of the upstream other than a goodbye: proof that the connection worked.
  std::size_t completed() const { return completed_; }
  /// It was logged in once.
  bool was_ready() const { return was_ready_; }
  /// It has presented its credential.
  bool presented() const { return presented_; }

  /// What the upstream offered after its last EHLO.
  const Extensions& offered() const { return session_.extensions(); }
  /// `203.0.113.9:465`, and `TLSv1.3 TLS_AES_256_GCM_SHA384`; empty before they are known.
  std::string peer() const { return peer_; }
  const std::string& tls() const { return tls_; }
  SteadyTime carrying_since() const { return carrying_since_; }
  WallTime carrying_since_wall() const { return carrying_since_wall_; }

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end(const StreamEnd& end) override;
  void on_drained() override;
  void on_secured(const TlsFacts& facts) override;

  void connected(std::unique_ptr<Stream> stream);
  void put_tls_on();
  void begin_message();
  void pump();
  void flush();
  enum class Side { Ours, Theirs };
  void note(Side side, std::string_view bytes);
  void feed_content();
  void mark_sent();
  void arm();
  void time_out();
  void gone(Stage stage, const Reply& reply);
  void hand_back(Stage stage, const Reply& reply);

  void handle(client_event::TlsWanted);
  void handle(client_event::Heard) {}  // not asked for
  void handle(client_event::Ready ready);
  void handle(client_event::ContentWanted);
  void handle(client_event::Finished finished);
  void handle(client_event::Failed failed);
  void handle(client_event::Closed);

  UpstreamSettings settings_;
  DeliveryTools tools_;
  UpstreamConnectionUser& user_;
  ClientSession session_;
  std::unique_ptr<Dialing> dialing_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Alarm> alarm_;
  std::unique_ptr<Alarm> doubt_;  ///< While a final reply is waited for.
  std::optional<std::uint64_t> armed_epoch_;
  Phase phase_ = Phase::Opening;
  bool securing_ = false;
  bool pumping_ = false;
  bool content_wanted_ = false;
  std::optional<Parcel> parcel_;
  std::unique_ptr<OutgoingContent> content_;
  bool sending_ = false;  ///< The parcel has been given to the session.
  std::size_t carried_ = 0;
  std::size_t completed_ = 0;
  bool was_ready_ = false;
  bool presented_ = false;
  bool all_content_sent_ = false;
  std::string peer_;
  std::string tls_;
  SteadyTime carrying_since_{};
  WallTime carrying_since_wall_{};
  std::optional<DialogueLines> dialogue_;  ///< For the log, where it wants them.
  Lifeline lifeline_;
};

}  // namespace mailchute
