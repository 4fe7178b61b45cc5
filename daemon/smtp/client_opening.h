// The part of a client session that comes before any message: greeting, EHLO, STARTTLS, login (RFC 5321 3.1,
// RFC 3207, RFC 4954). Its one safety rule: with a user, nothing goes on unless logged in; with STARTTLS
// required, nothing goes on in clear. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/result.h"
#include "smtp/client_dialogue.h"
#include "smtp/sasl.h"

namespace mailchute {

class ClientOpening {
 public:
  /// StartTls::Never means that the stream is as secure as it will get: AUTH is then said without further
  /// question. The driver must have put TLS on it already, or have left the user empty.
  explicit ClientOpening(ClientOptions options);

  enum class Progress { Waiting, TlsWanted, LoggedIn };
  using Step = tl::expected<Progress, client_event::Failed>;

  /// Takes the reply to `what`, whose text is whole, and says what comes next.
  Step answer(Awaited what, const Reply& reply, ClientDialogue& dialogue);

  /// TLS is on: everything learned in clear is forgotten (RFC 3207 4.2), and the upstream is asked anew.
  void secured(ClientDialogue& dialogue);
  bool awaits_tls() const { return tls_ == Tls::Handshake; }

  const Extensions& offered() const { return offered_; }

 private:
  Step greeted(const Reply& reply, ClientDialogue& dialogue);
  Step introduced(const Reply& reply, ClientDialogue& dialogue);
  Step introduced_simply(const Reply& reply);
  Step start_tls(ClientDialogue& dialogue);
  Step tls_agreed(const Reply& reply);
  Step log_in(ClientDialogue& dialogue);
  Step try_next_mechanism(ClientDialogue& dialogue);
  Step challenged(const Reply& reply, ClientDialogue& dialogue);
  Step continue_login(ClientDialogue& dialogue);
  bool may_try_another(const Reply& reply) const;

  enum class Tls { NotOurs, Wanted, Handshake, On };

  ClientOptions options_;
  Tls tls_;
  Extensions offered_;
  std::deque<std::string> mechanisms_;  ///< In common, not tried yet.
  std::optional<SaslLogin> login_;
};

}  // namespace mailchute
