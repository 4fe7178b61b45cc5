#include "command/typed_address.h"

#include <algorithm>
#include <string_view>

#include "base/exit_codes.h"
#include "base/text.h"
#include "mail/address_list.h"

namespace mailchute {

namespace {

/// The C1 controls too, whose UTF-8 is C2 80 to C2 9F.
bool holds_what_no_address_can(std::string_view word) {
  for (std::size_t at = 0; at < word.size(); ++at) {
    const auto byte = static_cast<unsigned char>(word[at]);
    if (byte < 0x20 || byte == 0x7F) return true;
    const bool c1 = byte == 0xC2 && at + 1 < word.size() && static_cast<unsigned char>(word[at + 1]) < 0xA0;
    if (c1) return true;
  }
  return !valid_utf8(word);
}

tl::unexpected<Error> no_address(const std::string& word, const std::string& why, int code) {
  return fail("'" + printable(word) + "' is no address: " + why, code);
}

std::string_view without_brackets(std::string_view word) {
  const bool bracketed = word.size() >= 2 && word.front() == '<' && word.back() == '>';
  return bracketed ? word.substr(1, word.size() - 2) : word;
}

}  // namespace

Result<std::vector<Mailbox>> typed_recipients(const std::string& word) {
  if (holds_what_no_address_can(word))
    return no_address(word, "it has a character in it that none may have", exit_code::kBadData);
  auto plain = Mailbox::parse(without_brackets(word), Mailbox::Utf8::Allowed);
  if (plain) return std::vector<Mailbox>{std::move(*plain)};
  std::vector<Mailbox> mailboxes;
  AddressListReader entries(word);
  while (const auto entry = entries.next()) {
    auto mailbox = entry->mailbox();
    // A comment belongs into a header; `$(id)@r.test` is an attempt.
    if (!entry->orderly || !mailbox || !entry->comment.empty())
      return no_address(word, plain.error().text, exit_code::kBadAddress);
    mailboxes.push_back(std::move(*mailbox));
  }
  if (mailboxes.empty()) return no_address(word, plain.error().text, exit_code::kBadAddress);
  return mailboxes;
}

bool is_address(const std::string& text) {
  const auto mailbox = Mailbox::parse(text, Mailbox::Utf8::Allowed);
  return mailbox && !mailbox->bare();
}

Result<std::optional<Mailbox>> typed_sender(const std::string& word) {
  if (without_brackets(word).empty()) return std::optional<Mailbox>();
  auto mailboxes = typed_recipients(word);
  if (!mailboxes) return fail(mailboxes.error().text, exit_code::kBadData);
  if (mailboxes->size() > 1) return no_address(word, "a message has one sender", exit_code::kBadData);
  return std::optional<Mailbox>(std::move(mailboxes->front()));
}

}  // namespace mailchute
