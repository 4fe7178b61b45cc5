#include "base/secret.h"

#include <cstring>

namespace mailchute {

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe(bytes_);
  bytes_ = other.bytes_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  *this = static_cast<const Secret&>(other);
  wipe(other.bytes_);
  return *this;
}

void Secret::wipe(std::string& bytes) {
  // A short string lives inside the object, a long one on the heap: capacity covers both.
  bytes.resize(bytes.capacity());
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace mailchute
