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
  bool urgent = false;  ///< X-Priority 1 or 2, Importance or Priority high. Not kept by the queue.
};

}  // namespace mailchute
