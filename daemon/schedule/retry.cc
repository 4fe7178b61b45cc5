#include "schedule/retry.h"

#include <algorithm>
#include <cmath>

namespace mailchute {

namespace {

/// Whatever is configured, a message is not tried in a tight loop.
constexpr double kDelayLeastMs = 1000;

/// 0 up to, but not, 1.
double fraction(std::uint64_t random) { return std::ldexp(static_cast<double>(random >> 11U), -53); }

double jitter_of(const Settings::Retry& retry) { return std::clamp(retry.jitter, 0.0, 1.0); }

double delay_before_jitter(const Settings::Retry& retry, int attempts) {
  const double first = static_cast<double>(retry.first.count());
  const double max = std::max(first, static_cast<double>(retry.max.count()));
  const double grown = first * std::pow(std::max(1.0, retry.factor), std::max(0, attempts - 1));
  return std::min(grown, max);  // pow() may have reached infinity, which min() brings back
}

Duration whole(double milliseconds) {
  return Duration(static_cast<Duration::rep>(std::max(kDelayLeastMs, milliseconds)));
}

}  // namespace

Duration retry_delay(const Settings::Retry& retry, int attempts, std::uint64_t random) {
  const double spread = 1 + jitter_of(retry) * (2 * fraction(random) - 1);
  return whole(delay_before_jitter(retry, attempts) * spread);
}

Duration retry_delay_max(const Settings::Retry& retry) {
  const double longest = static_cast<double>(std::max(retry.first, retry.max).count());
  return whole(longest * (1 + jitter_of(retry)));
}

}  // namespace mailchute
