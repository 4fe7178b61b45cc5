// Keeps bytes until they are wanted again: in memory while they are few, beyond that in a file that has no
// name and goes with the process. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace mailchute {

class Spool {
 public:
  /// Of the common message nothing is written twice; a hundred callers at once stay within a hundred times
  /// this.
  static constexpr std::size_t kMemoryBytes = 1 << 20;

  explicit Spool(std::size_t memory_bytes_max = kMemoryBytes) : memory_bytes_max_(memory_bytes_max) {}

  /// Fails with code 75 when there is no room for it.
  Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return size_; }

  /// The next piece, from the beginning on; empty behind the last. Nothing may be appended any more.
  Result<std::string> next_piece();

 private:
  Result<void> write_to_file(std::string_view bytes);

  std::size_t memory_bytes_max_;
  std::string memory_;  ///< What the file does not have.
  Descriptor file_;     ///< None while all is in memory.
  std::uint64_t size_ = 0;
  std::uint64_t given_ = 0;
};

}  // namespace mailchute
