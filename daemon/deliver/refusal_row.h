// Notices when an upstream refuses everybody in the same words: then it is hardly the messages that are
// wrong, but our account or our address, and what waits must not be bounced one by one. A net below the rules
// of reply_rules.h, for words that no rule knows. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "deliver/courier.h"

namespace mailchute {

class RefusalRow {
 public:
  /// Messages that may be refused alike, one after the other and to different recipients, before it is the
  /// upstream's trouble.
  static constexpr std::size_t kInARow = 5;

  /// Looks at the verdicts of an attempt in their order of coming. After kInARow refusals that are alike a
  /// further one is amended: deferred, the upstream's to answer for, a person is told. A delivery, or another
  /// answer, begins anew. Refusals that speak of the recipient, the sender or the content are never counted:
  /// a mailing to dead addresses is judged one by one. Tells the attempt what is to be kept over a restart,
  /// where that has changed.
  void judge(Attempt& attempt);

  void take_up(RefusedAlike kept) { row_ = std::move(kept); }

 private:
  bool judge_each(Attempt& attempt);
  bool clear();
  bool count(const std::string& recipient);

  RefusedAlike row_;  ///< The words are of the last that was counted; at most kInARow recipients.
};

}  // namespace mailchute
