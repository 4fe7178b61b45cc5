// Binds a callback to the life of the object it speaks to: once the object is gone the callback does nothing.
// Loop thread only.
#pragma once

#include <memory>
#include <utility>

namespace mailchute {

/// A member of the object that callbacks reach back to; declare it last, so that it dies first.
class Lifeline {
 public:
  Lifeline() : alive_(std::make_shared<char>()) {}
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  /// Wraps `f` so that it runs only while this Lifeline lives. For callbacks that return nothing.
  template <typename F>
  auto bind(F f) const {
    return [watch = std::weak_ptr<char>(alive_), f = std::move(f)](auto&&... arguments) mutable {
      if (!watch.expired()) f(std::forward<decltype(arguments)>(arguments)...);
    };
  }

 private:
  std::shared_ptr<char> alive_;
};

}  // namespace mailchute
