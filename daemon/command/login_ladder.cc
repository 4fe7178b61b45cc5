#include "command/login_ladder.h"

#include <algorithm>
#include <utility>

#include "base/exit_codes.h"
#include "base/phrase.h"
#include "base/text.h"
#include "command/moments.h"
#include "command/queue_access.h"
#include "command/words.h"
#include "control/login_json.h"
#include "mail/reply.h"
#include "net/fingerprint.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

std::string path_of(const UpstreamSettings& upstream, const char* verb) {
  return "/v1/upstreams/" + upstream.name + "/" + verb;
}

/// As schedule/breaker.h decides it, on what was kept.
bool rests(const UpstreamState& state, const std::string& fingerprint, WallTime now) {
  if (state.trouble != "login" && (state.stage != Stage::Auth || state.trouble == "none")) return false;
  if (!state.cooling_until || *state.cooling_until <= now) return false;
  return fingerprint.empty() || state.secret_fingerprint.empty() || fingerprint == state.secret_fingerprint;
}

}  // namespace

LoginLadder::LoginLadder(const Settings& settings, const UpstreamSettings& upstream, LoginTrial::Secret which)
    : settings_(settings), upstream_(upstream), which_(which) {}

Result<LoginRest> LoginLadder::ask(const Secret& secret) const {
  const LoginTrial asked = trial(secret);
  const auto body =
      ask_if_running(settings_, "POST", path_of(upstream_, "login-rest"), encode_login_trial(asked));
  if (body) return decode_login_rest(*body);
  if (body.error().code == exit_code::kNo) return LoginRest{};
  if (body.error().code == exit_code::kNotRunning) return remembered(asked);
  return tl::unexpected(body.error());
}

Result<void> LoginLadder::tell(const Secret& secret, const Reply& reply) const {
  LoginTrial tried = trial(secret);
  tried.reply = reply;
  const auto told =
      ask_if_running(settings_, "POST", path_of(upstream_, "login-tried"), encode_login_trial(tried));
  if (!told && told.error().code != exit_code::kNo) return tl::unexpected(told.error());
  return {};
}

LoginTrial LoginLadder::trial(const Secret& secret) const {
  LoginTrial made{upstream_.host, upstream_.user, "", which_, {}};
  // Each token is a new one, and says nothing.
  if (!uses_token(upstream_)) made.secret_fingerprint = secret_fingerprint(secret, upstream_.name);
  return made;
}

Result<LoginRest> LoginLadder::remembered(const LoginTrial& asked) const {
  auto reader = open_reader(settings_);
  // Before the daemon has run for the first time nothing was ever refused.
  if (!reader && reader.error().code == exit_code::kNoInput) return LoginRest{};
  if (!reader) return tl::unexpected(reader.error());
  const auto states = TRY(reader->upstreams());
  TRY_VOID(act_as_oneself());
  const auto state = std::find_if(states.begin(), states.end(),
                                  [this](const UpstreamState& each) { return each.name == upstream_.name; });
  if (state == states.end() || !rests(*state, asked.secret_fingerprint, SystemClock().wall()))
    return LoginRest{};
  return LoginRest{state->cooling_until,
                   std::string(stage_name(state->stage)) + ": " + reply_line(state->reply)};
}

std::string withheld_words(const std::string& upstream, const LoginRest& rest, WallTime now,
                           Language language) {
  const WallTime until = rest.until.value_or(now);
  return said(
             {"{} refused a login a while ago ({}). Each further try may lock the account, so it is left "
              "alone "
              "until {} ({} from now). A new secret may be tried at once",
              "{} 不久前拒绝过登录（{}）。再试可能会锁住账号，因此 "
              "{}（{}后）之前不再登录。换了新密码可以马上试"},
             {printable(upstream), printable(rest.reason, 1024), local_time(until, now), spoken(until - now)})
      .in(language);
}

}  // namespace mailchute
