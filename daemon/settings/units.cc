#include "settings/units.h"

#include <array>
#include <limits>
#include <optional>
#include <span>

#include "base/text.h"

namespace mailchute {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kDayMs = 86'400'000;
constexpr std::uint64_t kDurationMsMax = 36'500 * kDayMs;
constexpr std::uint64_t kSizeMax = std::numeric_limits<std::int64_t>::max();

// Largest first: formatting takes the first that divides.
constexpr std::array kDurationUnits = {Unit{"d", kDayMs}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                       Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array kSizeUnits = {Unit{"TiB", 1ULL << 40},
                                   Unit{"TB", 1'000'000'000'000},
                                   Unit{"GiB", 1ULL << 30},
                                   Unit{"GB", 1'000'000'000},
                                   Unit{"MiB", 1ULL << 20},
                                   Unit{"MB", 1'000'000},
                                   Unit{"KiB", 1ULL << 10},
                                   Unit{"KB", 1'000},
                                   Unit{"B", 1}};
constexpr std::array kRateUnits = {Unit{"day", kDayMs},  Unit{"d", kDayMs},   Unit{"hour", 3'600'000},
                                   Unit{"h", 3'600'000}, Unit{"min", 60'000}, Unit{"m", 60'000},
                                   Unit{"sec", 1'000},   Unit{"s", 1'000}};

struct Split {
  std::string_view digits;
  std::string_view unit;
};

Split split_number(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end)};
}

tl::unexpected<Unfit> unfit(std::string message, std::string hint) {
  return tl::unexpected<Unfit>(Unfit{std::move(message), std::move(hint)});
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 80) + "\""; }

std::optional<std::uint64_t> factor_of(std::string_view name, std::span<const Unit> units) {
  for (const auto& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

/// What the person probably meant by a unit that does not exist, or the list of those that do.
std::string unit_hint(const Split& parts, std::span<const Unit> units, std::string_view example) {
  const std::string_view bare = trim(parts.unit);
  for (const auto& unit : units)
    if (equal_nocase(unit.name, bare)) return "write " + std::string(parts.digits) + std::string(unit.name);
  return "write it like " + std::string(example);
}

struct Measure {
  std::string_view what;  // "a duration"
  std::string_view example;
  std::span<const Unit> units;
  std::uint64_t most;
};

std::string hint_for(const Measure& measure, const Split& parts) {
  if (measure.units.data() == kSizeUnits.data() && parts.unit.size() == 1 && parts.unit != "B")
    for (const auto& unit : measure.units)
      if (starts_nocase(unit.name, parts.unit)) {
        const std::string number(parts.digits);
        return "write " + number + std::string(1, unit.name[0]) + "iB or " + number +
               std::string(1, unit.name[0]) + "B";
      }
  return unit_hint(parts, measure.units, measure.example);
}

Fitted<std::uint64_t> parse_measure(std::string_view text, const Measure& measure) {
  if (text == "0") return 0;
  const std::string what(measure.what);
  const std::string example(measure.example);
  if (text.starts_with('-')) return unfit(in_quotes(text) + " is negative", "write it like " + example);
  const Split parts = split_number(text);
  if (parts.digits.empty()) return unfit(in_quotes(text) + " is not " + what, "write it like " + example);
  if (parts.unit.empty()) return unfit(in_quotes(text) + " needs a unit", "write it like " + example);
  if (parts.unit.starts_with('.') || parts.unit.starts_with(','))
    return unfit(in_quotes(text) + " is not a whole number", "take a smaller unit");
  const auto factor = factor_of(parts.unit, measure.units);
  if (!factor)
    return unfit(in_quotes(text) + " has no unit that " + what + " can have", hint_for(measure, parts));
  const auto number = parse_unsigned(parts.digits);
  if (!number || *number > measure.most / *factor)
    return unfit(in_quotes(text) + " is too large", "write it like " + example);
  return *number * *factor;
}

std::string format_measure(std::uint64_t value, std::span<const Unit> units) {
  if (value == 0) return "0";
  std::string shortest;
  for (const auto& unit : units) {
    if (value % unit.factor != 0) continue;
    const std::string text = std::to_string(value / unit.factor) + std::string(unit.name);
    if (shortest.empty() || text.size() < shortest.size()) shortest = text;
  }
  return shortest;
}

}  // namespace

Fitted<Duration> parse_duration(std::string_view text) {
  const Measure measure{"a duration", "500ms, 30s, 5m, 2h or 5d", kDurationUnits, kDurationMsMax};
  return parse_measure(text, measure).map([](std::uint64_t ms) {
    return Duration(static_cast<std::int64_t>(ms));
  });
}

Fitted<std::uint64_t> parse_size(std::string_view text) {
  return parse_measure(text, {"a size", "10KiB, 25MB or 4GiB", kSizeUnits, kSizeMax});
}

Fitted<Rate> parse_rate(std::string_view text) {
  const std::string hint = "write it like 10/min or 500/day";
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return unfit(in_quotes(text) + " is not a rate", hint);
  const auto count = parse_unsigned(text.substr(0, slash));
  if (!count) return unfit(in_quotes(text) + " does not begin with a whole number", hint);
  if (*count == 0) return unfit(in_quotes(text) + " would let nothing through", hint);
  const auto window = factor_of(text.substr(slash + 1), kRateUnits);
  if (!window) return unfit(in_quotes(text) + " does not end with s, min, h or day", hint);
  return Rate{*count, Duration(static_cast<std::int64_t>(*window))};
}

Fitted<std::uint64_t> parse_count(std::string_view text) {
  if (const auto number = parse_unsigned(text)) return *number;
  if (text.starts_with('-')) return unfit(in_quotes(text) + " is negative", "write decimal digits only");
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos)
    return unfit(in_quotes(text) + " is too large", "write a smaller number");
  return unfit(in_quotes(text) + " is not a whole number",
               "write decimal digits only, without unit, point or exponent");
}

Fitted<double> parse_fraction(std::string_view text) {
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  const auto left = parse_unsigned(whole);
  const auto right = parse_unsigned(part);
  // strtod would take hexadecimal, exponents, infinities and the locale's comma.
  if (!left || !right || part.size() > 9 || *left >= 1'000'000)
    return unfit(in_quotes(text) + " is not a number", "write it like 0.2 or 2");
  double scale = 1;
  for (std::size_t i = 0; i < part.size(); ++i) scale *= 10;
  return static_cast<double>(*left) + static_cast<double>(*right) / scale;
}

std::string format_duration(Duration duration) {
  return format_measure(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string format_size(std::uint64_t bytes) { return format_measure(bytes, kSizeUnits); }

std::string format_rate(const Rate& rate) {
  for (const auto name : {"day", "h", "min", "s"})
    if (*factor_of(name, kRateUnits) == static_cast<std::uint64_t>(rate.window.count()))
      return std::to_string(rate.count) + "/" + name;
  return std::to_string(rate.count) + "/" + format_duration(rate.window);
}

std::string format_fraction(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace mailchute
