// Tries an upstream as delivery would, and sends nothing: resolves, connects, puts TLS on, says EHLO, logs
// in, and asks whether it would take mail from the sender that delivery would name (MAIL, then RSET). Each
// step is told as it ends, with what was said and what that means. One connection, and one login at most: a
// credential that was refused is not tried a second time. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/secret.h"
#include "mail/explanation.h"
#include "mail/verdict.h"
#include "net/dialer.h"
#include "settings/settings.h"
#include "smtp/client_session.h"

namespace mailchute {

/// How far it goes, and who we are on the way.
struct ProbeWish {
  std::string ehlo_name;
  Secret credential;  ///< As settings/secret.h reads it.
  /// Offers: up to what EHLO offers, without a login.
  enum class Depth { Offers, Login, Sender } depth = Depth::Sender;
  Duration patience{60'000};  ///< For one step; the upstream's own timeouts where they are shorter.
};

/// One step that has ended. What it learned is not made safe to show, but for `tls`.
struct ProbeStep {
  enum class Outcome { Good, Failed } outcome = Outcome::Good;
  Stage stage = Stage::Resolve;
  Duration took{};
  Reply reply;  ///< The last word; code 0 and text: what happened instead; all empty where nobody was asked.

  std::vector<std::string> addresses;  ///< Resolve: in the order in which they are tried.
  std::string peer;                    ///< Connect: the one that answered.
  std::optional<TlsFacts> tls;         ///< Tls.
  std::optional<Extensions> offered;   ///< Ehlo.
  std::optional<Mailbox> sender;       ///< MailFrom; empty: the null sender.

  // Of a failure.
  std::optional<Verdict> verdict;
  std::optional<Explanation> explanation;
};

/// Told of the steps; the probe must not be destroyed inside.
class ProbeUser {
 public:
  virtual ~ProbeUser() = default;
  virtual void on_step(const ProbeStep& step) = 0;
  /// The last word. Good means that every step that was wished for was; a failed step is the last one told.
  virtual void on_finished(ProbeStep::Outcome outcome) = 0;
};

struct ProbeTools {
  Dialer& dialer;
  Alarms& alarms;
  const Clock& clock;
};

/// The sender that MAIL is tried with: what `envelope_sender` says; for `keep` the login, where it is an
/// address, else postmaster of this machine's domain.
Mailbox trial_sender(const UpstreamSettings& upstream);

class Probe final : private StreamUser {
 public:
  Probe(UpstreamSettings settings, ProbeWish wish, const ProbeTools& tools, ProbeUser& user);
  ~Probe() override;

  /// Once. Nothing is told from inside the call.
  void start();

 private:
  void on_bytes(std::string_view bytes) override;
  void on_end(const StreamEnd& end) override;
  void on_secured(const TlsFacts& facts) override;

  void resolved(const std::vector<std::string>& addresses);
  void connected(std::unique_ptr<Stream> stream);
  void put_tls_on();
  void pump();
  void arm();
  void time_out();
  void settle_heard();

  void handle(client_event::TlsWanted);
  void handle(client_event::Heard heard);
  void handle(client_event::Ready);
  void handle(client_event::ContentWanted) {}  // nothing is sent
  void handle(client_event::Finished) {}       // nothing is sent
  void handle(client_event::Failed failed);
  void handle(client_event::Closed);

  void good(ProbeStep step);
  void failed(Stage stage, Reply reply);
  void tell(ProbeStep step);
  void finish();

  UpstreamSettings settings_;
  ProbeWish::Depth depth_;
  ProbeTools tools_;
  ProbeUser& user_;
  Mailbox sender_;
  ClientSession session_;
  SteadyTime since_{};  ///< The last step's end.
  std::unique_ptr<Alarm> alarm_;
  std::unique_ptr<Dialing> dialing_;
  std::unique_ptr<Stream> stream_;
  std::optional<std::uint64_t> armed_epoch_;
  std::optional<client_event::Heard> heard_;  ///< Not judged yet: a failure may follow from it.
  bool securing_ = false;
  bool sender_tried_ = false;
  bool finished_ = false;
  ProbeStep::Outcome outcome_ = ProbeStep::Outcome::Good;
  Lifeline lifeline_;
};

}  // namespace mailchute
