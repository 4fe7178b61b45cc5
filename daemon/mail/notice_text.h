// The part of a notice that a person reads. Pure; any thread.
#pragma once

#include <string>

#include "mail/notice.h"

namespace mailchute {

/// Plain English, UTF-8 where addresses or replies need it, lines of at most 78 bytes where words allow; ends
/// with CRLF.
std::string notice_text(const NoticeFacts& facts);

/// `Undelivered mail`, `Delayed mail`, `Mail passed on`: the beginning of the subject, by the worst that is
/// told.
const char* notice_title(const NoticeFacts& facts);

}  // namespace mailchute
