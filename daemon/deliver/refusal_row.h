// Notices when an upstream refuses everybody in the same words: then it is hardly the messages that are
// wrong, but our account or our address, and what waits must not be bounced one by one. A net below the rules
// of reply_rules.h, for words that no rule knows. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

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
  /// a mailing to dead addresses is judged one by one.
  void judge(Attempt& attempt);

 private:
  void count(const std::string& recipient);

  std::string words_;                    ///< Stage, code and first words, of the last that was counted.
  std::vector<std::string> recipients_;  ///< To whom they were said; at most kInARow.
};

}  // namespace mailchute
