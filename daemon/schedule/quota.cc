#include "schedule/quota.h"

#include <algorithm>
#include <utility>

namespace mailchute {

namespace {

/// How finely a window remembers: its memory is bounded, and a message waits at most this part longer.
constexpr int kParts = 60;

const char* window_name(Duration window) {
  if (window <= std::chrono::seconds(1)) return "a second";
  if (window <= std::chrono::minutes(1)) return "a minute";
  return window <= std::chrono::hours(1) ? "an hour" : "a day";
}

}  // namespace

Quota::Quota(const std::optional<Rate>& rate, const std::map<std::string, Rate>& quota) {
  if (rate) add(Window::Of::Messages, *rate);
  for (const auto& [what, limit] : quota)
    add(what == "recipients" ? Window::Of::Recipients : Window::Of::Messages, limit);
}

void Quota::add(Window::Of of, const Rate& limit) { windows_.push_back({of, limit, {}, 0}); }

void Quota::restore(const std::vector<Spending>& spendings, Moment now) {
  for (const Spending& spending : spendings) {
    const Duration ago = std::max<Duration>(now.wall - spending.minute, Duration::zero());
    // The whole minute counts as its end: rather a little too late than one message too many.
    add(spending.messages, spending.recipients,
        now.steady - std::max<Duration>(ago - std::chrono::minutes(1), Duration::zero()));
  }
}

void Quota::spend(std::size_t recipients, SteadyTime now) { add(1, recipients, now); }

void Quota::add(std::uint64_t messages, std::uint64_t recipients, SteadyTime at) {
  for (Window& window : windows_) window.add(window.of == Window::Of::Messages ? messages : recipients, at);
}

Quota::Room Quota::room(SteadyTime now) {
  Room room;
  for (Window& window : windows_) {
    std::size_t& least = window.of == Window::Of::Messages ? room.messages : room.recipients;
    least = std::min<std::size_t>(least, window.left(now));
  }
  return room;
}

std::optional<Quota::Held> Quota::held(SteadyTime now) {
  std::optional<Held> longest;
  for (Window& window : windows_) {
    if (window.left(now) > 0) continue;
    const SteadyTime until = window.sent.front().last + window.limit.window;
    if (longest && longest->until >= until) continue;
    const std::string what = window.of == Window::Of::Messages ? " messages in " : " recipients in ";
    longest = Held{
        until, std::to_string(window.limit.count) + what + window_name(window.limit.window) + " are used up"};
  }
  return longest;
}

void Quota::take_over(const Quota& old) {
  for (Window& window : windows_)
    for (const Window& known : old.windows_)
      if (known.of == window.of && known.limit.window == window.limit.window) {
        window.sent = known.sent;
        window.sum = known.sum;
      }
}

void Quota::Window::add(std::uint64_t count, SteadyTime at) {
  sum += count;
  if (sent.empty() || at - sent.back().first >= limit.window / kParts) sent.push_back({at, at, 0});
  sent.back().count += count;
  sent.back().last = at;  // What is gathered is forgotten with its last.
}

void Quota::Window::forget(SteadyTime now) {
  while (!sent.empty() && sent.front().last + limit.window <= now) {
    sum -= sent.front().count;
    sent.pop_front();
  }
}

std::uint64_t Quota::Window::left(SteadyTime now) {
  forget(now);
  return sum >= limit.count ? 0 : limit.count - sum;
}

}  // namespace mailchute
