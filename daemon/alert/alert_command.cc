#include "alert/alert_command.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace mailchute {

AlertCommand::AlertCommand(ProcessRunner& processes, const Clock& clock, Alarms& alarms,
                           std::vector<std::string> command)
    : processes_(processes), clock_(clock), command_(std::move(command)), alarm_(alarms.make_alarm()) {}

void AlertCommand::reconfigure(std::vector<std::string> command) {
  if (command == command_) return;
  command_ = std::move(command);
  rest_ = kAlertRetryFirst;
  // The one that runs was begun with the old command, and ends with it.
  if (command_.empty()) waiting_.resize(life_ == Life::Running ? 1 : 0);
  if (life_ == Life::Resting) run_next();
}

void AlertCommand::hand_over(AlertErrand errand) {
  if (command_.empty()) return;
  // The one that runs is not waiting any more, and cannot be called back.
  const std::size_t running = life_ == Life::Running ? 1 : 0;
  if (waiting_.size() - running >= kAlertsWaiting) {
    ++dropped_;
    log::note(log::Level::Warning, "alert-dropped",
              waiting_[running].errand.event + ": too many are waiting");
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(running));
  }
  waiting_.push_back({std::move(errand), clock_.steady()});
  if (life_ == Life::Idle) run_next();
}

void AlertCommand::run_next() {
  alarm_->clear();
  life_ = Life::Idle;
  if (waiting_.empty() || command_.empty()) return finish_if_done();
  life_ = Life::Running;
  ProcessJob job;
  job.command = command_;
  job.input = waiting_.front().errand.json + "\n";
  job.facts = waiting_.front().errand.facts;
  job.patience = kAlertPatience;
  processes_.run(std::move(job), lifeline_.bind([this](const Result<ProcessEnd>& end) { ended(end); }));
}

void AlertCommand::ended(const Result<ProcessEnd>& end) {
  if (!end) return failed(end.error().text);
  if (!end->good())
    return failed(command_.empty() ? describe(*end) : command_.front() + ": " + describe(*end));
  rest_ = kAlertRetryFirst;
  waiting_.pop_front();
  run_next();
}

void AlertCommand::failed(const std::string& why) {
  life_ = Life::Idle;
  log::note(log::Level::Warning, "alert-command", why);
  if (command_.empty()) waiting_.pop_front();  // taken out of the configuration meanwhile
  if (done_) {
    while (!waiting_.empty()) drop_first("the daemon ends");
    return finish_if_done();
  }
  if (waiting_.empty()) return;
  if (clock_.steady() - waiting_.front().since >= kAlertLifetime) drop_first("it could not be handed over");
  if (waiting_.empty()) return;
  life_ = Life::Resting;
  alarm_->set(rest_, lifeline_.bind([this] { run_next(); }));
  rest_ = std::min(rest_ * 2, kAlertRetryMost);
}

void AlertCommand::drop_first(const std::string& why) {
  ++dropped_;
  log::note(log::Level::Warning, "alert-dropped", waiting_.front().errand.event + ": " + why);
  waiting_.pop_front();
}

void AlertCommand::shut_down(UniqueFunction<void()> done) {
  done_ = std::move(done);
  if (life_ != Life::Running) run_next();
}

void AlertCommand::finish_if_done() {
  if (done_ && waiting_.empty())
    alarm_->set(Duration::zero(), lifeline_.bind([this] { std::exchange(done_, nullptr)(); }));
}

}  // namespace mailchute
