// A password or token in memory: wiped when it goes, and without any way to print it by accident.
// Any thread, one at a time.
#pragma once

#include <string>
#include <string_view>

namespace mailchute {

/// Owns the bytes of a secret. Moving leaves the source empty and wiped.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(bytes_); }

  /// The bytes themselves; the caller must not log, store or keep them.
  std::string_view reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  bool operator==(const Secret& other) const = default;

  /// Overwrites the whole buffer of `bytes`, then empties it; the compiler may not leave it out.
  static void wipe(std::string& bytes);

 private:
  std::string bytes_;
};

}  // namespace mailchute
