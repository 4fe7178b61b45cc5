// The part of a notice that programs read: message/delivery-status (RFC 3464 2). Pure; any thread.
#pragma once

#include <string>

#include "mail/notice.h"

namespace mailchute {

/// All fields, first those of the message, then a group for each recipient; seven-bit, ends with CRLF.
std::string delivery_status(const NoticeFacts& facts);

/// The `Status:` of one recipient (RFC 3463), whose class always agrees with the action.
std::string status_code(const NoticeRecipient& recipient, const NoticeFacts& facts);

}  // namespace mailchute
