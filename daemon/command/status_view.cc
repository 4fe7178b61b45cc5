#include "command/status_view.h"

#include <chrono>

#include "alert/alert_explanation.h"
#include "alert/alert_words.h"
#include "base/text.h"
#include "command/table.h"
#include "command/upstream_view.h"
#include "command/words.h"
#include "command/wrap.h"

namespace mailchute {

namespace {

/// A message that waits longer is worth a look.
constexpr std::chrono::hours kOld{1};

std::string daemon_lines(const StatusReport& report) {
  if (!report.live)
    return "mailchute " + printable(report.version) + ", not running; as the queue remembers it\n";
  const LiveStatus& live = *report.live;
  return "mailchute " + printable(live.version) + ", up " +
         long_duration(std::chrono::seconds(live.uptime_seconds)) + ", " +
         counted(live.connections, "connection") + " from apps\nconfig     " +
         printable(live.config_path, 4096) + ", read " + long_duration(report.now - live.config_loaded_at) +
         " ago\n";
}

std::string admission_line(const StatusReport& report) {
  if (!report.live || report.live->admission.empty() || report.live->admission == "open") return "";
  if (report.live->admission == "disk_reserve")
    return "new mail   refused for now (452): the disk is nearly full\n";
  if (report.live->admission == "queue_full")
    return "new mail   refused for now (452): the queue holds as much as it may\n";
  return "new mail   refused (451): the queue is broken\n";
}

/// The daemon speaks English; an event that this program knows is put into the reader's words.
std::string alert_summary(const LiveAlert& told, Language language) {
  const auto event = event_named(told.event);
  if (language == Language::English || !event) return printable(told.summary);
  AlertNews alert;
  alert.event = *event;
  alert.upstream = told.upstream;
  alert.since = told.since;
  alert.count = told.count;
  put_into_words(alert, language);
  return alert.summary;
}

/// What a person has been told of and is not over.
std::string alert_lines(const StatusReport& report, Language language, std::size_t screen) {
  std::string text;
  if (!report.live) return text;
  for (const LiveAlert& alert : report.live->alerts)
    text += wrapped("alert      ", alert_summary(alert, language) + "; next: " + printable(alert.next), 11,
                    screen);
  return text;
}

std::string number(std::int64_t value) { return std::to_string(value); }

std::string queue_lines(const QueueSummary& queue, WallTime now) {
  std::string text = "queue      ";
  if (queue.messages == 0)
    text += "empty";
  else
    text += counted(static_cast<std::uint64_t>(queue.messages), "message") + " to " +
            counted(static_cast<std::uint64_t>(queue.recipients), "recipient") + ", " +
            short_size(queue.bytes);
  if (queue.oldest) text += ", oldest " + long_duration(now - *queue.oldest);
  text += "\n";
  if (queue.messages > 0)
    text += "           " + number(queue.queued) + " queued, " + number(queue.sending) + " sending, " +
            number(queue.held) + " held, " + number(queue.uncertain) + " uncertain\n";
  const Tally& hour = queue.last_hour;
  return text + "last hour  " + number(hour.accepted) + " accepted, " + number(hour.delivered) +
         " delivered, " + number(hour.deferred) + " deferred, " + number(hour.failed) + " failed\n";
}

void advise_about_admission(const StatusReport& report, std::vector<Advice>& advice) {
  const std::string admission = report.live ? report.live->admission : std::string();
  if (admission == "disk_reserve") advice.push_back({"the disk is nearly full: make room on it", "status"});
  if (admission == "queue_full")
    advice.push_back({"the queue is full of what does not get away", "queue list"});
  if (admission == "broken")
    advice.push_back({"the queue is broken: journalctl -u mailchute says why", "status"});
}

void advise_about(const LiveUpstream& upstream, std::vector<Advice>& advice) {
  const std::string name = printable(upstream.name);
  if (upstream.state == "ok") return;
  if (upstream.state == "paused")
    advice.push_back({name + " is paused", "upstream resume " + name});
  else if (upstream.reason.starts_with("auth:"))
    advice.push_back({name + " refuses the login: put the right secret in its file", "reload"});
  else
    advice.push_back({name + " is left alone for a while; this tries it at once", "upstream resume " + name});
}

void advise_about(const QueueSummary& queue, WallTime now, std::vector<Advice>& advice) {
  if (queue.held > 0) advice.push_back({"mail is held back", "queue list --state held"});
  if (queue.uncertain > 0)
    advice.push_back({"mail may have been delivered already", "queue list --state uncertain"});
  if (queue.last_hour.failed > 0)
    advice.push_back({"mail has failed in the last hour", "queue list --state failed"});
  if (queue.oldest && now - *queue.oldest > kOld)
    advice.push_back({"mail waits for long", "queue list --older 1h"});
}

}  // namespace

std::string status_screen(const StatusReport& report, std::size_t screen, Language language) {
  std::string text = daemon_lines(report) + admission_line(report) + alert_lines(report, language, screen);
  if (report.queue) text += queue_lines(*report.queue, report.now);
  const std::string upstreams = upstream_table(report.upstreams, report.now, screen);
  return upstreams.empty() ? text : text + "\n" + upstreams;
}

std::vector<Advice> status_advice(const StatusReport& report) {
  std::vector<Advice> advice;
  advise_about_admission(report, advice);
  for (const LiveUpstream& upstream : report.upstreams) advise_about(upstream, advice);
  if (report.queue) advise_about(*report.queue, report.now, advice);
  return advice;
}

}  // namespace mailchute
