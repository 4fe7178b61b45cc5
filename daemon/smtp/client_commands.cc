#include "smtp/client_commands.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "mail/mailbox.h"

namespace mailchute {

namespace {

constexpr std::size_t kLabelBytes = 63;        // RFC 1035 2.3.4
constexpr std::size_t kEnvelopeIdBytes = 100;  // RFC 3461 4.4
constexpr std::size_t kOriginalBytes = 500;    // RFC 3461 4.2

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

/// RFC 5321 4.1.2 `sub-domain`.
bool is_label(std::string_view label) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), fits);
}

bool is_domain(std::string_view text) {
  const auto labels = split(text, '.');
  return text.size() <= limits::kDomainBytes && std::all_of(labels.begin(), labels.end(), is_label);
}

/// RFC 5321 4.1.3, by its alphabet: what it means is nobody's concern but the reader's of a trace header.
bool is_address_literal(std::string_view text) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '.' || c == ':'; };
  return text.size() > 2 && text.size() <= limits::kDomainBytes && text.front() == '[' &&
         text.back() == ']' && std::all_of(text.begin() + 1, text.end() - 1, fits);
}

/// The bytes of `text` up to the end of its quoted local part, which begins it; 0 when it does not end.
std::size_t quoted_bytes(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return 0;
}

/// xtext as it may stand in a parameter (RFC 3461 4): one word of printable ASCII.
bool is_parameter(std::string_view text, std::size_t bytes_max) {
  const auto fits = [](char c) { return c > 0x20 && c < 0x7F; };
  return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), fits);
}

bool needs_utf8(const OutgoingMessage& message) {
  const auto recipient_needs = [](const Recipient& recipient) { return recipient.mailbox.needs_utf8(); };
  return message.smtputf8 || (message.sender && message.sender->needs_utf8()) ||
         std::any_of(message.recipients.begin(), message.recipients.end(), recipient_needs);
}

/// RFC 3461 4.3 and 4.4. A parameter that cannot be right is left out: the mail matters more.
void add_dsn(const OutgoingMessage& message, std::string& line) {
  if (message.ret == Return::Full) line += " RET=FULL";
  if (message.ret == Return::Headers) line += " RET=HDRS";
  if (is_parameter(message.envelope_id, kEnvelopeIdBytes)) line += " ENVID=" + message.envelope_id;
}

/// RFC 3461 4.1: NEVER stands alone.
std::string notify_words(const Notify& notify) {
  if (notify.never) return "NEVER";
  std::string words;
  const auto add = [&words](bool said, const char* word) {
    if (said) words += (words.empty() ? "" : ",") + std::string(word);
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return words;
}

Reply too_large(const OutgoingMessage& message, const char* whose, std::uint64_t limit) {
  return {552, "5.3.4",
          "the message has " + std::to_string(message.bytes) + " bytes, " + whose + std::to_string(limit)};
}

bool is_safe(const OutgoingMessage& message) {
  if (message.sender && !is_safe_path(message.sender->text())) return false;
  const auto safe = [](const Recipient& recipient) { return is_safe_path(recipient.mailbox.text()); };
  return std::all_of(message.recipients.begin(), message.recipients.end(), safe);
}

}  // namespace

std::string ehlo_word(std::string_view configured) {
  if (is_domain(configured) || is_address_literal(configured)) return std::string(configured);
  return "[127.0.0.1]";
}

std::string mail_command(const OutgoingMessage& message, const Extensions& offered) {
  std::string line = "MAIL FROM:<" + sender_text(message.sender) + ">";
  if (offered.size && message.bytes > 0) line += " SIZE=" + std::to_string(message.bytes);  // RFC 1870 5
  // A body that could not be encoded (docs/decisions/0013-eight-bits.md) goes out all the same when 8BITMIME
  // is not offered: every relay in use passes eight bits, and RFC 6152 3 leaves only a bounce.
  if (offered.eight_bit && message.body == Body::EightBit) line += " BODY=8BITMIME";
  if (offered.smtputf8 && needs_utf8(message)) line += " SMTPUTF8";  // RFC 6531 3.4
  if (offered.dsn) add_dsn(message, line);
  return line;
}

std::string recipient_command(const Recipient& recipient, const Extensions& offered) {
  std::string line = "RCPT TO:<" + recipient.mailbox.text() + ">";
  if (!offered.dsn) return line;
  if (recipient.notify.said()) line += " NOTIFY=" + notify_words(recipient.notify);
  if (is_parameter(recipient.original, kOriginalBytes))
    line += " ORCPT=" + recipient.original;  // RFC 3461 4.2
  return line;
}

std::optional<Reply> refusal_before_sending(const OutgoingMessage& message, const Extensions& offered) {
  if (!is_safe(message)) return Reply{0, "", "unsafe address"};
  if (needs_utf8(message) && !offered.smtputf8)
    return Reply{550, "5.6.7", "the upstream does not offer SMTPUTF8, which this message needs"};
  const std::uint64_t announced = offered.size.value_or(0);
  if (announced > 0 && message.bytes > announced)
    return too_large(message, "the server's limit is ", announced);
  if (message.bytes_max > 0 && message.bytes > message.bytes_max)
    return too_large(message, "this upstream's message_size is ", message.bytes_max);
  return std::nullopt;
}

bool is_safe_path(std::string_view text) {
  if (text.empty() || std::any_of(text.begin(), text.end(), is_control)) return false;
  if (text.front() == '"') {
    const std::size_t quoted = quoted_bytes(text);
    if (quoted == 0) return false;
    text.remove_prefix(quoted);
    if (!text.empty() && text.front() != '@') return false;
  }
  return text.find_first_of(" <>\"") == std::string_view::npos;
}

}  // namespace mailchute
