// Hands one message to the daemon over its submit socket, and tells what it said: the way of sendmail, and of
// every command that sends mail of its own. All recipients get it, or none. Blocking; for commands, never in
// the daemon.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_function.h"
#include "smtp/client_session.h"

namespace mailchute {

/// The content, piece by piece, in canonical form (CRLF line ends, no NUL); an empty piece is the end. An
/// error takes the message back.
using ContentPieces = UniqueFunction<Result<std::string>()>;

/// Hears the conversation, line by line and safe to print: `>>> MAIL FROM:<root>`, `<<< 250 2.1.0 Ok`. Of the
/// content it hears the size.
using Transcript = UniqueFunction<void(std::string_view line)>;

/// Gives the queue's id of the message, which is then on disk. A bare sender and bare recipients are
/// completed by the daemon. Fails with code 69 when nothing listens at `socket_path`, 77 when we may not
/// connect, 75 when it may be tried again later, 67 when a recipient was refused, 65 when the sender or the
/// content was; the text says what the daemon said, safe to print. After a lost last word the message may be
/// queued all the same: the text says that too.
Result<std::string> submit(const std::string& socket_path, OutgoingMessage message, ContentPieces content,
                           Transcript transcript = nullptr);

/// The same for content that is at hand.
Result<std::string> submit(const std::string& socket_path, OutgoingMessage message, std::string content);

}  // namespace mailchute
