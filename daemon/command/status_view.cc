#include "command/status_view.h"

#include <chrono>

#include "alert/alert_explanation.h"
#include "alert/alert_words.h"
#include "base/text.h"
#include "command/moments.h"
#include "command/table.h"
#include "command/upstream_view.h"
#include "command/words.h"
#include "command/wrap.h"

namespace mailchute {

namespace {

/// A message that waits longer is worth a look.
constexpr std::chrono::hours kOld{1};

/// Where what a line says begins.
constexpr std::size_t kIndent = 11;

std::string label(PhraseForm words, Language language) { return padded(said(words).in(language), kIndent); }

Phrase daemon_words(const StatusReport& report) {
  if (!report.live)
    return said({"mailchute {}, not running; as the queue remembers it",
                 "mailchute {}，没有运行；以下是队列记得的情况"},
                {printable(report.version)});
  const LiveStatus& live = *report.live;
  return said({"mailchute {}, up {}, {} from apps", "mailchute {}，已运行 {}，{}来自本机程序"},
              {printable(live.version), spoken(std::chrono::seconds(live.uptime_seconds)),
               counted(live.connections, "connection", "个连接")});
}

std::string config_line(const StatusReport& report, Language language) {
  if (!report.live) return "";
  const LiveStatus& live = *report.live;
  return label({"config", "配置"}, language) +
         said({"{}, read {} ago", "{}，{}前读入"},
              {printable(live.config_path, 4096), spoken(report.now - live.config_loaded_at)})
             .in(language) +
         "\n";
}

Phrase admission_words(const std::string& admission) {
  if (admission == "disk_reserve")
    return said({"refused for now (452): the disk is nearly full", "暂时拒收（452）：磁盘快满了"});
  if (admission == "queue_full")
    return said(
        {"refused for now (452): the queue holds as much as it may", "暂时拒收（452）：队列已达上限"});
  return said({"refused (451): the queue is broken", "拒收（451）：队列已损坏"});
}

std::string admission_line(const StatusReport& report, Language language) {
  if (!report.live || report.live->admission.empty() || report.live->admission == "open") return "";
  return label({"new mail", "新邮件"}, language) + admission_words(report.live->admission).in(language) +
         "\n";
}

std::string share_line(const StatusReport& report, Language language) {
  if (!report.live || !report.live->spent_share) return "";
  const SpentShare& spent = *report.live->spent_share;
  return label({"one user", "个别用户"}, language) +
         said({"refused for now (452): {} with {} waiting, as much as is left for all",
               "暂时拒收（452）：{}有 {} 在等待，已不少于为所有人剩下的空间"},
              {user_words(spent.uid), short_size(spent.bytes)})
             .in(language) +
         "\n";
}

/// What a person has been told of and is not over.
std::string alert_lines(const StatusReport& report, Language language, std::size_t screen) {
  std::string text;
  if (!report.live) return text;
  for (const LiveAlert& alert : report.live->alerts)
    text += advice_lines(label({"alert", "告警"}, language), alert_phrase(alert), printable(alert.next),
                         kIndent, screen, language);
  return text;
}

std::string number(std::int64_t value) { return std::to_string(value); }

Phrase waiting_words(const QueueSummary& queue, WallTime now) {
  if (queue.messages == 0) return said({"empty", "空"});
  Phrase words = said({"{} to {}, {}", "{}，{}，共 {}"},
                      {counted(static_cast<std::uint64_t>(queue.messages), "message", "封邮件"),
                       counted(static_cast<std::uint64_t>(queue.recipients), "recipient", "个收件人"),
                       short_size(queue.bytes)});
  if (queue.oldest) words = words + said({", oldest {}", "，最久的已等 {}"}, {spoken(now - *queue.oldest)});
  return words;
}

std::string queue_lines(const QueueSummary& queue, WallTime now, Language language) {
  std::string text = label({"queue", "队列"}, language) + waiting_words(queue, now).in(language) + "\n";
  if (queue.messages > 0)
    text +=
        std::string(kIndent, ' ') +
        said({"{} queued, {} sending, {} held, {} uncertain", "{} 在等待，{} 在发送，{} 被扣留，{} 结果不明"},
             {number(queue.queued), number(queue.sending), number(queue.held), number(queue.uncertain)})
            .in(language) +
        "\n";
  const Tally& hour = queue.last_hour;
  return text + label({"last hour", "最近一小时"}, language) +
         said({"{} accepted, {} delivered, {} deferred, {} failed", "收下 {}，送达 {}，推迟 {}，失败 {}"},
              {number(hour.accepted), number(hour.delivered), number(hour.deferred), number(hour.failed)})
             .in(language) +
         "\n";
}

void advise_about_admission(const StatusReport& report, const DiskRoom& disk, std::vector<Advice>& advice) {
  const std::string admission = report.live ? report.live->admission : std::string();
  if (admission == "disk_reserve")
    advice.push_back({said({"{} has {} free, and {} of that are kept (queue.reserve): make room on that disk",
                            "{} 剩余 {}，其中 {} 要保留（queue.reserve）：请在这个磁盘上腾出空间"},
                           {printable(disk.folder, 4096), short_size(disk.free), short_size(disk.reserve)}),
                      "status"});
  if (admission == "queue_full")
    advice.push_back(
        {said({"the queue is full of what does not get away", "队列里堆满了发不出去的邮件"}), "queue list"});
  if (admission == "broken")
    advice.push_back(
        {said({"the queue is broken: {} says why", "队列已损坏：{} 中有原因"}, {"journalctl -u mailchute"}),
         "status"});
}

void advise_about_share(const StatusReport& report, std::vector<Advice>& advice) {
  if (!report.live || !report.live->spent_share) return;
  advice.push_back(
      {said({"more mail of {} is refused until some of it gets away", "在部分邮件发出之前拒收{}的新邮件"},
            {user_words(report.live->spent_share->uid)}),
       "queue list"});
}

/// Nothing to type: whoever tries harder waits longer.
Phrase patience_words(const LiveUpstream& upstream, WallTime now) {
  const std::string name = printable(upstream.name);
  const Phrase when = upstream.until && *upstream.until > now ? untranslated(local_time(*upstream.until, now))
                                                              : said({"soon", "很快"});
  if (asks_for_patience(upstream))
    return said({"{} wants it slower; nothing to do, tried again {}", "{} 要求放慢；不用处理，再试时间：{}"},
                {name, when});
  return said({"{} is at a limit of the configuration; nothing to do, goes on {}",
               "{} 达到配置的限额；不用处理，继续时间：{}"},
              {name, when});
}

void advise_about(const LiveUpstream& upstream, WallTime now, std::vector<Advice>& advice) {
  const std::string name = printable(upstream.name);
  if (upstream.state == "ok") return;
  if (upstream.state != "paused" && (asks_for_patience(upstream) || upstream.trouble == "limit"))
    return advice.push_back({patience_words(upstream, now), ""});
  if (upstream.state == "paused")
    advice.push_back({said({"{} is paused", "{} 已暂停"}, {name}), "upstream resume " + name});
  else if (upstream.reason.starts_with("auth:"))
    advice.push_back({said({"{} refuses the login; this says why, and what to do about it",
                            "{} 拒绝登录；以下命令说明原因和处理办法"},
                           {name}),
                      "explain " + name});
  else
    advice.push_back(
        {said({"{} is left alone for a while; this tries it at once", "{} 暂时不再尝试；以下命令会立即再试"},
              {name}),
         "upstream resume " + name});
}

void advise_about(const QueueSummary& queue, WallTime now, std::vector<Advice>& advice) {
  if (queue.held > 0)
    advice.push_back({said({"mail is held back", "有邮件被扣留"}), "queue list --state held"});
  if (queue.uncertain > 0)
    advice.push_back({said({"mail may have been delivered already", "有邮件可能已经送达"}),
                      "queue list --state uncertain"});
  if (queue.last_hour.failed > 0)
    advice.push_back({said({"mail has failed in the last hour", "最近一小时有邮件发送失败"}),
                      "queue list --state failed"});
  if (queue.oldest && now - *queue.oldest > kOld)
    advice.push_back({said({"mail waits for long", "有邮件等了很久"}), "queue list --older 1h"});
}

}  // namespace

std::string status_screen(const StatusReport& report, std::size_t screen, Language language) {
  std::string text = daemon_words(report).in(language) + "\n" + config_line(report, language) +
                     admission_line(report, language) + share_line(report, language) +
                     alert_lines(report, language, screen);
  if (report.queue) text += queue_lines(*report.queue, report.now, language);
  const std::string upstreams = upstream_table(report.upstreams, report.now, screen, language);
  return upstreams.empty() ? text : text + "\n" + upstreams;
}

std::vector<Advice> status_advice(const StatusReport& report, const DiskRoom& disk) {
  std::vector<Advice> advice;
  advise_about_admission(report, disk, advice);
  advise_about_share(report, advice);
  for (const LiveUpstream& upstream : report.upstreams) advise_about(upstream, report.now, advice);
  if (report.queue) advise_about(*report.queue, report.now, advice);
  return advice;
}

Phrase next_step(const Phrase& why, const std::string& command) {
  return said({"{}; next: {}", "{}；下一步：{}"}, {why, command});
}

std::string advice_lines(const std::string& label, const Phrase& why, const std::string& command,
                         std::size_t indent, std::size_t screen, Language language) {
  if (command.empty()) return wrapped(label, why.in(language), indent, screen);
  const std::string line = label + next_step(why, command).in(language);
  if (screen == 0 || display_width(line) <= screen) return line + "\n";
  return wrapped(label, why.in(language), indent, screen) + std::string(indent, ' ') +
         said({"next: {}", "下一步：{}"}, {command}).in(language) + "\n";
}

Phrase alert_phrase(const LiveAlert& told) {
  const auto event = event_named(told.event);
  if (!event) return untranslated(printable(told.summary));
  AlertNews alert;
  alert.event = *event;
  alert.upstream = told.upstream;
  alert.since = told.since;
  alert.count = told.count;
  put_into_words(alert, Language::Chinese);
  return {printable(told.summary), alert.summary};
}

}  // namespace mailchute
