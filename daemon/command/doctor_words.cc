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

Phrase fault_of_host_name(std::string_view name) {
  if (name.empty()) return said({"it is empty", "名字是空的"});
  if (name.starts_with('['))
    return said({"it is an address, because this machine has no full name; some providers take none",
                 "用的是地址，因为本机没有完整的主机名；有的服务商不接受"});
  if (name.find('.') == std::string_view::npos) return said({"it has no domain", "缺少域名部分"});
  if (is_private(name)) return said({"nobody outside knows this name", "这个名字在外面没有人认识"});
  return {};
}

Phrase fault_of_mail_domain(std::string_view domain) {
  if (domain.empty() || domain.starts_with('[') || domain.find('.') == std::string_view::npos)
    return said({"it is no domain that mail could be answered to", "这不是能收到回信的域名"});
  if (is_private(domain)) return said({"nobody outside can answer to it", "外面的人无法回信到这个域名"});
  return {};
}

Phrase fault_of_clock(WallTime now, std::optional<WallTime> latest_event) {
  if (now < kFirstRelease)
    return said({"it says {}, which is long past", "时钟显示 {}，早已过去"}, {rfc3339(now)});
  if (latest_event && *latest_event > now + kClockTolerance)
    return said({"it says {}, and the queue has seen {}: it was set back, or was ahead",
                 "时钟显示 {}，但队列里已有 {} 的记录：时钟被拨回过，或曾经走快"},
                {rfc3339(now), rfc3339(*latest_event)});
  return {};
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

Phrase fault_of_certificate(WallTime expires, WallTime now) {
  if (expires <= now)
    return said({"its certificate expired {} ago", "它的证书 {}前已过期"}, {spoken(now - expires)});
  if (expires - now > kCertificateLeft) return {};
  return said(
      {"its certificate expires in {}, and does not seem to be renewed", "它的证书 {}后过期，看来没有人续期"},
      {spoken(expires - now)});
}

}  // namespace mailchute
