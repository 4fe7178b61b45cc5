// The checks of the providers: how each fares by what the daemon knows of it, and whether it can be reached,
// proves its name, and takes the login at this moment. All are tried at once: those that do not answer take
// their time together.
#include <algorithm>
#include <future>
#include <string_view>

#include "base/text.h"
#include "command/doctor.h"
#include "command/doctor_words.h"
#include "command/file_facts.h"
#include "command/moments.h"
#include "command/probe_run.h"
#include "command/probe_view.h"
#include "command/upstream_states.h"
#include "command/upstream_view.h"
#include "command/words.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

std::vector<LiveUpstream> upstreams_of(const Patient& patient) {
  if (patient.live) return patient.live->upstreams;
  return saved_upstreams(*patient.settings, patient.saved, patient.now);
}

Phrase until(const Patient& patient, const LiveUpstream& upstream) {
  if (!upstream.until) return {};
  return said({", until {} (in {})", "，到 {} 为止（还有 {}）"},
              {local_time(*upstream.until, patient.now), spoken(*upstream.until - patient.now)});
}

void check_state(const Patient& patient, const LiveUpstream& upstream, Findings findings) {
  const Phrase reason = untranslated(printable(upstream.reason, 600));
  if (upstream.state == "ok" && !upstream.last_success)
    return findings.ok(said({"has taken no mail yet", "还没有发过邮件"}));
  if (upstream.state == "ok")
    return findings.ok(
        said({"took mail {} ago", "{}前发过邮件"}, {spoken(patient.now - *upstream.last_success)}));
  if (upstream.state == "paused")
    return findings.warn(said({"it is paused by the operator", "已被管理员暂停"}),
                         fix_by(patient, "upstream resume " + upstream.name));
  const Phrase explain = fix_by(patient, "explain " + upstream.name);
  if (upstream.state == "down") return findings.fail(reason + until(patient, upstream), explain);
  findings.warn(reason + until(patient, upstream), explain);
}

// --- trying it ---

/// A login beyond those that the breaker allows could lock the account, and one more "slow down" makes it
/// longer: only what cannot be reached is tried in full while it rests.
bool may_log_in(const Patient& patient, const LiveUpstream& upstream) {
  // The daemon knows whether it was this secret that was refused: it is asked before the login.
  if (login_cools_down(upstream)) return patient.live.has_value();
  if (upstream.state == "ok" || upstream.state == "paused" || upstream.reason.starts_with("quota: "))
    return true;
  const std::string_view stage = std::string_view(upstream.reason).substr(0, upstream.reason.find(':'));
  return stage == "resolve" || stage == "connect" || stage == "tls";
}

ProbeRequest request_for(const Patient& patient, UpstreamSettings upstream, const LiveUpstream& live) {
  auto& timeouts = upstream.timeouts;
  for (Duration* each : {&timeouts.connect, &timeouts.greeting, &timeouts.command})
    *each = std::min(*each, kProviderPatience);
  ProbeRequest request;
  request.upstream = std::move(upstream);
  request.ehlo_name = patient.settings->hostname;
  request.depth = may_log_in(patient, live) ? ProbeWish::Depth::Login : ProbeWish::Depth::Offers;
  return request;
}

const ProbeStep* good_step(const ProbeRun& run, Stage stage) {
  const auto found = std::find_if(run.steps.begin(), run.steps.end(), [stage](const ProbeStep& step) {
    return step.stage == stage && step.outcome == ProbeStep::Outcome::Good;
  });
  return found == run.steps.end() ? nullptr : &*found;
}

/// What failed, in the provider's words and in ours.
void tell_failure(const Patient& patient, const UpstreamSettings& upstream, const ProbeStep& step,
                  Findings findings) {
  Phrase found = said({"{}: {}, after {}", "{}：{}，用时 {}"},
                      {stage_name(step.stage), reply_line(step.reply), elapsed(step.took)});
  if (step.explanation)
    found = found + Phrase{". " + printable(step.explanation->words, 4096),
                           "。" + printable(step.explanation->words_zh, 4096)};
  const std::string advice = probe_advice(patient.options, upstream, step).english;
  const auto next = advice.rfind("next: ");
  findings.fail(found, typed(next == std::string::npos ? advice : advice.substr(next + 6)));
}

