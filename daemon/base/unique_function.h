// A callable that may own move-only values: std::function must be copyable, and a draft or a parcel is not.
// Stands in for C++23's std::move_only_function. Any thread, one at a time.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace mailchute {

template <typename Signature>
class UniqueFunction;

/// Holds any callable with this signature, by move only. Calling an empty one is a programming error.
template <typename R, typename... Arguments>
class UniqueFunction<R(Arguments...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}

  template <typename F>
  requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, Arguments...>)
      UniqueFunction(F&& callable)
      : held_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(callable))) {}

  explicit operator bool() const { return held_ != nullptr; }

  R operator()(Arguments... arguments) { return held_->call(std::forward<Arguments>(arguments)...); }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual R call(Arguments... arguments) = 0;
  };

  template <typename F>
  struct Holder final : Held {
    template <typename G>
    explicit Holder(G&& callable) : f(std::forward<G>(callable)) {}
    R call(Arguments... arguments) override { return f(std::forward<Arguments>(arguments)...); }
    F f;
  };

  std::unique_ptr<Held> held_;
};

}  // namespace mailchute
