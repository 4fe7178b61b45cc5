// What a header says of the body under it: the MIME fields of a message or of one part (RFC 2045). Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mail/header.h"

namespace mailchute {

/// A Content-Type, as far as somebody who takes a body apart must know it.
struct MimeType {
  std::string name;                     ///< `multipart/mixed`, in lower case; empty: not readable.
  std::optional<std::string> boundary;  ///< RFC 2046 5.1.1, without quotes; only one that is allowed there.

  /// From a field's value. Comments are passed over (RFC 2045 5.1).
  static MimeType read(std::string_view value);

  bool is_multipart() const { return name.starts_with("multipart/"); }
  bool is_message() const { return name.starts_with("message/"); }
  bool is_text() const { return name.starts_with("text/"); }
};

/// The fields of one header section; the caller keeps the section.
struct MimeFields {
  std::optional<HeaderField> type;
  std::optional<HeaderField> encoding;
  bool version = false;  ///< There is a MIME-Version.
  /// False: the body must stay as it is, for a signature hangs on it, or the section is no proper one (a line
  /// that is no field, a field that stands twice).
  bool changeable = true;

  explicit MimeFields(std::string_view section);

  /// True without Content-Transfer-Encoding, and for 7bit, 8bit and binary, which encode nothing (RFC
  /// 2045 6.2).
  bool is_unencoded() const;

  /// Of `type`; text/plain where there is none (RFC 2045 5.2).
  MimeType mime_type() const;
};

}  // namespace mailchute
