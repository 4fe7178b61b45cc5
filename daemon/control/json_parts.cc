#include "control/json_parts.h"

#include <chrono>
#include <cstdio>

#include "base/text.h"
#include "mail/reply_for_people.h"

namespace mailchute {

std::string written(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

std::string as_text(std::string_view bytes) {
  return valid_utf8(bytes) ? std::string(bytes) : printable(bytes, 4 * bytes.size());
}

Json time_or_null(const std::optional<WallTime>& time) { return time ? Json(rfc3339(*time)) : Json(nullptr); }

Json reply_json(Stage stage, const Reply& reply) {
  return {{"code", reply.code},
          {"enhanced", as_text(reply.enhanced)},
          {"text", as_text(reply_for_people(reply.text))},
          {"stage", stage_name(stage)}};
}

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

std::optional<Json> parse_object(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

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

std::optional<WallTime> time_member(const Json& object, const char* name) {
  return parse_time(text_member(object, name));
}

}  // namespace mailchute
