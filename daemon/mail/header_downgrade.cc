#include "mail/header_downgrade.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address_list.h"
#include "mail/encoded_word.h"
#include "mail/header.h"
#include "mail/header_edits.h"

namespace mailchute {

namespace {

constexpr std::size_t kWordBytes = 900;  // a longer one would be cut where no fold may be

bool is_one_of(const HeaderField& field, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return field.is(name); });
}

bool is_address_field(const HeaderField& field) {
  return is_one_of(field, {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender",
                           "Resent-Reply-To", "Resent-To", "Resent-Cc", "Resent-Bcc"});
}

/// Fields with a grammar in which an encoded word would be read as something else (RFC 2047 5, last
/// paragraphs).
bool is_structured(const HeaderField& field) {
  for (const char* family : {"Content-", "ARC-", "DKIM-", "List-", "Disposition-Notification"})
    if (starts_nocase(field.name, family)) return true;
  return is_one_of(field,
                   {"Received", "Return-Path", "Message-ID", "In-Reply-To", "References", "Resent-Message-ID",
                    "Date", "Resent-Date", "MIME-Version", "Authentication-Results", "Received-SPF",
                    "Auto-Submitted", "Delivered-To", "X-Original-To"});
}

/// One entry written anew, or nothing when something of it would be lost.
std::optional<std::string> entry_in_ascii(const ListedAddress& entry) {
  const auto mailbox = entry.mailbox();
  const bool both = !entry.display.empty() && !entry.comment.empty();
  if (!mailbox || !entry.orderly || mailbox->needs_utf8() || both) return std::nullopt;
  return phrase(entry.name()) + " <" + mailbox->text() + ">";
}

bool can_be_folded(std::string_view line) {
  const auto words = split(line, ' ');
  return std::all_of(words.begin(), words.end(),
                     [](std::string_view word) { return word.size() <= kWordBytes; });
}

std::optional<std::string> addresses_in_ascii(const HeaderField& field) {
  std::string value;
  std::size_t copied = 0;
  AddressListReader reader(field.value);
  while (const auto entry = reader.next()) {
    if (is_ascii(field.value.substr(entry->begin, entry->end - entry->begin))) continue;
    const auto written = entry_in_ascii(*entry);
    if (!written) return std::nullopt;
    value += std::string(field.value.substr(copied, entry->begin - copied)) + *written;
    copied = entry->end;
  }
  value += field.value.substr(copied);
  const std::string line = unfolded(value, value.size());
  if (!is_ascii(line) || !can_be_folded(line)) return std::nullopt;  // the name of a group; no blanks
  return header_line(field.name, {line});
}

std::optional<std::string> in_ascii(const HeaderField& field) {
  if (field.name.empty() || is_structured(field) || !valid_utf8(field.value)) return std::nullopt;
  if (is_address_field(field)) return addresses_in_ascii(field);
  return header_line(field.name, {encoded_text(field.value)});
}

}  // namespace

std::optional<std::string> downgraded_header(std::string_view section) {
  HeaderEdits edits(section);
  HeaderReader reader(section);
  while (const auto field = reader.next()) {
    if (is_ascii(field->raw)) continue;
    auto lines = in_ascii(*field);
    if (!lines) return std::nullopt;
    edits.replace(*field, std::move(*lines));
  }
  return edits.apply();
}

}  // namespace mailchute
