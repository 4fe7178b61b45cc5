#include "net/signals.h"

#include <utility>

#include "base/result.h"

namespace mailchute {

void Signals::on(int signal, UniqueFunction<void()> then) {
  watches_.push_back(std::make_unique<Watch>(Watch{std::move(then), {}}));
  auto& watch = *watches_.back();
  CHECK(watch.handle.open(&watch, [&](uv_signal_t* raw) { return uv_signal_init(loop_.raw(), raw); }) == 0);
  const auto on_signal = [](uv_signal_t* raw, int) noexcept {
    if (auto* const seen = static_cast<Watch*>(raw->data)) seen->then();
  };
  CHECK(uv_signal_start(watch.handle.get(), on_signal, signal) == 0);
}

}  // namespace mailchute
