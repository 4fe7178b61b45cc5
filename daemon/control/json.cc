#include "control/json.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "control/json_parts.h"
#include "mail/reply.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

Result<Json> answer_object(std::string_view body) {
  auto object = parse_object(body);
  if (!object) return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  return std::move(*object);
}

Json upstream_json(const LiveUpstream& upstream) {
  return {{"name", as_text(upstream.name)},        {"provider", as_text(upstream.provider)},
          {"state", as_text(upstream.state)},      {"reason", as_text(upstream.reason)},
          {"until", time_or_null(upstream.until)}, {"last_success_at", time_or_null(upstream.last_success)},
          {"connections", upstream.connections},   {"trouble", as_text(upstream.trouble)}};
}

Json upstreams_json(const std::vector<LiveUpstream>& upstreams) {
  Json list = Json::array();
  for (const LiveUpstream& upstream : upstreams) list.push_back(upstream_json(upstream));
  return list;
}

Json alert_json(const LiveAlert& alert) {
  return {{"event", as_text(alert.event)},       {"severity", as_text(alert.severity)},
          {"upstream", as_text(alert.upstream)}, {"since", rfc3339(alert.since)},
          {"summary", as_text(alert.summary)},   {"detail", as_text(alert.detail)},
          {"next", as_text(alert.next)},         {"count", alert.count}};
}

Json alerts_json(const std::vector<LiveAlert>& alerts) {
  Json list = Json::array();
  for (const LiveAlert& alert : alerts) list.push_back(alert_json(alert));
  return list;
}

Json spent_share_json(const std::optional<SpentShare>& spent) {
  if (!spent) return nullptr;
  return {{"uid", value_or_null(spent->uid)}, {"bytes", spent->bytes}};
}

std::optional<SpentShare> read_spent_share(const Json& object) {
  if (!object.is_object()) return std::nullopt;
  SpentShare spent;
  if (member(object, "uid").is_number_unsigned())
    spent.uid = static_cast<std::uint32_t>(number_member(object, "uid"));
  spent.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_member(object, "bytes")));
  return spent;
}

LiveAlert read_alert(const Json& object) {
  LiveAlert alert;
  alert.event = text_member(object, "event");
  alert.severity = text_member(object, "severity");
  alert.upstream = text_member(object, "upstream");
  alert.since = time_member(object, "since").value_or(WallTime{});
  alert.summary = text_member(object, "summary");
  alert.detail = text_member(object, "detail");
  alert.next = text_member(object, "next");
  alert.count = static_cast<std::size_t>(std::max<std::int64_t>(1, number_member(object, "count")));
  return alert;
}

LiveUpstream read_upstream(const Json& object) {
  LiveUpstream upstream;
  upstream.name = text_member(object, "name");
  upstream.provider = text_member(object, "provider");
  upstream.state = text_member(object, "state");
  upstream.reason = text_member(object, "reason");
  upstream.trouble = text_member(object, "trouble");
  upstream.until = time_member(object, "until");
  upstream.last_success = time_member(object, "last_success_at");
  upstream.connections =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_member(object, "connections")));
  return upstream;
}

Json queue_json(const QueueSummary& queue, WallTime now) {
  std::optional<std::int64_t> age;
  if (queue.oldest) age = std::max<std::int64_t>(0, (now - *queue.oldest) / std::chrono::seconds(1));
  return {{"messages", queue.messages},
          {"recipients", queue.recipients},
          {"queued", queue.queued},
          {"held", queue.held},
          {"sending", queue.sending},
          {"uncertain", queue.uncertain},
          {"oldest_age_s", value_or_null(age)},
          {"bytes", queue.bytes}};
}

Json last_hour_json(const Tally& hour) {
  return {{"accepted", hour.accepted},
          {"delivered", hour.delivered},
          {"deferred", hour.deferred},
          {"failed", hour.failed}};
}

Json recipient_json(const SeenRecipient& recipient) {
  Json last = nullptr;
  if (recipient.last_reply) last = reply_json(recipient.last_reply->stage, recipient.last_reply->reply);
  Json json = {
      {"address", as_text(recipient.address)},   {"state", recipient.state},
      {"attempts", recipient.attempts},          {"next_attempt_at", time_or_null(recipient.next_attempt)},
      {"upstream", as_text(recipient.upstream)}, {"last_reply", std::move(last)}};
  // Few have any.
  for (const std::string& name : route_refusers(recipient.route))
    json["cannot_take"].push_back(as_text(name));
  return json;
}

Json source_json(const Source& source) {
  return {{"kind", as_text(source.kind)},       {"uid", value_or_null(source.uid)},
          {"pid", value_or_null(source.pid)},   {"command", as_text(source.command)},
          {"address", as_text(source.address)}, {"login", as_text(source.login)}};
}

/// Adds the members of a message to `object`.
void add_message(Json& object, const SeenMessage& message) {
  object["id"] = message.id.text();
  object["received_at"] = rfc3339(message.received);
  object["sender"] = as_text(message.sender);
  object["size"] = message.bytes;
  object["source"] = source_json(message.source);
  object["message_id"] = as_text(message.summary.message_id);
  object["subject"] = as_text(message.summary.subject);
  object["state"] = message.state;
  Json recipients = Json::array();
  for (const SeenRecipient& recipient : message.recipients) recipients.push_back(recipient_json(recipient));
  object["recipients"] = std::move(recipients);
}

/// The address of the recipient that an attempt was for; null when it was for more than one.
Json attempt_recipient(const SeenAttempt& attempt, const SeenMessage& message) {
  for (const SeenRecipient& recipient : message.recipients)
    if (attempt.row == recipient.row) return as_text(recipient.address);
  return nullptr;
}

