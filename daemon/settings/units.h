// Numbers with units, as people write them in the configuration: `30s`, `256MiB`, `10/min`. Exact or refused:
// nothing is rounded, cut or guessed. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/clock.h"
#include "settings/settings.h"

namespace mailchute {

/// Why a text is not what was asked for, and what to write instead.
struct Unfit {
  std::string message;
  std::string hint;
};

template <typename T>
using Fitted = tl::expected<T, Unfit>;

/// `500ms 30s 5m 2h 5d`; a bare `0` is zero. At most 36500d.
Fitted<Duration> parse_duration(std::string_view text);

/// `512B 10KB 10KiB 25MB 4GiB 1TB`; a bare `0` is zero. Bytes, below 2^63.
Fitted<std::uint64_t> parse_size(std::string_view text);

/// `10/s 30/min 100/h 500/day`, also `sec`, `hour`, `d`; at least one.
Fitted<Rate> parse_rate(std::string_view text);

/// Decimal digits only: no sign, point, exponent or other base.
Fitted<std::uint64_t> parse_count(std::string_view text);

/// `0.2`, `2`: digits with at most one point, below a million.
Fitted<double> parse_fraction(std::string_view text);

/// The shortest text that parses to the same value.
std::string format_duration(Duration duration);
std::string format_size(std::uint64_t bytes);
std::string format_rate(const Rate& rate);
std::string format_fraction(double value);

}  // namespace mailchute
