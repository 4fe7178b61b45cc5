// Reads the header section of a message (RFC 5322 2.2) without changing a byte of it: who adds, edits or
// shows fields walks it with this reader, so that all of them see the same fields. Content is canonical:
// every line ends with CRLF, the last one perhaps not. Pure; any thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

/// One field, or one line that is none. Views into the section that was read.
struct HeaderField {
  std::string_view
      name;  ///< As written, without the blanks that old programs put before the colon; empty: not a field.
  std::string_view value;  ///< Between the colon and the last CRLF, with its folds.
  std::string_view raw;    ///< All of it, with every CRLF; the raws in order are the section.

  /// Compares the name without regard to case.
  bool is(std::string_view wanted) const;
};

/// Gives the fields in order. A line without a field name before its colon comes out with an empty name,
/// alone: what follows is still header, as most readers of mail take it.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view content) : rest_(content) {}

  /// The next field; empty at the empty line that ends the section, or at the end of the content.
  std::optional<HeaderField> next();

  /// What has not been read: after the last field, the empty line and the body.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// What the beginning of a message is.
enum class FirstLine {
  Undecided,  ///< More bytes are needed; never after 1000.
  Field,      ///< A header section begins here.
  Empty,      ///< The header section is empty.
  Text        ///< No header field: the whole message is body. Also the `From ` line of mbox files.
};
FirstLine first_line(std::string_view content);

/// The number of bytes before the empty line that ends the header section, or npos when it has not come yet.
/// `from`: how many bytes an earlier call has searched in vain.
std::size_t header_end(std::string_view content, std::size_t from = 0);

/// The header section of a message of which `content_prefix` is the beginning, without the empty line, at
/// most `bytes_max` bytes: fields that do not fit are left out with all that follow, and so is a line which
/// the prefix cuts.
std::string header_section(std::string_view content_prefix, std::size_t bytes_max);

/// A field's value on one line: folds undone (RFC 5322 2.2.3), blanks at both ends gone, at most `bytes_max`
/// bytes and never half a UTF-8 character at the cut.
std::string unfolded(std::string_view value, std::size_t bytes_max);

/// A field as it is written: each of `parts` begins a line of its own, which is broken at blanks so that it
/// stays within 78 bytes where it can and within 998 always. Bytes that are not printable ASCII become `?`:
/// nothing can leave the field. Ends with CRLF.
std::string header_line(std::string_view name, std::initializer_list<std::string_view> parts);

}  // namespace mailchute
