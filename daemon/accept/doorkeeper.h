// Who may come in at the SMTP port, and how: whether a client is a stranger (of another machine), what TLS
// and logins it is offered, and whether its password is right. Changed as a whole at reload; holds nothing of
// a session. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "accept/caller.h"
#include "accept/login_tries.h"
#include "accept/logins.h"
#include "accept/server_pump.h"
#include "base/clock.h"
#include "mail/reply.h"
#include "smtp/server_session.h"

namespace mailchute {

/// What the doorkeeper goes by.
struct DoorRules {
  /// LogIn: they must, over TLS, before they may say MAIL.
  enum class Strangers { Refused, LogIn } strangers = Strangers::Refused;
  Logins logins;
  ServerPump::PutTlsOn put_tls_on = nullptr;  ///< Null: there is no certificate that can be used.
};

class Doorkeeper {
 public:
  void change(DoorRules rules) { rules_ = std::move(rules); }
  /// The way to TLS of the present rules, for the next ones.
  ServerPump::PutTlsOn keep_tls() { return std::move(rules_.put_tls_on); }

  /// Why this client is turned away at once; empty for all that may stay.
  std::optional<Reply> refusal(const Source& source) const;

  /// Completes what a session with this client offers.
  void offer(const Source& source, ServerOptions& options) const;

  /// TLS over `plain`, with the certificate of today; null when there is none any more.
  std::unique_ptr<Stream> put_tls_on(std::unique_ptr<Stream> plain);

  /// 235 for a right password. Everything else is one answer for a wrong name and a wrong password, which the
  /// caller gives after kRefusedLoginDelay; who has tried too often is told so unheard.
  Reply judge(const Source& source, const std::string& name, const Secret& password, SteadyTime now);

  /// For the log: a name that exists, or that none such was tried. A wrong name may be a password.
  std::string loggable(const std::string& name) const;

 private:
  DoorRules rules_;
  LoginTries tries_;
};

}  // namespace mailchute
