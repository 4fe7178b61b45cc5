// The events of log.h, each with its level and its fields.
#include <mutex>
#include <string>

#include "base/log.h"
#include "base/log_emit.h"
#include "base/text.h"

namespace mailchute::log {

namespace {

/// Nothing for zero: the field is left out.
std::string number(int value) { return value == 0 ? std::string() : std::to_string(value); }

/// What all ends of an attempt have in common.
void emit_fate(Level level, std::string_view event, const Subject& subject, const Answer& answer,
               const std::string& next = {}) {
  emit(level, event,
       {{"id", subject.id},
        {"from", subject.sender},
        {"to", subject.recipient},
        {"upstream", subject.upstream},
        {"attempt", number(answer.attempt)},
        {"code", number(answer.code)},
        {"enhanced", answer.enhanced},
        {"reply", answer.words},
        {"next", next}});
}

/// Ten lines in ten seconds about one kind of client trouble, then a count: a storm of connections must not
/// become a storm of lines.
class Throttle {
 public:
  void emit_limited(Level level, const char* event, std::string_view peer, std::string_view why) {
    const SteadyTime now = SystemClock().steady();
    unsigned long suppressed = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (now - window_ >= std::chrono::seconds(10)) {
        suppressed = lines_ > kLines ? lines_ - kLines : 0;
        window_ = now;
        lines_ = 0;
      }
      if (++lines_ > kLines) return;
    }
    if (suppressed > 0) emit(level, event, {{"suppressed", std::to_string(suppressed)}});
    emit(level, event, {{"peer", peer}, {"why", why}});
  }

 private:
  static constexpr unsigned long kLines = 10;
  std::mutex mutex_;
  SteadyTime window_{};
  unsigned long lines_ = 0;
};

}  // namespace

void accepted(std::string_view id, std::string_view sender, std::size_t recipients, std::size_t bytes,
              std::string_view source) {
  emit(Level::Info, "accepted",
       {{"id", id},
        {"from", sender.empty() ? "<>" : sender},
        {"recipients", std::to_string(recipients)},
        {"bytes", std::to_string(bytes)},
        {"source", source}});
}

void delivered(const Subject& subject, const Answer& answer) {
  emit_fate(Level::Info, "delivered", subject, answer);
}

void deferred(const Subject& subject, const Answer& answer, WallTime next) {
  emit_fate(Level::Info, "deferred", subject, answer, rfc3339(next));
}

void failed(const Subject& subject, const Answer& answer) {
  emit_fate(Level::Warning, "failed", subject, answer);
}

void uncertain(const Subject& subject, const Answer& answer) {
  emit_fate(Level::Warning, "uncertain", subject, answer);
}

void held(const Subject& subject, const Answer& answer) {
  emit_fate(Level::Warning, "held", subject, answer);
}

void expired(const Subject& subject, const Answer& answer) {
  emit_fate(Level::Warning, "expired", subject, answer);
}

void notice_queued(std::string_view id, std::string_view notice_id, std::string_view to) {
  emit(Level::Info, "notice", {{"id", id}, {"notice", notice_id}, {"to", to}});
}

void notice_gathered(std::string_view id, std::string_view recipient, WallTime told_at) {
  emit(Level::Info, "notice-later", {{"id", id}, {"to", recipient}, {"at", rfc3339(told_at)}});
}

void digest_queued(std::string_view notice_id, std::string_view to, std::size_t count) {
  emit(Level::Info, "digest", {{"notice", notice_id}, {"to", to}, {"failures", std::to_string(count)}});
}

void notice_not_sent(std::string_view id, std::string_view why) {
  emit(Level::Info, "no-notice", {{"id", id}, {"why", why}});
}

void client_refused(std::string_view peer, std::string_view why) {
  static Throttle throttle;
  throttle.emit_limited(Level::Warning, "client-refused", peer, why);
}

void client_fault(std::string_view peer, std::string_view why) {
  static Throttle throttle;
  throttle.emit_limited(Level::Info, "client-fault", peer, why);
}

void client_login_refused(std::string_view peer, std::string_view user, std::string_view why) {
  static Throttle throttle;
  throttle.emit_limited(Level::Warning, "client-login-refused", peer,
                        std::string(user) + ": " + std::string(why));
}

void upstream_ready(std::string_view upstream, std::string_view peer, std::string_view tls) {
  emit(Level::Info, "upstream-ready", {{"upstream", upstream}, {"peer", peer}, {"tls", tls}});
}

void upstream_cooling(std::string_view upstream, std::string_view stage, const Answer& answer,
                      WallTime until) {
  emit(Level::Warning, "upstream-cooling",
       {{"upstream", upstream},
        {"stage", stage},
        {"code", number(answer.code)},
        {"enhanced", answer.enhanced},
        {"why", answer.words},
        {"until", rfc3339(until)}});
}

void quota_held(std::string_view upstream, std::string_view why, WallTime until) {
  emit(Level::Warning, "quota-held", {{"upstream", upstream}, {"why", why}, {"until", rfc3339(until)}});
}

void upstream_recovered(std::string_view upstream) {
  emit(Level::Info, "upstream-recovered", {{"upstream", upstream}});
}

void upstream_setup(std::string_view upstream, std::string_view why) {
  emit(Level::Error, "upstream-setup", {{"upstream", upstream}, {"why", why}});
}

void started(std::string_view version, std::string_view configuration) {
  emit(Level::Info, "started", {{"version", version}, {"config", configuration}});
}

void listening(std::string_view what) { emit(Level::Info, "listening", {{"on", what}}); }
void stopping(std::string_view why) { emit(Level::Info, "stopping", {{"why", why}}); }
void stopped() { emit(Level::Info, "stopped", {{"lines_dropped", std::to_string(dropped())}}); }
void reloaded(std::string_view configuration) { emit(Level::Info, "reloaded", {{"config", configuration}}); }
void reload_refused(std::string_view why) { emit(Level::Error, "reload-refused", {{"why", why}}); }
void store_broken(std::string_view why) { emit(Level::Error, "store-broken", {{"why", why}}); }

void recovered(std::size_t messages) {
  emit(Level::Warning, "recovered", {{"messages", std::to_string(messages)}});
}

void admission_changed(std::string_view state) { emit(Level::Warning, "admission", {{"state", state}}); }

void share_spent(std::optional<std::uint32_t> uid, std::uint64_t held_bytes, std::uint64_t left_bytes) {
  emit(Level::Warning, "share-spent",
       {{"uid", uid ? std::to_string(*uid) : "unknown"},
        {"held_bytes", std::to_string(held_bytes)},
        {"left_bytes", std::to_string(left_bytes)}});
}

void clock_jumped(Duration by) {
  emit(Level::Warning, "clock-jumped", {{"seconds", std::to_string(by.count() / 1000)}});
}

void alert(std::string_view severity, std::string_view event, std::string_view state,
           std::string_view upstream, std::string_view text, std::string_view detail) {
  const Level level = severity == "error"     ? Level::Error
                      : severity == "warning" ? Level::Warning
                                              : Level::Info;
  emit(level, event, {{"alert", state}, {"upstream", upstream}, {"text", text}, {"detail", detail}});
}

void note(Level level, std::string_view what, std::string_view text) { emit(level, what, {{"text", text}}); }

void dialogue(std::string_view who, std::string_view direction, std::string_view line) {
  emit(Level::Debug, "dialogue", {{"with", who}, {"direction", direction}, {"line", line}});
}

}  // namespace mailchute::log
