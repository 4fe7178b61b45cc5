// Owns one libuv handle: whoever holds a Handle<T> need not think of libuv's two-step close. Loop thread
// only.
#pragma once

#include <memory>
#include <utility>

#include <uv.h>

namespace mailchute {

/// Destroying it detaches the owner at once (`data` becomes null, which every callback checks) and closes the
/// handle; the memory dies in libuv's close callback, because libuv still uses it until then.
template <typename T>
class Handle {
 public:
  Handle() = default;
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    close();
    raw_ = std::exchange(other.raw_, nullptr);
    return *this;
  }
  ~Handle() { close(); }

  /// `init` is the libuv call that initializes a `T*`; callbacks will find `owner` in `data`.
  /// Answers libuv's status, 0 or negative; after a failure the Handle is empty.
  template <typename Init>
  int open(void* owner, Init init) {
    close();
    auto raw = std::make_unique<T>();
    raw->data = owner;
    const int status = init(raw.get());
    if (status == 0) raw_ = raw.release();
    return status;
  }

  /// Closes now what the destructor would close later.
  void close() noexcept {
    if (!raw_) return;
    raw_->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(raw_, nullptr)),
             [](uv_handle_t* closed) noexcept { delete reinterpret_cast<T*>(closed); });
  }

  /// Null when nothing is open.
  T* get() const { return raw_; }
  T* operator->() const { return raw_; }
  explicit operator bool() const { return raw_ != nullptr; }

 private:
  T* raw_ = nullptr;
};

}  // namespace mailchute
