// Reads the content of a message from the wire and gives it in canonical form: every line ends with CRLF, no
// dot-stuffing, no NUL. Strict where it matters: only CRLF.CRLF ends the content of DATA (RFC 5321 4.1.1.4),
// so that no one downstream can see two messages where we saw one. A bare LF or bare CR becomes CRLF and is
// never part of the end. Pure; one per message; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mailchute {

class BodyReader {
 public:
  /// Dots: as after DATA, dot-stuffed and ended by a lone dot. Counted: as after BDAT, where the caller knows
  /// the end (RFC 3030).
  enum class Framing { Dots, Counted };
  /// Why the content cannot be taken. From then on nothing more is given, while the end is still looked for.
  enum class Fault { None, Nul, TooLarge };

  /// `content_bytes_max` bounds the canonical form.
  BodyReader(Framing framing, std::uint64_t content_bytes_max)
      : framing_(framing), content_bytes_left_(content_bytes_max) {}

  /// Reads some of `input` and appends what it means to `content`. Returns how many bytes were read: all of
  /// them, or fewer when the content ended or when limits::kChunkBytes have been given. `content` grows by
  /// that much and two bytes at most.
  std::size_t take(std::string_view input, std::string& content);

  /// The lone dot was read (Framing::Dots). Nothing behind it was taken.
  bool ended() const { return state_ == State::Ended; }

  /// There are no more bytes (Framing::Counted): appends what was held back, and a CRLF where the last line
  /// has none.
  void finish(std::string& content);

  Fault fault() const { return fault_; }

 private:
  // Where in a line we are. It begins as if just after CRLF: a lone dot right after DATA ends an empty
  // message.
  enum class State { LineStart, Middle, Cr, Dot, DotCr, Ended };
  class Pass;

  void give(const char* bytes, std::size_t count, std::string& content);

  Framing framing_;
  State state_ = State::LineStart;
  Fault fault_ = Fault::None;
  std::uint64_t content_bytes_left_;
};

}  // namespace mailchute
