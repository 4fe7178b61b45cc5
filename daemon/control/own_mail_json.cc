#include "control/own_mail_json.h"

#include <cstdint>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "control/json_parts.h"
#include "store/rows.h"

namespace mailchute {

namespace {

constexpr std::size_t kReplyShown = 200;

Json bounded_reply(Stage stage, const Reply& reply) {
  return {{"stage", stage_name(stage)},
          {"code", reply.code},
          {"enhanced", as_text(reply.enhanced)},
          {"text", as_text(std::string_view(reply.text).substr(0, kReplyShown))}};
}

Json recipient_json(const SeenRecipient& recipient) {
  Json json = {{"address", as_text(recipient.address)},
               {"state", recipient.state},
               {"next_attempt_at", time_or_null(recipient.next_attempt)},
               {"route", as_text(recipient.route)}};
  if (recipient.last_reply)
    json["reply"] = bounded_reply(recipient.last_reply->stage, recipient.last_reply->reply);
  return json;
}

Json message_json(const SeenMessage& message) {
  Json recipients = Json::array();
  for (const SeenRecipient& recipient : message.recipients) recipients.push_back(recipient_json(recipient));
  return {{"id", message.id.text()},
          {"sender", as_text(message.sender)},
          {"state", message.state},
          {"bytes", message.bytes},
          {"received_at", rfc3339(message.received)},
          {"recipients", std::move(recipients)},
          {"left_out", message.left_out}};
}

Json upstream_json(const UpstreamState& upstream) {
  return {{"name", as_text(upstream.name)},
          {"trouble", upstream.trouble},
          {"cooling_until", time_or_null(upstream.cooling_until)},
          {"paused", upstream.paused},
          {"reply", bounded_reply(upstream.stage, upstream.reply)}};
}

SeenReply read_reply(const Json& json) {
  return {to_stage(text_member(json, "stage")),
          {static_cast<int>(number_member(json, "code")), text_member(json, "enhanced"),
           text_member(json, "text")}};
}

SeenRecipient read_recipient(const Json& json) {
  SeenRecipient recipient;
  recipient.address = text_member(json, "address");
  recipient.state = text_member(json, "state");
  recipient.next_attempt = time_member(json, "next_attempt_at");
  recipient.route = text_member(json, "route");
  if (member(json, "reply").is_object()) recipient.last_reply = read_reply(json["reply"]);
  return recipient;
}

SeenMessage read_message(const Json& json) {
  SeenMessage message;
  message.id = MessageId::parse(text_member(json, "id")).value_or(MessageId{});
  message.sender = text_member(json, "sender");
  message.state = text_member(json, "state");
  message.bytes = static_cast<std::uint64_t>(number_member(json, "bytes"));
  message.received = time_member(json, "received_at").value_or(WallTime{});
  for (const Json& each : member(json, "recipients")) message.recipients.push_back(read_recipient(each));
  message.left_out = static_cast<std::size_t>(number_member(json, "left_out"));
  return message;
}

UpstreamState read_upstream(const Json& json) {
  UpstreamState upstream;
  upstream.name = text_member(json, "name");
  upstream.trouble = text_member(json, "trouble");
  upstream.cooling_until = time_member(json, "cooling_until");
  upstream.paused = member(json, "paused") == true;
  SeenReply why = read_reply(member(json, "reply"));
  upstream.stage = why.stage;
  upstream.reply = std::move(why.reply);
  return upstream;
}

}  // namespace

std::string encode_own_mail(const OwnMailPage& page, std::size_t bytes_max) {
  Json messages = Json::array();
  std::optional<Place> next = page.next;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < page.entries.size(); ++at) {
    Json message = message_json(page.entries[at].message);
    bytes += written(message).size();
    if (at > 0 && bytes > bytes_max) {
      next = page.entries[at - 1].place;
      break;
    }
    messages.push_back(std::move(message));
  }
  Json upstreams = Json::array();
  for (const UpstreamState& upstream : page.upstreams) upstreams.push_back(upstream_json(upstream));
  return written({{"messages", std::move(messages)},
                  {"upstreams", std::move(upstreams)},
                  {"next", next ? Json(place_text(*next)) : Json(nullptr)}});
}

Result<OwnMailPage> decode_own_mail(std::string_view text) {
  const auto json = parse_object(text);
  if (!json || !member(*json, "messages").is_array())
    return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  OwnMailPage page;
  for (const Json& each : member(*json, "messages"))
    if (each.is_object()) page.entries.push_back({read_message(each), {}});
  for (const Json& each : member(*json, "upstreams"))
    if (each.is_object()) page.upstreams.push_back(read_upstream(each));
  page.next = parse_place(text_member(*json, "next"));
  return page;
}

std::string place_text(const Place& place) { return std::to_string(place.time) + "-" + place.id.text(); }

std::optional<Place> parse_place(std::string_view text) {
  const auto hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const auto time = parse_unsigned(text.substr(0, hyphen));
  const auto id = MessageId::parse(text.substr(hyphen + 1));
  if (!time || *time > INT64_MAX || !id) return std::nullopt;
  return Place{static_cast<std::int64_t>(*time), *id};
}

}  // namespace mailchute
