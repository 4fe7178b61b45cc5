// `upstream test NAME`: the probe, live.
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "base/phrase.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/login_ladder.h"
#include "command/moments.h"
#include "command/probe_run.h"
#include "command/probe_view.h"
#include "command/queue_access.h"
#include "command/upstream_states.h"
#include "command/words.h"
#include "control/probe_json.h"

namespace mailchute {

namespace {

std::string heading(const UpstreamSettings& upstream) {
  std::string text = printable(upstream.name) + " (" + printable(upstream.provider) +
                     "): " + printable(upstream.host) + ":" + std::to_string(upstream.port);
  if (!upstream.user.empty()) text += ", as " + printable(upstream.user);
  return text + "\n";
}

/// Why no login was tried; empty when one was, or none was to be.
std::string problem_of(const UpstreamSettings& upstream, const ProbeRun& run, WallTime now,
                       Language language) {
  if (!run.no_login) return "";
  if (run.no_login->why != NoLogin::Why::Rests) return run.no_login->error.text;
  return withheld_words(upstream.name, run.no_login->rest, now, language);
}

Phrase next_without_login(const CommonOptions& options, const std::string& name, const NoLogin& none) {
  const std::string store = next_command(options, "credential set " + name);
  const std::string force = next_command(options, "upstream test " + name + " --force");
  switch (none.why) {
    case NoLogin::Why::NoSecret: return said({"store the secret; next: {}", "存入密码；下一步：{}"}, {store});
    case NoLogin::Why::Unknown:
      return said(
          {"run this as root, or try it all the same; next: {}", "用 root 运行，或仍要尝试；下一步：{}"},
          {force});
    case NoLogin::Why::Rests: break;
  }
  return said({"store a new secret, next: {}; or, if the account was mended at the provider, next: {}",
               "存入新密码，下一步：{}；或者，如果账号已在服务商那边处理好，下一步：{}"},
              {store, force});
}

/// What to do now, and the command for it. `state` is the daemon's after the test.
Phrase next_of(const CommonOptions& options, const UpstreamSettings& upstream, const ProbeRun& run,
               const std::optional<LiveUpstream>& state) {
  const std::string name = printable(upstream.name);
  if (run.no_login) return next_without_login(options, name, *run.no_login);
  if (const ProbeStep* failed = run.failure()) return probe_advice(options, upstream, *failed);
  if (state && state->state != "ok")
    return said({"{} works; the daemon still leaves it alone ({}); next: {}",
                 "{} 可用；守护进程仍不使用它（{}）；下一步：{}"},
                {name, printable(state->state), next_command(options, "upstream resume " + name)});
  return said({"{} works; next: {}", "{} 可用；下一步：{}"},
              {name, next_command(options, "send-test ADDRESS --upstream " + name)});
}

std::optional<LiveUpstream> state_of(const Settings& settings, const std::string& name, WallTime now) {
  const auto states = upstream_states(settings, now);
  const LiveUpstream* found = states ? find_state(*states, name) : nullptr;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

/// What a refused login means for the mail that waits.
void tell_consequence(const UpstreamSettings& upstream, const ProbeRun& run,
                      const std::optional<LiveUpstream>& state, WallTime now, Language language) {
  const ProbeStep* failed = run.failure();
  if (failed == nullptr || failed->stage != Stage::Auth) return;
  const std::string name = printable(upstream.name);
  if (run.untold) {
    // In the midst of a sentence there is no next step.
    const std::string why = run.untold->text.substr(0, run.untold->text.find("; next: "));
    return say(said({"note: {}; so nobody remembers that this login was refused: do not repeat it often",
                     "注意：{}；因此没有人记得这次登录被拒绝：不要多次重试"},
                    {printable(why, 1024)})
                   .in(language));
  }
  if (!state || !login_cools_down(*state)) return;
  const std::string at = local_time(*state->until, now);
  say(said({"note: this login counts: the daemon leaves {} alone until {}, or until there is a new secret",
            "注意：这次登录也计算在内：守护进程暂停使用 {}，到 {} 为止，或到换上新密码为止"},
           {name, at})
          .in(language));
}

ProbeRun tried(const CommonOptions& options, const Settings& settings, const UpstreamSettings& upstream,
               ProbeRequest::RestingLogin resting) {
  const LoginLadder ladder(settings, upstream, LoginTrial::Secret::InUse);
  ProbeRequest request{upstream, settings.hostname};
  request.ladder = &ladder;
  request.resting_login = resting;
  if (options.output != Output::Text) return run_probe(std::move(request), [](const ProbeStep&) {});
  print(heading(upstream));
  return run_probe(std::move(request), print_step);
}

int test_upstream(const CommonOptions& options, const Settings& settings, const UpstreamSettings& upstream,
                  ProbeRequest::RestingLogin resting) {
  const bool as_text = options.output == Output::Text;
  const Language language = language_of_process();
  const ProbeRun run = tried(options, settings, upstream, resting);
  const WallTime now = SystemClock().wall();
  const auto state = state_of(settings, upstream.name, now);
  const std::string problem = problem_of(upstream, run, now, as_text ? language : Language::English);
  const Phrase next = next_of(options, upstream, run, state);
  if (!as_text)
    print(encode_probe({upstream, run.steps, problem, next.english,
                        run.no_login ? run.no_login->rest.until : std::nullopt}) +
          "\n");
  if (as_text && !problem.empty())
    say(said({"mailchute: no login was tried: {}", "mailchute：没有尝试登录：{}"}, {problem}).in(language));
  if (as_text) tell_consequence(upstream, run, state, now, language);
  if (as_text) say(next.in(language));
  return finish(run.good() ? 0 : exit_code::kNo);
}

}  // namespace

int command_upstream_test(const CommonOptions& options, const UpstreamTestOptions& test) {
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto upstream = find_upstream(*settings, test.name);
  using Resting = ProbeRequest::RestingLogin;
  const bool force = test.resting_login == UpstreamTestOptions::RestingLogin::Tried;
  if (upstream)
    return test_upstream(options, *settings, *upstream, force ? Resting::Tried : Resting::Withheld);
  return complain(options, Error(upstream.error().text + "; next: " + next_command(options, "upstream list"),
                                 upstream.error().code));
}

}  // namespace mailchute
