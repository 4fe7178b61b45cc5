#include "command/doctor_words.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"
#include "command/words.h"

namespace mailchute {

namespace {

using namespace std::chrono_literals;

/// Names that are for machines among themselves (RFC 2606, 6762, 8375), and what people make up instead.
constexpr std::array<std::string_view, 10> kPrivate = {
    "localhost", "localdomain", "local", "lan", "home", "internal", "invalid", "test", "intranet", "arpa"};

/// Renewals happen a month ahead: what has less is no longer being renewed by itself.
constexpr auto kCertificateLeft = 24h * 21;

/// Events are written by the second, and clocks are slewed by parts of one.
constexpr auto kClockTolerance = 10min;

constexpr WallTime kFirstRelease = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

bool is_private(std::string_view name) {
  const std::string last = lower(name.substr(name.rfind('.') + 1));
  return std::find(kPrivate.begin(), kPrivate.end(), last) != kPrivate.end();
}

}  // namespace

std::string fault_of_host_name(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.starts_with('['))
    return "it is an address, because this machine has no full name; some providers take none";
  if (name.find('.') == std::string_view::npos) return "it has no domain";
  if (is_private(name)) return "nobody outside knows this name";
  return "";
}

std::string fault_of_mail_domain(std::string_view domain) {
  if (domain.empty() || domain.starts_with('[') || domain.find('.') == std::string_view::npos)
    return "it is no domain that mail could be answered to";
  return is_private(domain) ? "nobody outside can answer to it" : "";
}

std::string fault_of_clock(WallTime now, std::optional<WallTime> latest_event) {
  if (now < kFirstRelease) return "it says " + rfc3339(now) + ", which is long past";
  if (latest_event && *latest_event > now + kClockTolerance)
    return "it says " + rfc3339(now) + ", and the queue has seen " + rfc3339(*latest_event) +
           ": it was set back, or was ahead";
  return "";
}

std::vector<UnitProperties> parse_units(std::string_view text) {
  std::vector<UnitProperties> units(1);
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty() && !units.back().empty()) units.emplace_back();
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    units.back()[std::string(line.substr(0, equals))] = std::string(trim(line.substr(equals + 1)));
  }
  if (units.back().empty()) units.pop_back();
  return units;
}

UnitProperties parse_properties(std::string_view text) {
  auto units = parse_units(text);
  return units.empty() ? UnitProperties() : std::move(units.front());
}

std::string fault_of_certificate(WallTime expires, WallTime now) {
  if (expires <= now) return "its certificate expired " + long_duration(now - expires) + " ago";
  if (expires - now > kCertificateLeft) return "";
  return "its certificate expires in " + long_duration(expires - now) + ", and does not seem to be renewed";
}

}  // namespace mailchute
