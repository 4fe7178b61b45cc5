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
      begin(request_.secret.value_or(Secret()));
    loop_.run();
    probe_.reset();
    return std::move(run_);
  }

 private:
  void secret_read(Result<Secret> secret) {
    if (secret) return begin(std::move(*secret));
    // What can be found out without it is worth knowing all the same.
    run_.no_secret = secret.error();
    request_.depth = ProbeWish::Depth::Offers;
    begin(Secret());
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
