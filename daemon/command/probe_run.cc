#include "command/probe_run.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "command/console.h"
#include "command/probe_view.h"
#include "net/loop.h"
#include "net/process.h"
#include "net/system_dialer.h"
#include "relay_secrets.h"

namespace mailchute {

namespace {

/// One probe with the loop that it needs.
class Runner final : private ProbeUser {
 public:
  Runner(ProbeRequest request, std::function<void(const ProbeStep&)> show)
      : request_(std::move(request)), show_(std::move(show)) {}

  ProbeRun run() {
    const bool logs_in = request_.depth != ProbeWish::Depth::Offers && !request_.upstream.user.empty();
    if (logs_in && !request_.secret)
      fetch_secret(loop_, processes_, request_.upstream,
                   [this](Result<Secret> secret) { secret_read(std::move(secret)); });
    else
      choose_depth(logs_in ? Login::Wished : Login::No);
    loop_.run();
    probe_.reset();
    tell_ladder();
    return std::move(run_);
  }

 private:
  enum class Login { Wished, No };

  void secret_read(Result<Secret> secret) {
    if (secret) request_.secret = std::move(*secret);
    if (!secret) run_.no_login = NoLogin{NoLogin::Why::NoSecret, secret.error()};
    choose_depth(secret ? Login::Wished : Login::No);
  }

  /// What can be found out without a login is worth knowing all the same.
  void choose_depth(Login login) {
    if (login == Login::Wished) ask_ladder();
    if (run_.no_login) request_.depth = ProbeWish::Depth::Offers;
    begin(run_.no_login ? Secret() : request_.secret.value_or(Secret()));
  }

  void ask_ladder() {
    if (request_.ladder == nullptr || request_.resting_login == ProbeRequest::RestingLogin::Tried) return;
    const auto rest = request_.ladder->ask(*request_.secret);
    if (!rest) run_.no_login = NoLogin{NoLogin::Why::Unknown, rest.error()};
    if (rest && rest->until) run_.no_login = NoLogin{NoLogin::Why::Rests, Error(""), *rest};
  }

  /// Only a reply is news: a login that nobody answered was not refused.
  void tell_ladder() {
    if (request_.ladder == nullptr || !request_.secret) return;
    for (const ProbeStep& step : run_.steps) {
      if (step.stage != Stage::Auth || step.reply.code == 0) continue;
      const auto told = request_.ladder->tell(*request_.secret, step.reply);
      if (!told && step.outcome == ProbeStep::Outcome::Failed) run_.untold = told.error();
    }
  }

  void begin(Secret secret) {
    ProbeWish wish;
    wish.ehlo_name = request_.ehlo_name;
    wish.credential = std::move(secret);
    wish.depth = request_.depth;
    probe_ = std::make_unique<Probe>(request_.upstream, std::move(wish), ProbeTools{dialer_, loop_, clock_},
                                     static_cast<ProbeUser&>(*this));
    probe_->start();
  }

  void on_step(const ProbeStep& step) override {
    run_.steps.push_back(step);
    show_(step);
  }
  void on_finished(ProbeStep::Outcome) override { loop_.stop(); }

  ProbeRequest request_;
  std::function<void(const ProbeStep&)> show_;
  ProbeRun run_;
  SystemClock clock_;
  Loop loop_;
  SystemProcesses processes_{loop_};
  SystemDialer dialer_{loop_};
  std::unique_ptr<Probe> probe_;
};

}  // namespace

const ProbeStep* ProbeRun::failure() const {
  const bool failed = !steps.empty() && steps.back().outcome == ProbeStep::Outcome::Failed;
  return failed ? &steps.back() : nullptr;
}

void print_step(const ProbeStep& step) {
  print(probe_lines(step, SystemClock().wall(), language_of_process(), screen_width()));
  std::fflush(stdout);
}

ProbeRun run_probe(ProbeRequest request, std::function<void(const ProbeStep&)> show) {
  return Runner(std::move(request), std::move(show)).run();
}

}  // namespace mailchute
