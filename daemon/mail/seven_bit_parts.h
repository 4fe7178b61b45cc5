// A message of several parts on its way to a server that takes no eight bits (RFC 6152 3): each part that is
// not ASCII and not encoded yet becomes quoted-printable or base64, nothing else changes. Streams: what is
// held is one part's header, the first 16 KiB of its body, and the names of the boundaries. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime_fields.h"
#include "mail/transfer_encoding.h"

namespace mailchute {

/// True when the message under this header section consists of parts that may be encoded one by one: a
/// multipart or an embedded message, not encoded, not signed (RFC 1847 2.1), not under a DKIM-Signature.
bool has_parts_to_encode(std::string_view section);

/// Takes the whole message, header first, cut anywhere. Left as they are, eight bits with them: headers of
/// parts, what stands before the first and behind the last part, parts that are signed or encrypted, parts
/// nested deeper than 20, and parts whose header is longer than 256 KiB.
class SevenBitParts {
 public:
  std::string take(std::string_view bytes);
  /// The rest.
  std::string finish();

 private:
  enum class Doing { Header, Deciding, Quoting, Encoding, Passing };
  struct Level {
    std::string boundary;
    bool digest = false;  ///< Its parts are messages unless they say otherwise (RFC 2046 5.1.5).
  };
  enum class Line { Whole, Part };

  void on_line(std::string_view text, Line line);
  bool on_delimiter(std::string_view text);
  void on_header_line(std::string_view text, Line line);
  void on_header_end();
  void enter(const MimeFields& fields, MimeType type);
  void pass_header();
  void content(std::string_view bytes);
  void decide();
  bool end_part();

  std::vector<Level> levels_;
  Doing doing_ = Doing::Header;
  std::string line_;          ///< What has come of a line that may be a delimiter.
  bool within_line_ = false;  ///< The beginning of the line was too long for one, and is given already.
  bool line_end_due_ =
      false;  ///< Of the last line of content; a delimiter behind it owns it (RFC 2046 5.1.1).
  bool message_header_ = true;  ///< `header_` is a message's, not a part's.
  std::string header_;  ///< With the CRLF of each line; kept until it is known what becomes of the body.
  std::string held_;    ///< The first of a body, until then.
  QuotedLines quoted_;
  Base64Lines encoded_;
  std::string out_;
};

}  // namespace mailchute
