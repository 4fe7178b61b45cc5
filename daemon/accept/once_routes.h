// Messages that an operator wants to go by one upstream, whatever the routes say: each is announced by its
// Message-ID before it is handed in. A word is good for one message and a few minutes, and a bounded number
// of them is kept. Told the time, reads no clock. Loop thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mailchute {

class OnceRoutes {
 public:
  /// People test one upstream at a time; beyond this the oldest word is forgotten.
  static constexpr std::size_t kMost = 32;
  static constexpr Duration kPatience{300'000};

  void expect(std::string message_id, std::string route, SteadyTime now);

  /// The route for the message with this Message-ID, if it was announced; once.
  std::optional<std::string> take(std::string_view message_id, SteadyTime now);

  /// take() at the moment of the call; this object and `clock` must outlive what is returned.
  std::function<std::optional<std::string>(const std::string&)> asker(const Clock& clock) {
    return [this, &clock](const std::string& message_id) { return take(message_id, clock.steady()); };
  }

 private:
  struct Word {
    std::string message_id;
    std::string route;
    SteadyTime until{};
  };
  std::deque<Word> words_;
};

}  // namespace mailchute
