#include "control/json.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "mail/reply.h"
#include "mail/reply_for_people.h"

namespace mailchute {

namespace {

// Ordered: people read it too, and it comes in the order of the manual.
using Json = nlohmann::ordered_json;

constexpr int kUsage = 64;
constexpr int kInputOutput = 74;
constexpr std::array<std::string_view, 6> kStates = {"queued",    "sending",   "held",
                                                     "uncertain", "delivered", "failed"};

std::string written(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// As it is, where it is text at all; a byte that is not becomes `\xNN`.
std::string as_text(std::string_view bytes) {
  return valid_utf8(bytes) ? std::string(bytes) : printable(bytes, 4 * bytes.size());
}

Json time_or_null(const std::optional<WallTime>& time) { return time ? Json(rfc3339(*time)) : Json(nullptr); }

template <typename T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<Json> parse_object(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

/// Null when it is missing.
const Json& member(const Json& object, const char* name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t number_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

/// What rfc3339() writes, and nothing else.
std::optional<WallTime> parse_time(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  if (text.size() != 20 || text.back() != 'Z') return std::nullopt;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ", &year, &month, &day, &hour, &minute, &second) !=
      6)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

std::optional<WallTime> time_member(const Json& object, const char* name) {
  return parse_time(text_member(object, name));
}

Result<Json> answer_object(std::string_view body) {
  auto object = parse_object(body);
  if (!object) return fail("the daemon's answer makes no sense", kInputOutput);
  return std::move(*object);
}

/// A selection as it is read from a request.
struct Asked {
  Selection selection;
  bool all = false;
};

tl::unexpected<Error> unfit(const std::string& name, const std::string& wanted) {
  return fail("\"" + printable(name, 40) + "\" must be " + wanted, kUsage);
}

// An empty text would mean anything at all: whoever sends one has lost a filter.
Result<void> take_text(const std::string& name, const Json& value, std::string& into) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    return unfit(name, "a text that is not empty");
  into = value.get<std::string>();
  return {};
}

Result<void> take_state(const std::string& name, const Json& value, std::string& into) {
  TRY_VOID(take_text(name, value, into));
  if (std::find(kStates.begin(), kStates.end(), into) == kStates.end())
    return unfit(name, "the name of a state");
  return {};
}

Result<void> take_ids(const std::string& name, const Json& value, std::vector<MessageId>& into) {
  if (!value.is_array() || value.empty()) return unfit(name, "a list of ids that is not empty");
  for (const Json& item : value) {
    const auto id = item.is_string() ? MessageId::parse(item.get_ref<const std::string&>()) : std::nullopt;
    if (!id) return unfit(name, "a list of whole ids");
    into.push_back(*id);
  }
  return {};
}

Result<void> take_code(const std::string& name, const Json& value, std::optional<int>& into) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 999)
    return unfit(name, "the code of a reply");
  into = value.get<int>();
  return {};
}

Result<void> take_time(const std::string& name, const Json& value, std::optional<WallTime>& into) {
  into = value.is_string() ? parse_time(value.get<std::string>()) : std::nullopt;
  if (!into) return unfit(name, "a time like 2026-03-01T12:00:00Z");
  return {};
}

Result<void> take_all(const std::string& name, const Json& value, bool& into) {
  if (!value.is_boolean()) return unfit(name, "true or false");
  into = value.get<bool>();
  return {};
}

Result<void> take_member(const std::string& name, const Json& value, Asked& asked) {
  Selection& selection = asked.selection;
  if (name == "schema") return {};
  if (name == "all") return take_all(name, value, asked.all);
  if (name == "ids") return take_ids(name, value, selection.ids);
  if (name == "from") return take_text(name, value, selection.from);
  if (name == "to") return take_text(name, value, selection.to);
  if (name == "upstream") return take_text(name, value, selection.upstream);
  if (name == "state") return take_state(name, value, selection.state);
  if (name == "code") return take_code(name, value, selection.code);
  if (name == "received_before") return take_time(name, value, selection.received_before);
  if (name == "received_after") return take_time(name, value, selection.received_after);
  return fail("\"" + printable(name, 40) + "\" is no condition that is known here", kUsage);
}

bool has_condition(const Selection& selection) {
  return !selection.ids.empty() || !selection.from.empty() || !selection.to.empty() ||
         !selection.upstream.empty() || !selection.state.empty() || selection.code ||
         selection.received_before || selection.received_after;
}

Json upstream_json(const LiveUpstream& upstream) {
  return {{"name", as_text(upstream.name)},        {"provider", as_text(upstream.provider)},
          {"state", as_text(upstream.state)},      {"reason", as_text(upstream.reason)},
          {"until", time_or_null(upstream.until)}, {"last_success_at", time_or_null(upstream.last_success)},
          {"connections", upstream.connections}};
}

Json upstreams_json(const std::vector<LiveUpstream>& upstreams) {
  Json list = Json::array();
  for (const LiveUpstream& upstream : upstreams) list.push_back(upstream_json(upstream));
  return list;
}

LiveUpstream read_upstream(const Json& object) {
  LiveUpstream upstream;
  upstream.name = text_member(object, "name");
  upstream.provider = text_member(object, "provider");
  upstream.state = text_member(object, "state");
  upstream.reason = text_member(object, "reason");
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

Json reply_json(Stage stage, const Reply& reply) {
  return {{"code", reply.code},
          {"enhanced", as_text(reply.enhanced)},
          {"text", as_text(reply_for_people(reply.text))},
          {"stage", stage_name(stage)}};
}

Json recipient_json(const SeenRecipient& recipient) {
  Json last = nullptr;
  if (recipient.last_reply) last = reply_json(recipient.last_reply->stage, recipient.last_reply->reply);
  return {
      {"address", as_text(recipient.address)},   {"state", recipient.state},
      {"attempts", recipient.attempts},          {"next_attempt_at", time_or_null(recipient.next_attempt)},
      {"upstream", as_text(recipient.upstream)}, {"last_reply", std::move(last)}};
}

Json source_json(const Source& source) {
  return {{"kind", as_text(source.kind)},
          {"uid", value_or_null(source.uid)},
          {"pid", value_or_null(source.pid)},
          {"command", as_text(source.command)},
          {"address", as_text(source.address)}};
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

std::string encode_selection(const Selection& selection) {
  Json object = {{"schema", 1}};
  if (!has_condition(selection)) object["all"] = true;
  for (const MessageId id : selection.ids) object["ids"].push_back(id.text());
  if (!selection.from.empty()) object["from"] = as_text(selection.from);
  if (!selection.to.empty()) object["to"] = as_text(selection.to);
  if (!selection.upstream.empty()) object["upstream"] = as_text(selection.upstream);
  if (!selection.state.empty()) object["state"] = as_text(selection.state);
  if (selection.code) object["code"] = *selection.code;
  if (selection.received_before) object["received_before"] = rfc3339(*selection.received_before);
  if (selection.received_after) object["received_after"] = rfc3339(*selection.received_after);
  return written(object);
}

Result<Selection> decode_selection(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return fail("the request is not a JSON object", kUsage);
  Asked asked;
  for (const auto& [name, value] : object->items()) TRY_VOID(take_member(name, value, asked));
  if (!asked.all && !has_condition(asked.selection))
    return fail("the request says of no message that it is meant; for every message write \"all\": true",
                kUsage);
  return std::move(asked.selection);
}

std::string encode_count(std::size_t messages) { return written({{"schema", 1}, {"messages", messages}}); }

Result<std::size_t> decode_count(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& messages = member(object, "messages");
  if (!messages.is_number_unsigned()) return fail("the daemon's answer makes no sense", kInputOutput);
  return messages.get<std::size_t>();
}

std::string encode_live_status(const LiveStatus& status) {
  return written(
      {{"schema", 1},
       {"version", as_text(status.version)},
       {"uptime_s", status.uptime_seconds},
       {"config", {{"path", as_text(status.config_path)}, {"loaded_at", rfc3339(status.config_loaded_at)}}},
       {"admission", as_text(status.admission)},
       {"connections", status.connections},
       {"upstreams", upstreams_json(status.upstreams)}});
}

Result<LiveStatus> decode_live_status(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& config = member(object, "config");
  const Json& upstreams = member(object, "upstreams");
  if (!config.is_object() || !upstreams.is_array())
    return fail("the daemon's answer makes no sense", kInputOutput);
  LiveStatus status;
  status.version = text_member(object, "version");
  status.uptime_seconds = number_member(object, "uptime_s");
  status.config_path = text_member(config, "path");
  status.config_loaded_at = time_member(config, "loaded_at").value_or(WallTime{});
  status.admission = text_member(object, "admission");
  status.connections =
      static_cast<std::size_t>(std::max<std::int64_t>(0, number_member(object, "connections")));
  for (const Json& upstream : upstreams)
    if (upstream.is_object()) status.upstreams.push_back(read_upstream(upstream));
  return status;
}

std::string encode_reload(const ReloadOutcome& outcome) {
  return written({{"schema", 1}, {"accepted", outcome.accepted}, {"text", as_text(outcome.text)}});
}

Result<ReloadOutcome> decode_reload(std::string_view body) {
  const Json object = TRY(answer_object(body));
  const Json& accepted = member(object, "accepted");
  if (!accepted.is_boolean()) return fail("the daemon's answer makes no sense", kInputOutput);
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
                  {"last_hour", report.queue ? last_hour_json(report.queue->last_hour) : Json(nullptr)}});
}

std::string encode_upstreams(const std::vector<LiveUpstream>& upstreams) {
  return written({{"schema", 1}, {"upstreams", upstreams_json(upstreams)}});
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
