// The generic table of replies: what an upstream's words mean for a recipient where no provider's own rule
// says otherwise. Bytes are compared, ASCII case is ignored, the first match wins. Pure; any thread.
#pragma once

#include <optional>

#include "mail/reply.h"
#include "mail/verdict.h"

namespace mailchute {

/// What was said, and where.
struct ReplyContext {
  Stage stage = Stage::Connect;
  Reply reply;                  ///< Code 0: no reply came.
  bool final_dot_sent = false;  ///< All content and its end had been sent.
};

/// Never Refused before MAIL FROM; Delivered only for a 2xx after the final dot.
Verdict classify(const ReplyContext& context);

/// An upstream that wants to be left alone, though its reply was given to a message.
enum class PauseKind {
  Login,  ///< It does not take us for logged in: cools like a refused login.
  Rate,   ///< "Slow down": ten minutes, growing.
};

/// The pause that a verdict of classify() asks for; empty when others may go on.
std::optional<PauseKind> pause_after(const Verdict& verdict);

}  // namespace mailchute
