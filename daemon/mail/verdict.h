// What an attempt came to, for one recipient. Decides nothing by itself: blame says who has to wait.
// Values; any thread.
#pragma once

#include "mail/reply.h"

namespace mailchute {

enum class Fate { Delivered, Deferred, Refused };

/// Whose trouble it is. Upstream: everything before MAIL FROM and every "slow down"; it never costs a message
/// an attempt.
enum class Blame { Recipient, Message, Sender, Upstream };

/// `in_doubt`: the final reply was lost after all content had been sent; the message may have been delivered
/// (RFC 1047).
struct Verdict {
  Fate fate = Fate::Deferred;
  Blame blame = Blame::Upstream;
  Stage stage = Stage::Connect;
  Reply reply;
  bool in_doubt = false;
};

}  // namespace mailchute
