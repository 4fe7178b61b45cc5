// Turns stored content into what goes on the wire: checks that it is canonical, stuffs dots, ends it. The
// last guard against smuggling: whatever a store may hold, no bare CR, bare LF or NUL passes (RFC
// 5321 2.3.8, 4.5.2). Pure; one per message; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mailchute {

class BodyWriter {
 public:
  /// Stuffed: for DATA, ended by the lone dot. Plain: for BDAT, whose length says where it ends (RFC 3030 2).
  enum class Dots { Stuffed, Plain };

  explicit BodyWriter(Dots dots) : dots_(dots) {}

  /// Appends the wire form of `content` to `out`; the content may be split anywhere. Fails when it is not
  /// canonical: `out` and the message must then be dropped. A CR at the end is held back until the byte
  /// behind it is known.
  Result<void> write(std::string_view content, std::string& out);

  /// Appends what is missing: CRLF unless the content ended with it, then for DATA the lone dot.
  Result<void> finish(std::string& out);

 private:
  Dots dots_;
  bool line_start_ = true;  ///< Just after CRLF; the first line is no special case.
  bool held_cr_ = false;
};

}  // namespace mailchute
