#include "smtp/client_opening.h"

#include <algorithm>
#include <utility>

#include "smtp/client_commands.h"
#include "smtp/extensions.h"

namespace mailchute {

namespace {

using Failed = client_event::Failed;

auto failed(Stage stage, Reply reply) { return tl::unexpected<Failed>(Failed{stage, std::move(reply)}); }

auto refused(Awaited what, const Reply& reply) { return failed(stage_of(what), as_refusal(reply, what)); }

/// RFC 5321 4.2.4: the command is not known here, as opposed to not being let in.
bool is_unknown_command(const Reply& reply) {
  return reply.code == 500 || reply.code == 502 || reply.code == 504;
}

std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list.empty() ? "none" : list;
}

}  // namespace

ClientOpening::ClientOpening(ClientOptions options)
    : options_(std::move(options)),
      tls_(options_.starttls == ClientOptions::StartTls::Required ? Tls::Wanted : Tls::NotOurs) {}

ClientOpening::Step ClientOpening::answer(Awaited what, const Reply& reply, ClientDialogue& dialogue) {
  switch (what) {
    case Awaited::Greeting: return greeted(reply, dialogue);
    case Awaited::Ehlo: return introduced(reply, dialogue);
    case Awaited::Helo: return introduced_simply(reply);
    case Awaited::StartTls: return tls_agreed(reply);
    case Awaited::Auth: return challenged(reply, dialogue);
    // Whatever the upstream says to `*` (RFC 4954 4 asks for 501) is no word about the credential.
    case Awaited::AuthCancel:
      return failed(Stage::Auth, {0, "", "the upstream asked for more than the login mechanism has to say"});
    default: break;
  }
  CHECK(false && "only what this part says is answered to it");
  return Progress::Waiting;
}

ClientOpening::Step ClientOpening::greeted(const Reply& reply, ClientDialogue& dialogue) {
  if (reply.code != 220) return refused(Awaited::Greeting, reply);  // RFC 5321 4.3.2
  dialogue.say("EHLO " + ehlo_word(options_.ehlo_name), Awaited::Ehlo);
  return Progress::Waiting;
}

ClientOpening::Step ClientOpening::introduced(const Reply& reply, ClientDialogue& dialogue) {
  if (reply.code != 250) {
    // RFC 5321 3.2 allows HELO, but neither TLS nor a login can be had after it.
    const bool simple = options_.user.empty() && tls_ == Tls::NotOurs;
    if (!simple || !is_unknown_command(reply)) return refused(Awaited::Ehlo, reply);
    dialogue.say("HELO " + ehlo_word(options_.ehlo_name), Awaited::Helo);
    return Progress::Waiting;
  }
  offered_ = parse_extensions(reply.text);
  if (tls_ == Tls::Wanted) return start_tls(dialogue);
  if (options_.user.empty()) return Progress::LoggedIn;
  return log_in(dialogue);
}

ClientOpening::Step ClientOpening::introduced_simply(const Reply& reply) {
  if (reply.code != 250) return refused(Awaited::Helo, reply);
  return Progress::LoggedIn;
}

ClientOpening::Step ClientOpening::start_tls(ClientDialogue& dialogue) {
  // Either the upstream has none or someone on the way took the word out: to us it is the same (RFC 3207 6).
  if (!offered_.starttls) return failed(Stage::StartTls, {0, "", "STARTTLS is not offered"});
  dialogue.say("STARTTLS", Awaited::StartTls);
  return Progress::Waiting;
}

ClientOpening::Step ClientOpening::tls_agreed(const Reply& reply) {
  if (reply.code != 220) return refused(Awaited::StartTls, reply);  // RFC 3207 4
  tls_ = Tls::Handshake;
  return Progress::TlsWanted;
}

void ClientOpening::secured(ClientDialogue& dialogue) {
  tls_ = Tls::On;
  offered_ = {};
  dialogue.say("EHLO " + ehlo_word(options_.ehlo_name), Awaited::Ehlo);
}

ClientOpening::Step ClientOpening::log_in(ClientDialogue& dialogue) {
  const auto& offers = offered_.mechanisms;
  const bool token = options_.credential == ClientOptions::Credential::Token;
  for (const std::string& mechanism : options_.mechanisms)
    if (SaslLogin::supports(mechanism) && SaslLogin::wants_token(mechanism) == token &&
        std::find(offers.begin(), offers.end(), mechanism) != offers.end())
      mechanisms_.push_back(mechanism);
  if (mechanisms_.empty())
    return failed(Stage::Auth,
                  {0, "", "no login mechanism in common; the upstream offers: " + listed(offers)});
  return try_next_mechanism(dialogue);
}

ClientOpening::Step ClientOpening::try_next_mechanism(ClientDialogue& dialogue) {
  login_ = SaslLogin::begin(mechanisms_.front(), options_.user, options_.password);
  mechanisms_.pop_front();
  if (!login_)
    return failed(Stage::Auth, {0, "", "the user or the secret has a byte in it that no login can carry"});
  return continue_login(dialogue);
}

ClientOpening::Step ClientOpening::challenged(const Reply& reply, ClientDialogue& dialogue) {
  if (reply.code == 334) return continue_login(dialogue);  // RFC 4954 4
  if (may_try_another(reply)) return try_next_mechanism(dialogue);
  if (reply.code != 235) return refused(Awaited::Auth, reply);  // RFC 4954 6: no other code is a success
  return Progress::LoggedIn;
}

ClientOpening::Step ClientOpening::continue_login(ClientDialogue& dialogue) {
  const auto line = login_->next_line();
  if (line)
    dialogue.say(line->reveal(), Awaited::Auth);
  else
    dialogue.say("*", Awaited::AuthCancel);  // RFC 4954 4: how a client gives an exchange up
  return Progress::Waiting;
}

/// Only when the mechanism itself was refused, at its first line: a refused credential that is tried again
/// prolongs a lock.
bool ClientOpening::may_try_another(const Reply& reply) const {
  const bool form_refused =
      reply.code == 502 || reply.code == 504 || (options_.refuses_form && options_.refuses_form(reply));
  return form_refused && login_->said() == 1 && !mechanisms_.empty();
}

}  // namespace mailchute
