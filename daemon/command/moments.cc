#include "command/moments.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

#include "base/exit_codes.h"
#include "base/text.h"
#include "settings/units.h"

namespace mailchute {

namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr std::size_t kShortWeekday = 3;

std::tm local(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm fields{};
  ::localtime_r(&seconds, &fields);
  return fields;
}

enum class Zone { Local, Universal };

/// Empty for a date that no calendar has (2026-02-30), which mktime() would take for another.
std::optional<WallTime> moment(std::tm fields, Zone zone) {
  const std::tm asked = fields;
  fields.tm_isdst = -1;
  const std::time_t seconds = zone == Zone::Local ? std::mktime(&fields) : ::timegm(&fields);
  if (seconds == -1 || fields.tm_mday != asked.tm_mday || fields.tm_mon != asked.tm_mon) return std::nullopt;
  return WallTime(std::chrono::seconds(seconds));
}

/// `days` from the day of `fields`; where a zone skips midnight, what comes next is the beginning.
WallTime midnight(const std::tm& of, int days) {
  std::tm fields{};
  fields.tm_year = of.tm_year;
  fields.tm_mon = of.tm_mon;
  fields.tm_mday = of.tm_mday + days;
  fields.tm_isdst = -1;
  return WallTime(std::chrono::seconds(std::mktime(&fields)));
}

bool is_number(std::string_view text, std::size_t digits) {
  return text.size() == digits && parse_unsigned(text).has_value();
}

/// A part of fixed width, in its bounds.
std::optional<int> part(std::string_view text, std::size_t at, std::size_t digits, int least, int most) {
  if (text.size() < at + digits || !is_number(text.substr(at, digits), digits)) return std::nullopt;
  const int value = static_cast<int>(*parse_unsigned(text.substr(at, digits)));
  return value < least || value > most ? std::nullopt : std::optional(value);
}

std::optional<std::tm> date_fields(std::string_view text) {
  const auto year = part(text, 0, 4, 1970, 9999);
  const auto month = part(text, 5, 2, 1, 12);
  const auto day = part(text, 8, 2, 1, 31);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::tm fields{};
  fields.tm_year = *year - 1900;
  fields.tm_mon = *month - 1;
  fields.tm_mday = *day;
  return fields;
}

/// `14:30` or `14:30:05`.
bool read_clock(std::string_view text, std::tm& fields) {
  const auto hour = part(text, 0, 2, 0, 23);
  const auto minute = part(text, 3, 2, 0, 59);
  const auto second = text.size() == 5 ? std::optional(0) : part(text, 6, 2, 0, 59);
  if (!hour || !minute || !second || text[2] != ':') return false;
  if (text.size() != 5 && (text.size() != 8 || text[5] != ':')) return false;
  fields.tm_hour = *hour;
  fields.tm_min = *minute;
  fields.tm_sec = *second;
  return true;
}

constexpr std::size_t kDateCharacters = 10;

std::optional<WallTime> date_and_time(std::string_view text) {
  auto fields = date_fields(text);
  if (!fields || text.size() <= kDateCharacters) return std::nullopt;
  const char between = text[kDateCharacters];
  if (between != 'T' && between != 't' && between != ' ') return std::nullopt;
  text.remove_prefix(kDateCharacters + 1);
  const bool universal = text.ends_with('Z') || text.ends_with('z');
  if (universal) text.remove_suffix(1);
  if (!read_clock(text, *fields)) return std::nullopt;
  return moment(*fields, universal ? Zone::Universal : Zone::Local);
}

std::optional<int> weekday(const std::string& name) {
  const auto found = std::find_if(kWeekdays.begin(), kWeekdays.end(), [&](std::string_view each) {
    return name == each || name == each.substr(0, kShortWeekday);
  });
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<int>(found - kWeekdays.begin());
}

/// How many days before today; empty for what is no name of a day.
std::optional<int> days_before_today(const std::string& name, const std::tm& today) {
  if (name == "today") return 0;
  if (name == "yesterday") return 1;
  const auto meant = weekday(name);
  if (!meant) return std::nullopt;
  const int before = (today.tm_wday - *meant + 7) % 7;
  return before == 0 ? 7 : before;
}

std::optional<Day> find_day(const std::string& text, WallTime now) {
  const std::tm today = local(now);
  if (const auto before = days_before_today(lower(text), today))
    return Day{midnight(today, -*before), midnight(today, 1 - *before)};
  const auto fields = date_fields(text);
  if (!fields || text.size() != kDateCharacters || !moment(*fields, Zone::Universal)) return std::nullopt;
  return Day{midnight(*fields, 0), midnight(*fields, 1)};
}

}  // namespace

Result<WallTime> moment_of(const std::string& text, WallTime now) {
  if (const auto day = find_day(text, now)) return day->begins;
  if (const auto time = date_and_time(text)) return *time;
  const auto duration = parse_duration(text);
  if (duration) return std::chrono::floor<std::chrono::seconds>(now - *duration);
  return fail(
      duration.error().message + "; next: write it like 2h, 3d, 2026-11-17, 2026-11-17T14:30 or tuesday",
      exit_code::kUsage);
}

Result<Day> day_of(const std::string& text, WallTime now) {
  if (const auto day = find_day(text, now)) return *day;
  return fail("'" + printable(text, 80) + "' is no day; next: write it like 2026-11-17, yesterday or tuesday",
              exit_code::kUsage);
}

std::string local_time(WallTime time, WallTime now) {
  const std::tm fields = local(time);
  const std::tm today = local(now);
  std::array<char, 32> text{};
  const bool same_day = fields.tm_year == today.tm_year && fields.tm_yday == today.tm_yday;
  std::strftime(text.data(), text.size(), same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &fields);
  return text.data();
}

}  // namespace mailchute
