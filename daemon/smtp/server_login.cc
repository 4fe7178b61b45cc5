// AUTH (RFC 4954) and STARTTLS (RFC 3207).
#include "base/limits.h"
#include "base/text.h"
#include "smtp/server_replies.h"
#include "smtp/server_state.h"

namespace mailchute {

void ServerSession::State::start_tls() {
  if (options.secured) return refuse(replies::kSecuredAlready);  // RFC 3207 4.2
  if (options.starttls == ServerOptions::StartTls::None) return refuse(replies::kNotOffered);
  drop_transaction();
  say(replies::kStartTls);
  ask(Owed::Tls, server_event::TlsWanted{});
}

void ServerSession::State::auth(std::string_view argument) {
  if (options.logins == ServerOptions::Logins::None) return refuse(replies::kNotOffered);
  if (argument.empty()) return refuse(replies::kNeedsArgument);
  if (!options.secured) return refuse(replies::kTlsNeeded);  // RFC 4954 4: no password in clear
  if (!extended) return refuse(replies::kHelloFirst);
  if (logged_in) return refuse(replies::kLoggedInAlready);
  if (transaction) return refuse(replies::kNoLoginNow);

  const auto blank = argument.find(' ');
  login = LoginExchange::begin(argument.substr(0, blank));
  if (!login) return refuse(replies::kMechanism);
  mode = Mode::Login;
  if (blank != std::string_view::npos) return login_response(trim(argument.substr(blank)));
  say({334, "", std::string(login->challenge())});
}

void ServerSession::State::login_line(const Line& line) {
  if (more_follows())
    return close_with(replies::kOutOfTurn);  // RFC 4954 4: each response waits for its challenge
  if (line.fault == Line::Fault::None && line.text != "*") return login_response(line.text);
  mode = Mode::Command;
  login.reset();
  if (line.fault == Line::Fault::TooLong) return refuse(replies::kLoginTooLong);
  refuse(line.text == "*" ? replies::kLoginCancelled : replies::kBadLogin);
}

void ServerSession::State::login_response(std::string_view base64) {
  const auto step = login->respond(base64);
  reader.wipe_taken();  // `base64` lies there.
  if (step == LoginExchange::Step::More) return say({334, "", std::string(login->challenge())});
  mode = Mode::Command;
  auto exchange = *std::exchange(login, std::nullopt);
  if (step == LoginExchange::Step::Malformed) return refuse(replies::kBadLogin);
  ask(Owed::Login,
      server_event::LoginAttempted{exchange.mechanism(), exchange.user(), exchange.take_password()});
}

void ServerSession::State::answer_login(const Reply& reply) {
  // RFC 4954 4: what follows AUTH waits for its answer.
  if (more_follows()) return close_with(replies::kOutOfTurn);
  logged_in = reply.positive();
  if (logged_in) return say({235, "2.7.0", reply.text.empty() ? replies::kLoggedIn.text : reply.text});
  if (++login_errors >= limits::kLoginErrors) return close_with(replies::kTooManyLogins);
  say(completed(reply, replies::kLoginRefused));
}

}  // namespace mailchute
