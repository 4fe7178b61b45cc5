#include "schedule/login_count.h"

#include <algorithm>

namespace mailchute {

namespace {

constexpr Duration kHour = std::chrono::hours(1);

void add(std::deque<Moment>& moments, Moment now) {
  moments.push_back(now);
  if (moments.size() > LoginCount::kAnHour) moments.pop_front();
}

bool is_earlier(const Moment& one, const Moment& other) { return one.steady < other.steady; }

}  // namespace

void LoginCount::presented(Moment now) { add(presented_, now); }

void LoginCount::taken() {
  if (!presented_.empty()) presented_.pop_back();
}

void LoginCount::refused(Moment now) {
  if (!presented_.empty()) presented_.pop_front();
  add(refused_, now);
}

Duration LoginCount::until_due(SteadyTime now) const {
  const std::deque<Moment> moments = latest();
  if (moments.size() < kAnHour) return Duration::zero();
  return std::max<Duration>(moments.front().steady + kHour - now, Duration::zero());
}

std::deque<Moment> LoginCount::latest() const {
  std::deque<Moment> moments = refused_;
  moments.insert(moments.end(), presented_.begin(), presented_.end());
  std::stable_sort(moments.begin(), moments.end(), is_earlier);
  while (moments.size() > kAnHour) moments.pop_front();
  return moments;
}

std::vector<WallTime> LoginCount::kept() const {
  std::vector<WallTime> moments;
  for (const Moment& each : latest()) moments.push_back(each.wall);
  return moments;
}

void LoginCount::restore(const std::vector<WallTime>& kept, Moment now) {
  for (const WallTime wall : kept) {
    const Duration age = std::clamp<Duration>(now.wall - wall, Duration::zero(), kHour);
    add(refused_, {now.wall - age, now.steady - age});
  }
}

}  // namespace mailchute
