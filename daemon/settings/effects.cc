#include "settings/effects.h"

#include <array>

namespace mailchute {

namespace {

constexpr std::string_view kNoCommand = "commands for secrets are not run; use password_file";
constexpr std::string_view kNoNotify = "watch the log instead";

constexpr std::array kWithoutEffect = {
    NoEffect{"listen.submit", "the sendmail command's socket is not opened"},
    NoEffect{"listen.smtp_users", "the listener does not offer AUTH"},
    NoEffect{"queue.delay_notice", "no notice of delay is sent"},
    NoEffect{"queue.history_bodies", "the content of a finished message goes at once"},
    NoEffect{"notify.command", kNoNotify},
    NoEffect{"notify.after.oldest_message", kNoNotify},
    NoEffect{"notify.after.login_refused", kNoNotify},
    NoEffect{"http.listen", "no HTTP port is opened"},
    NoEffect{"upstreams.*.password_command", kNoCommand},
    NoEffect{"upstreams.*.token_command", kNoCommand},
};

}  // namespace

std::span<const NoEffect> keys_without_effect() { return kWithoutEffect; }

const NoEffect* without_effect(std::string_view key) {
  for (const auto& entry : kWithoutEffect)
    if (entry.key == key) return &entry;
  return nullptr;
}

bool mechanism_in_effect(std::string_view mechanism) {
  return mechanism != "xoauth2" && mechanism != "oauthbearer";
}

}  // namespace mailchute
