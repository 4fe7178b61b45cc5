// What lists and notices show of a message's header. A value; any thread.
#pragma once

#include <string>

namespace mailchute {

/// Raw bytes as the app wrote them, unfolded, decoded nowhere, each bounded to 512 bytes.
struct HeaderSummary {
  std::string message_id;
  std::string subject;
  std::string from;
  bool automatic =
      false;  ///< Auto-Submitted other than `no`, or Precedence bulk/junk/list: no delay notice for it.
};

}  // namespace mailchute
