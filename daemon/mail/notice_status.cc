#include "mail/notice_status.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/seven_bit.h"
#include "mail/trace.h"
#include "mail/xtext.h"

namespace mailchute {

namespace {

using Action = NoticeRecipient::Action;

constexpr std::size_t kParameterBytes = 500;  // ORCPT, RFC 3461 5.4; ENVID is shorter

bool is_graphic(char c) { return c > ' ' && c <= '~'; }

/// `class.subject.detail` without leading zeros, at most three digits each (RFC 3463 2); anything else a peer
/// sent is no status.
bool is_status(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 3) return false;
  for (std::string_view part : parts)
    if (part.size() > 3 || !parse_unsigned(part) || (part.size() > 1 && part[0] == '0')) return false;
  return parts[0] == "2" || parts[0] == "4" || parts[0] == "5";
}

std::string enhanced_of_class(const Reply& reply, char wanted) {
  return is_status(reply.enhanced) && reply.enhanced[0] == wanted ? reply.enhanced : std::string();
}

std::string or_else(std::string status, const char* other) { return status.empty() ? other : status; }

/// Refused for good, or given up. Given up after temporary answers is class 4 and yet "failed" (RFC 3463 3:
/// the sender's side stops trying): saying 5 would claim that the recipient's server had refused.
std::string failed_status(const NoticeRecipient& recipient) {
  const Reply& reply = recipient.reply;
  if (recipient.expired) return "4.4.7";  // delivery time expired
  if (reply.transient()) return or_else(enhanced_of_class(reply, '4'), "4.0.0");
  if (recipient.in_doubt) return "4.4.2";  // bad connection: it broke, nothing was refused
  return or_else(enhanced_of_class(reply, '5'), "5.0.0");
}

/// Still being tried is always class 4. A 5 (a login that was refused) is the relay's trouble then, not a
/// verdict on the message; its subject and detail still say what kind of trouble.
std::string delayed_status(const NoticeRecipient& recipient) {
  const Reply& reply = recipient.reply;
  if (reply.code == 0 && recipient.stage <= Stage::Connect) return "4.4.1";  // no answer from host
  if (!is_status(reply.enhanced) || reply.enhanced[0] == '2') return "4.0.0";
  return "4" + reply.enhanced.substr(1);
}

const char* action_word(Action action) {
  switch (action) {
    case Action::Failed: return "failed";
    case Action::Delayed: return "delayed";
    case Action::Relayed: return "relayed";
  }
  return "failed";
}

/// RFC 6533 3: an address beyond ASCII, or with bytes that a field cannot hold, in the form for seven-bit
/// notices.
std::string utf8_xtext(std::string_view address) {
  std::string out;
  for (std::size_t at = 0; at < address.size();) {
    const auto first = static_cast<unsigned char>(address[at++]);
    unsigned point = first < 0x80   ? first
                     : first < 0xE0 ? first & 0x1FU
                     : first < 0xF0 ? first & 0x0FU
                                    : first & 0x07U;
    while (first >= 0xC0 && at < address.size() && (static_cast<unsigned char>(address[at]) & 0xC0) == 0x80)
      point = (point << 6) | (static_cast<unsigned char>(address[at++]) & 0x3FU);
    const bool plain = point > ' ' && point <= '~' && point != '\\' && point != '+' && point != '=';
    char text[16];
    std::snprintf(text, sizeof text, plain ? "%c" : "\\x{%02X}", point);
    out += text;
  }
  return out;
}

std::string typed_address(const Mailbox& mailbox) {
  const std::string text = mailbox.text();
  return mailbox.needs_utf8() ? "utf-8; " + utf8_xtext(text) : "rfc822; " + text;
}

/// The decoded parameter when all of it can stand in a field; a forged line end or a byte beyond ASCII drops
/// it (RFC 3464 2.2.1 and 2.3.1 make both fields optional).
std::string decoded_parameter(std::string_view xtext) {
  if (xtext.size() > kParameterBytes) return {};
  const auto decoded = xtext_decode(xtext);
  const bool safe = decoded && std::all_of(decoded->begin(), decoded->end(),
                                           [](char c) { return is_graphic(c) || c == ' '; });
  return safe ? *decoded : std::string();
}

/// ORCPT is `type;xtext` (RFC 3461 4.2); only the address behind the type is encoded.
std::string original_recipient(std::string_view orcpt) {
  const auto semicolon = orcpt.find(';');
  if (semicolon == std::string_view::npos || semicolon == 0) return {};
  const std::string_view type = orcpt.substr(0, semicolon);
  if (type.size() > 30 || !std::all_of(type.begin(), type.end(), is_graphic)) return {};
  const std::string address = decoded_parameter(orcpt.substr(semicolon + 1));
  return address.empty() ? std::string() : std::string(type) + "; " + address;
}

/// RFC 3464 2.3.6. What no server said has a type of ours, so that nobody reads it as an SMTP reply.
std::string diagnostic(const Reply& reply) {
  const std::string words = ascii_line(reply_line(reply), limits::kReplyKeptBytes);
  return (reply.code == 0 ? "X-mailchute; " : "smtp; ") + words;
}

std::string message_fields(const NoticeFacts& facts) {
  std::string out = header_line("Reporting-MTA", {"dns; " + safe_host(facts.reporting_mta)});
  out += header_line("Arrival-Date", {rfc5322_date(facts.arrived)});
  return out + message_status(facts.id, facts.envelope_id, "Original-Envelope-Id");
}

}  // namespace

std::string delivery_status(const NoticeFacts& facts) {
  std::string out = message_fields(facts);
  for (const NoticeRecipient& recipient : facts.recipients)
    out += "\r\n" + recipient_status(recipient, facts.mail_domain);
  return out;
}

std::string recipient_status(const NoticeRecipient& recipient, std::string_view mail_domain) {
  const std::string original = original_recipient(recipient.recipient.original);
  std::string out;
  if (!original.empty()) out += header_line("Original-Recipient", {original});
  out += header_line("Final-Recipient", {typed_address(recipient.recipient.mailbox.completed(mail_domain))});
  out += header_line("Action", {action_word(recipient.action)});
  out += header_line("Status", {status_code(recipient)});
  if (!recipient.upstream_host.empty())
    out += header_line("Remote-MTA", {"dns; " + safe_host(recipient.upstream_host)});
  if (recipient.reply != Reply{}) out += header_line("Diagnostic-Code", {diagnostic(recipient.reply)});
  return out;
}

std::string message_status(MessageId id, std::string_view envelope_id, std::string_view envelope_field) {
  std::string out = header_line("X-Mailchute-Queue-Id", {id.text()});
  const std::string decoded = decoded_parameter(envelope_id);
  return decoded.empty() ? out : out + header_line(envelope_field, {decoded});
}

std::string status_code(const NoticeRecipient& recipient) {
  switch (recipient.action) {
    case Action::Failed: return failed_status(recipient);
    case Action::Delayed: return delayed_status(recipient);
    case Action::Relayed: return or_else(enhanced_of_class(recipient.reply, '2'), "2.0.0");
  }
  return "5.0.0";
}

}  // namespace mailchute
