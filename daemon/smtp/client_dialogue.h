// What every part of a client session stands on: the bytes to be said, and the queue of replies that are owed
// for them. Two cursors, because with pipelining what was said and what was answered are not the same (RFC
// 2920). Knows no order of commands. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/reply.h"
#include "smtp/client_session.h"

namespace mailchute {

/// What a reply answers. LoneDot: the end of a message that nobody receives.
enum class Awaited {
  Greeting,
  Ehlo,
  Helo,
  StartTls,
  Auth,
  AuthCancel,
  MailFrom,
  RcptTo,
  Data,
  Chunk,
  FinalDot,
  LoneDot,
  Reset,
  Quit
};

/// The stage that a reply belongs to, and the word for it: `no answer to RCPT within 300 s`.
Stage stage_of(Awaited what);
const char* name_of(Awaited what);

/// A reply that decides nothing where it stands becomes code 0 with its words: nobody downstream may take
/// `250` to DATA for a success. One of class 4 or 5 stays as it is.
Reply as_refusal(const Reply& reply, Awaited what);

class ClientDialogue {
 public:
  explicit ClientDialogue(ClientOptions::Patiences patiences) : patiences_(patiences) {}

  /// Says a line (without CRLF) and awaits its reply. The bytes may be secret: they are in no other place
  /// than take_output().
  void say(std::string_view line, Awaited what);

  /// The peer speaks first.
  void await_greeting();

  /// Awaits a reply to content that the caller has put into output().
  void await(Awaited what, std::size_t bytes);

  /// For content; whoever writes here calls progressed() when the peer's patience begins anew.
  std::string& output() { return output_; }
  std::string take_output();
  bool has_output() const { return !output_.empty(); }

  /// Replies that bytes coming now may be: those owed for what has been taken. One that comes earlier was
  /// made up.
  std::size_t answerable() const { return answerable_; }
  bool all_answered() const { return owed_.empty(); }
  std::size_t bytes_in_flight() const { return bytes_in_flight_; }

  /// What is answered next; only when something is owed.
  Awaited next() const { return owed_.front().what; }
  Awaited take_next();

  /// Says nothing more, and awaits nothing more.
  void fall_silent();

  void progressed() { ++epoch_; }
  std::uint64_t epoch() const { return epoch_; }
  Duration patience_for(Awaited what) const;
  Duration patience_for_content() const { return patiences_.data; }

 private:
  struct Owed {
    Awaited what;
    std::size_t bytes;
  };

  ClientOptions::Patiences patiences_;
  std::string output_;
  std::deque<Owed> owed_;
  std::size_t answerable_ = 0;
  std::size_t bytes_in_flight_ = 0;
  std::uint64_t epoch_ = 0;
};

}  // namespace mailchute