Json attempt_json(const SeenAttempt& attempt, const SeenMessage& message) {
  const AttemptRecord& record = attempt.record;
  return {{"started_at", rfc3339(record.started)},
          {"duration_ms", record.duration.count()},
          {"upstream", as_text(record.upstream)},
          {"recipient", attempt_recipient(attempt, message)},
          {"peer", as_text(record.peer)},
          {"tls", as_text(record.tls)},
          {"reply", reply_json(record.stage, record.reply)},
          {"in_doubt", record.in_doubt}};
}

}  // namespace

std::string encode_error(std::string_view text) { return written({{"schema", 1}, {"error", as_text(text)}}); }

std::string decode_error(std::string_view body) {
  const auto object = parse_object(body);
  return object ? text_member(*object, "error") : std::string();
}

std::string encode_count(std::size_t messages) { return written({{"schema", 1}, {"messages", messages}}); }

Result<std::size_t> decode_count(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& messages = member(object, "messages");
  if (!messages.is_number_unsigned())
    return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  return messages.get<std::size_t>();
}

std::string encode_message_id(const std::string& message_id) {
  return written(Json{{"message_id", as_text(message_id)}});
}

Result<std::string> decode_message_id(std::string_view body) {
  const auto object = parse_object(body);
  std::string message_id = object ? text_member(*object, "message_id") : std::string();
  if (message_id.empty()) return fail("a message_id is missing", exit_code::kUsage);
  return message_id;
}

std::string encode_live_status(const LiveStatus& status) {
  return written(
      {{"schema", 1},
       {"version", as_text(status.version)},
       {"uptime_s", status.uptime_seconds},
       {"config", {{"path", as_text(status.config_path)}, {"loaded_at", rfc3339(status.config_loaded_at)}}},
       {"admission", as_text(status.admission)},
       {"connections", status.connections},
       {"pid", status.pid},
       {"upstreams", upstreams_json(status.upstreams)},
       {"alerts", alerts_json(status.alerts)},
       {"spent_share", spent_share_json(status.spent_share)}});
}

Result<LiveStatus> decode_live_status(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& config = member(object, "config");
  const Json& upstreams = member(object, "upstreams");
  if (!config.is_object() || !upstreams.is_array())
    return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  LiveStatus status;
  status.version = text_member(object, "version");
  status.uptime_seconds = number_member(object, "uptime_s");
  status.config_path = text_member(config, "path");
  status.config_loaded_at = time_member(config, "loaded_at").value_or(WallTime{});
  status.admission = text_member(object, "admission");
  status.connections =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_member(object, "connections")));
  status.pid = number_member(object, "pid");
  for (const Json& upstream : upstreams)
    if (upstream.is_object()) status.upstreams.push_back(read_upstream(upstream));
  for (const Json& alert : member(object, "alerts"))
    if (alert.is_object()) status.alerts.push_back(read_alert(alert));
  status.spent_share = read_spent_share(member(object, "spent_share"));
  return status;
}

std::string encode_reload(const ReloadOutcome& outcome) {
  return written({{"schema", 1}, {"accepted", outcome.accepted}, {"text", as_text(outcome.text)}});
}

Result<ReloadOutcome> decode_reload(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& accepted = member(object, "accepted");
  if (!accepted.is_boolean()) return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  return ReloadOutcome{accepted.get<bool>(), text_member(object, "text")};
}

std::string encode_done() { return written({{"schema", 1}, {"done", true}}); }

std::string encode_status(const StatusReport& report) {
  const auto& live = report.live;
  Json config = {{"path", as_text(live ? live->config_path : report.config_path)},
                 {"loaded_at", live ? Json(rfc3339(live->config_loaded_at)) : Json(nullptr)}};
  return written({{"schema", 1},
                  {"version", as_text(live ? live->version : report.version)},
                  {"uptime_s", live ? Json(live->uptime_seconds) : Json(nullptr)},
                  {"config", std::move(config)},
                  {"queue", report.queue ? queue_json(*report.queue, report.now) : Json(nullptr)},
                  {"upstreams", upstreams_json(report.upstreams)},
                  {"last_hour", report.queue ? last_hour_json(report.queue->last_hour) : Json(nullptr)},
                  {"admission", live ? Json(as_text(live->admission)) : Json(nullptr)},
                  {"alerts", live ? alerts_json(live->alerts) : Json::array()},
                  {"spent_share", live ? spent_share_json(live->spent_share) : Json(nullptr)}});
}

std::string encode_upstreams(const std::vector<LiveUpstream>& upstreams) {
  return written({{"schema", 1}, {"upstreams", upstreams_json(upstreams)}});
}

std::string encode_backup(const std::string& file, const BackupFacts& facts) {
  return written({{"schema", 1},
                  {"file", as_text(file)},
                  {"messages", facts.messages},
                  {"finished", facts.finished},
                  {"bytes", facts.bytes}});
}

std::string encode_message(const SeenMessage& message) {
  Json object = Json::object();
  add_message(object, message);
  return written(object);
}

std::string encode_message_line(const SeenMessage& message) {
  Json object = {{"schema", 1}};
  add_message(object, message);
  return written(object);
}

std::string encode_message_report(const MessageReport& report) {
  Json object = {{"schema", 1}};
  add_message(object, report.message);
  object["expires_at"] = rfc3339(report.message.expires);
  object["finished_at"] = time_or_null(report.message.finished);
  object["attempts"] = Json::array();
  for (const SeenAttempt& attempt : report.attempts)
    object["attempts"].push_back(attempt_json(attempt, report.message));
  if (report.header) object["header"] = as_text(*report.header);
  return written(object);
}

}  // namespace mailchute
