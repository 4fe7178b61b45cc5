// The part of a notice that programs read: message/delivery-status (RFC 3464 2). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "mail/notice.h"

namespace mailchute {

/// All fields, first those of the message, then a group for each recipient; seven-bit, ends with CRLF.
std::string delivery_status(const NoticeFacts& facts);

/// The group of one recipient.
std::string recipient_status(const NoticeRecipient& recipient, std::string_view mail_domain);

/// Our name for the message, and the one its sender gave it, in a field called `envelope_field`; that is left
/// out where there is none, or none that can stand in a field.
std::string message_status(MessageId id, std::string_view envelope_id, std::string_view envelope_field);

/// The `Status:` of one recipient (RFC 3463), whose class always agrees with the action.
std::string status_code(const NoticeRecipient& recipient);

}  // namespace mailchute
