// Tells when whoever speaks to us means another protocol: a browser, a TLS client, a cache client, a proxy.
// Some of them can be made to send bytes of someone else's choice, so they are not to be answered line by
// line until something works. Pure; any thread.
#pragma once

#include <string_view>

#include "smtp/line_reader.h"

namespace mailchute {

/// Where in a session a line stands: before anything has been understood, more is suspect.
enum class Acquaintance { New, Known };

/// `rest` begins with the first byte of a line, which need not be complete: a TLS ClientHello or a binary
/// protocol never ends one.
bool begins_foreign(std::string_view rest, Acquaintance acquaintance);

/// `line`, whose first word is no command of SMTP: an HTTP request, a redis command, or bytes that are no
/// text. While nothing has been understood, so is a line too long to be a command: its end is gone, which
/// would have told; and a field of HTTP, whose method may be any word.
bool is_foreign(const Line& line, Acquaintance acquaintance);

}  // namespace mailchute
