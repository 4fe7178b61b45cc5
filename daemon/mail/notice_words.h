// What the notices say of one recipient, in sentences for a person. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mail/notice.h"

namespace mailchute {

/// `text` in lines of at most 74 bytes, each behind `indent` blanks. A word longer than a line keeps one of
/// its own, so that a link can still be followed.
std::string paragraph(std::string_view text, std::size_t indent);

/// The reply, whose it is, and what it means: the explanation if there is one, else whose trouble it is.
/// Nothing where nothing was said.
std::string reply_text(const NoticeRecipient& recipient);

/// Who was asked before and could not take the message; nothing where nobody was.
std::string refusers_text(const NoticeRecipient& recipient);

/// What the sender can do about a failure.
const char* advice(const NoticeRecipient& recipient);

}  // namespace mailchute
