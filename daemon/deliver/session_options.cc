#include "deliver/session_options.h"

#include <algorithm>
#include <utility>

#include "deliver/reply_rules.h"
#include "settings/secret.h"

namespace mailchute {

ClientOptions session_options(const UpstreamSettings& settings, const std::string& ehlo_name,
                              Secret credential) {
  ClientOptions options;
  options.ehlo_name = ehlo_name;
  options.starttls =
      settings.tls == TlsMode::StartTls ? ClientOptions::StartTls::Required : ClientOptions::StartTls::Never;
  options.user = settings.user;
  options.password = std::move(credential);
  if (uses_token(settings)) options.credential = ClientOptions::Credential::Token;
  options.mechanisms = settings.auth;
  options.refuses_form = [&settings](const Reply& reply) {
    return classify({Stage::Auth, reply}, settings.rules).remedy == Remedy::OtherMechanism;
  };
  options.patience.greeting = settings.timeouts.greeting;
  options.patience.command = settings.timeouts.command;
  options.patience.data_start = std::min(settings.timeouts.command, options.patience.data_start);
  options.patience.data = settings.timeouts.data;
  options.patience.final_dot = settings.timeouts.final_dot;
  return options;
}

}  // namespace mailchute
