// Reads an upstream's replies (RFC 5321 4.2) out of its bytes, whatever their split. Does not know what was
// asked, and so cannot tell whether a reply is in its place: the session does. Pure; one per stream; any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mail/reply.h"

namespace mailchute {

class ReplyReader {
 public:
  /// Takes bytes; what is kept of an unfinished reply is bounded by limits::kReplyBytes and one read.
  void receive(std::string_view bytes);

  /// The next complete reply; nothing while more bytes are needed; an error when what came cannot be a reply,
  /// after which the stream is beyond repair and every call says so again. The text has its lines joined with
  /// '\n', codes taken off, each cut at limits::kReplyLineBytes; it is not yet cut to
  /// limits::kReplyKeptBytes, because after EHLO every line counts.
  std::optional<Result<Reply>> next();

  /// Bytes that no reply has used up yet.
  std::string_view unread() const { return std::string_view(buffer_).substr(begin_); }

 private:
  std::optional<std::string_view> next_line();
  Result<void> check(std::string_view line) const;
  Reply take_reply();
  Result<Reply> broken(Error fault);

  std::string buffer_;
  std::size_t begin_ = 0;     ///< Of the reply under way.
  std::size_t line_ = 0;      ///< Of its first line that has not been looked at.
  std::size_t searched_ = 0;  ///< No end of line before this.
  std::size_t lines_ = 0;     ///< Of the reply under way, looked at.
  std::optional<Error> fault_;
};

}  // namespace mailchute
