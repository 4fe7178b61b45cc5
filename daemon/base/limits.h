// Every bound of the program that no setting changes, with the reason for its size.
#pragma once

#include <chrono>
#include <cstddef>

namespace mailchute::limits {

/// A command line, with its CRLF. RFC 5321 4.5.3.1.4 asks for 512 and RFC 3461 adds some; Postfix takes 2048.
inline constexpr std::size_t kCommandLineBytes = 2048;
/// What is read and thrown away of a command line that is too long before the connection is closed.
inline constexpr std::size_t kCommandDiscardBytes = 64 * 1024;
/// One line of an upstream's reply; providers put help links in them, none comes near this.
inline constexpr std::size_t kReplyLineBytes = 8 * 1024;
/// All lines of one reply: an endless `250-` must end.
inline constexpr std::size_t kReplyBytes = 64 * 1024;
inline constexpr std::size_t kReplyLines = 1000;
/// What is kept of a reply in the queue and shown.
inline constexpr std::size_t kReplyKeptBytes = 2048;

/// RFC 5321 4.5.3.1: local part, domain, path.
inline constexpr std::size_t kLocalPartBytes = 64;
inline constexpr std::size_t kDomainBytes = 255;
inline constexpr std::size_t kPathBytes = 256;

/// Content goes to the store in pieces of this size; a message no larger is one insert.
inline constexpr std::size_t kChunkBytes = 64 * 1024;
/// Content that may wait for the store for one connection before its socket is left unread.
inline constexpr std::size_t kDraftBacklogBytes = 4 * kChunkBytes;
/// Bytes that may wait to be written to one peer before more input is refused.
inline constexpr std::size_t kOutputBytes = 64 * 1024;
/// Failures that a digest lists one by one; beyond it a person reads a count, and asks `queue list`.
inline constexpr std::size_t kDigestEntries = 100;
/// What a digest keeps of each reply: a hundred of them must stay a mail that passes everywhere.
inline constexpr std::size_t kDigestReplyBytes = 512;
/// One read from a socket.
inline constexpr std::size_t kReadBytes = 64 * 1024;

/// Errors in one session after which replies are delayed no more but the connection ends (Postfix's hard
/// limit).
inline constexpr int kSessionErrors = 20;
/// Commands that carry no mail (RSET, NOOP, VRFY, HELP) between two messages (Postfix's junk limit).
inline constexpr int kSessionJunk = 100;
/// More Received: lines than this are a loop (RFC 5321 6.3).
inline constexpr int kReceivedLines = 100;
/// Logins refused on one connection before it is closed.
inline constexpr int kLoginErrors = 5;
/// How long the answer to a refused login takes, whatever was wrong with it: long for who guesses, short for
/// a person.
inline constexpr std::chrono::milliseconds kRefusedLoginDelay{2000};

/// How long an upstream's QUIT is waited for; nothing depends on the answer.
inline constexpr std::chrono::milliseconds kQuitPatience{1000};
/// How long open sessions may take to end at shutdown.
inline constexpr std::chrono::milliseconds kShutdownPatience{8000};
/// TLS handshake with an upstream.
inline constexpr std::chrono::milliseconds kHandshakePatience{30'000};

}  // namespace mailchute::limits