void tell_certificate(const Patient& patient, const TlsFacts& tls, Findings findings) {
  const Phrase words =
      said({"{}, for {}", "{}，颁发给 {}"}, {printable(tls.version), printable(tls.certificate.names, 200)});
  if (!tls.certificate.expires) return findings.ok(words);
  const Phrase fault = fault_of_certificate(*tls.certificate.expires, patient.now);
  if (!fault.empty())
    return findings.warn(fault, said({"tell whoever runs that server", "告诉管理那台服务器的人"}));
  findings.ok(words + said({", {} left", "，还有 {}到期"}, {spoken(*tls.certificate.expires - patient.now)}));
}

void tell_login(const Patient& patient, const UpstreamSettings& upstream, const LiveUpstream& live,
                const ProbeRun& run, Findings findings) {
  if (upstream.user.empty()) return;
  if (run.no_login && run.no_login->why == NoLogin::Why::NoSecret && is_closed_to_us(upstream.password_file))
    return findings.unseen(said({"only root and the daemon may read {}", "只有 root 和守护进程可以读取 {}"},
                                {upstream.password_file}));
  if (run.no_login && run.no_login->why == NoLogin::Why::NoSecret) {
    const bool stored = secret_command(upstream).empty();
    return findings.fail(found_of(run.no_login->error),
                         fix_by(patient, (stored ? "credential set " : "upstream test ") + upstream.name));
  }
  if (run.no_login && run.no_login->why == NoLogin::Why::Unknown)
    return findings.warn(said({"not tried: {}", "没有尝试登录：{}"}, {found_of(run.no_login->error)}),
                         fix_by(patient, "upstream list"));
  if (!may_log_in(patient, live) || run.no_login)
    return findings.warn(said({"not tried: it rests{}, and one login more would prolong that",
                               "没有尝试登录：正在冷却{}，多登录一次只会更久"},
                              {until(patient, live)}),
                         fix_by(patient, "explain " + upstream.name));
  if (const ProbeStep* step = good_step(run, Stage::Auth))
    findings.ok(said({"taken in {}, as {}", "{} 内登录成功，用户 {}"},
                     {elapsed(step->took), printable(upstream.user)}));
}

void tell(const Patient& patient, const UpstreamSettings& upstream, const LiveUpstream& live,
          const ProbeRun& run, const Findings& findings) {
  if (const ProbeStep* step = good_step(run, Stage::Connect))
    findings.part("connection")
        .ok(said({"{}, {}, in {}", "{}，{}，用时 {}"},
                 {printable(upstream.host), printable(step->peer), elapsed(step->took)}));
  const ProbeStep* secured = good_step(run, Stage::Tls);
  if (secured != nullptr && secured->tls)
    tell_certificate(patient, *secured->tls, findings.part("certificate"));
  if (const ProbeStep* step = run.failure()) {
    const bool login = step->stage == Stage::Auth;
    const bool tls = step->stage == Stage::Tls || step->stage == Stage::StartTls;
    return tell_failure(patient, upstream, *step,
                        findings.part(login ? "login"
                                      : tls ? "certificate"
                                            : "connection"));
  }
  tell_login(patient, upstream, live, run, findings.part("login"));
}

}  // namespace

void check_upstreams(Patient& patient, Findings& findings) {
  const auto states = upstreams_of(patient);
  const auto state_of = [&](const UpstreamSettings& upstream) {
    const auto found = std::find_if(states.begin(), states.end(),
                                    [&](const LiveUpstream& each) { return each.name == upstream.name; });
    if (found != states.end()) return *found;
    LiveUpstream unknown;  // new in the files, not reloaded yet
    unknown.name = upstream.name;
    unknown.state = "ok";
    return unknown;
  };
  std::vector<std::future<ProbeRun>> runs;
  for (const UpstreamSettings& upstream : patient.settings->upstreams)
    runs.push_back(std::async(
        std::launch::async,
        [&patient, &upstream, request = request_for(patient, upstream, state_of(upstream))]() mutable {
          // Without a daemon nobody could be told; what the queue remembers was looked at before.
          const LoginLadder ladder(*patient.settings, upstream, LoginTrial::Secret::InUse);
          if (patient.live) request.ladder = &ladder;
          return run_probe(std::move(request), [](const ProbeStep&) {});
        }));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const UpstreamSettings& upstream = patient.settings->upstreams[i];
    const LiveUpstream live = state_of(upstream);
    check_state(patient, live, findings.about(upstream.name));
    tell(patient, upstream, live, runs[i].get(), findings.about(upstream.name));
  }
}

}  // namespace mailchute
