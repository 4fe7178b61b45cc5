// The message on its way in: reads the header section as content streams by, puts our trace line on top, adds
// what a submission must have and lacks (RFC 6409 8), and keeps a summary. Nothing else of the message
// changes, and the body passes untouched. Pure; one per message; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/header_summary.h"
#include "mail/mailbox.h"
#include "mail/message_id.h"
#include "mail/reply.h"

namespace mailchute {

/// What the Received: line tells (RFC 5321 4.4), all of it safe to write into a header.
struct TraceFacts {
  MessageId id;
  std::string by;                    ///< Our host name.
  std::string helo;                  ///< What the client called itself; empty for the sendmail socket.
  std::string peer;                  ///< `127.0.0.1`, `::1`; empty for a unix socket.
  std::optional<std::uint32_t> uid;  ///< `(uid 1000)`, else `(uid unknown)`.
  std::string login;                 ///< `(login app)`, `(uid 1000, login app)`; empty: nobody logged in.
  std::string protocol;  ///< RFC 3848: `SMTP`, `ESMTP`, `ESMTPS`, `ESMTPSA`; `local` for the socket.
  WallTime received{};
  std::string mail_domain;  ///< Right side of a Message-ID that we add.
  std::string token;        ///< Names the queue; a trace line that has it is one of ours. Empty: none is.
};

/// The order of what is stored: our Received:, the header as it came, the fields it lacked, the body as it
/// came. A message whose first line is neither empty nor a header field (`From ` of an mbox file is none) is
/// all body, and our fields become its header. In a header with a line that is no field, our fields stand on
/// top, where every reader sees them, however it takes that line.
class Intake {
 public:
  Intake(TraceFacts facts, std::size_t header_bytes_max);

  /// Content in, canonical form, any split; gives what is to be stored now (nothing while the header is still
  /// being gathered).
  std::string take(std::string_view content);

  /// The content is complete: what is still to be stored. A message without any body or any header is legal.
  std::string finish();

  /// Why the message cannot be taken, once that is known: 554 5.4.6 (more than limits::kReceivedLines trace
  /// lines, or one of our own), 552 5.3.4 (header section larger than allowed). Content may still be given;
  /// it is ignored.
  std::optional<Reply> refusal() const;

  /// Bytes of the header that are gathered here and not passed on yet.
  std::size_t held_bytes() const { return header_.size(); }
  /// The message cannot be taken for a reason of the caller's; what is held goes.
  void give_up(Reply reply);

  const HeaderSummary& summary() const;

 private:
  enum class State { FirstLine, Header, Body, Refused };
  struct Findings;

  std::string advance();
  std::string pass_header(std::size_t section_bytes);
  std::string header_with_ours(std::string_view section, const Findings& found);
  std::string pass_text();
  std::string refuse(Reply reply);

  TraceFacts facts_;
  std::size_t header_bytes_max_;
  State state_ = State::FirstLine;
  std::string header_;  ///< What has come and not been passed on; bounded by header_bytes_max_ and one piece.
  std::size_t searched_ = 0;  ///< Bytes of it in which the section does not end.
  std::optional<Reply> refusal_;
  HeaderSummary summary_;
};

}  // namespace mailchute
