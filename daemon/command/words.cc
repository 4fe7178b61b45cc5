#include "command/words.h"

#include <algorithm>
#include <array>

namespace mailchute {

namespace {

struct Unit {
  std::int64_t seconds;
  const char* name;
  const char* name_zh;
};
constexpr std::array<Unit, 4> kUnits = {
    {{86'400, "d", " 天"}, {3'600, "h", " 小时"}, {60, "m", " 分钟"}, {1, "s", " 秒"}}};

std::int64_t whole_seconds(Duration duration) {
  return std::max<std::int64_t>(0, duration / std::chrono::seconds(1));
}

/// The largest unit that fits into it; seconds for nothing at all.
std::size_t unit_of(std::int64_t seconds) {
  const auto found = std::find_if(kUnits.begin(), kUnits.end(),
                                  [seconds](const Unit& unit) { return seconds >= unit.seconds; });
  return found == kUnits.end() ? kUnits.size() - 1 : static_cast<std::size_t>(found - kUnits.begin());
}

std::string in_unit(std::int64_t seconds, std::size_t unit, Language language = Language::English) {
  const char* name = language == Language::Chinese ? kUnits[unit].name_zh : kUnits[unit].name;
  return std::to_string(seconds / kUnits[unit].seconds) + name;
}

/// `units` counted with one digit behind the point below ten.
std::string with_tenth(std::uint64_t value, std::uint64_t unit) {
  const std::uint64_t whole = value / unit;
  if (whole >= 10) return std::to_string(whole);
  return std::to_string(whole) + "." + std::to_string(value % unit * 10 / unit);
}

}  // namespace

std::string short_duration(Duration duration, Language language) {
  const std::int64_t seconds = whole_seconds(duration);
  return in_unit(seconds, unit_of(seconds), language);
}

std::string long_duration(Duration duration, Language language) {
  const std::int64_t seconds = whole_seconds(duration);
  const std::size_t unit = unit_of(seconds);
  const std::string first = in_unit(seconds, unit, language);
  if (unit >= 2) return first;  // Nobody wants the seconds behind minutes.
  const std::int64_t rest = seconds % kUnits[unit].seconds;
  if (rest < kUnits[unit + 1].seconds) return first;
  return first + " " + in_unit(rest, unit + 1, language);
}

Phrase spoken(Duration duration) {
  return {long_duration(duration), long_duration(duration, Language::Chinese)};
}

std::string elapsed(Duration duration) {
  const std::int64_t milliseconds = std::max<std::int64_t>(0, duration.count());
  if (milliseconds < 1'000) return std::to_string(milliseconds) + "ms";
  if (milliseconds < 60'000) return with_tenth(static_cast<std::uint64_t>(milliseconds), 1'000) + "s";
  return long_duration(duration);
}

std::string short_size(std::uint64_t bytes) {
  constexpr std::string_view kNames = "KMGTPE";
  if (bytes < 1024) return std::to_string(bytes) + "B";
  std::uint64_t unit = 1024;
  std::size_t name = 0;
  while (name + 1 < kNames.size() && bytes / unit >= 1024) {
    unit *= 1024;
    ++name;
  }
  return with_tenth(bytes, unit) + kNames[name];
}

Phrase user_words(std::optional<std::uint32_t> uid) {
  if (!uid) return said({"users unknown", "身份不明的用户"});
  return said({"user {}", "用户 {} "}, {std::to_string(*uid)});
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

Phrase counted(std::uint64_t count, std::string_view noun, std::string_view chinese) {
  return {counted(count, noun), std::to_string(count) + " " + std::string(chinese)};
}

}  // namespace mailchute
