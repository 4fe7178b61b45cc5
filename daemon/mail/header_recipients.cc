#include "mail/header_recipients.h"

#include <algorithm>
#include <array>
#include <set>

#include "mail/address_list.h"
#include "mail/header.h"
#include "mail/header_edits.h"

namespace mailchute {

namespace {

constexpr std::array<std::string_view, 3> kNames = {"To", "Cc", "Bcc"};
constexpr std::array<std::string_view, 3> kResentNames = {"Resent-To", "Resent-Cc", "Resent-Bcc"};
/// Each resending has one of each at most, so the second one belongs to an earlier resending.
constexpr std::array<std::string_view, 4> kOncePerResending = {"Resent-From", "Resent-Sender", "Resent-Date",
                                                               "Resent-Message-ID"};
constexpr std::array<std::string_view, 2> kBlind = {"Bcc", "Resent-Bcc"};

template <std::size_t size>
bool is_one_of(const HeaderField& field, const std::array<std::string_view, size>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return field.is(name); });
}

bool is_resent(std::string_view section) {
  HeaderReader reader(section);
  while (const auto field = reader.next())
    if (is_one_of(*field, kResentNames)) return true;
  return false;
}

/// Collects mailboxes, each once.
struct Collection {
  HeaderRecipients found;
  std::set<std::string> texts;

  void add(const HeaderField& field) {
    AddressListReader entries(field.value);
    while (const auto entry = entries.next()) {
      const auto mailbox = entry->mailbox();
      if (!entry->orderly || !mailbox)
        found.wrong.emplace_back(field.value.substr(entry->begin, entry->end - entry->begin));
      else if (texts.insert(mailbox->text()).second)
        found.mailboxes.push_back(*mailbox);
    }
  }
};

/// Notes the fields of one resending; true when `field` begins another one.
bool begins_earlier_resending(const HeaderField& field, std::array<bool, kOncePerResending.size()>& seen) {
  for (std::size_t at = 0; at < kOncePerResending.size(); ++at)
    if (field.is(kOncePerResending[at]) && std::exchange(seen[at], true)) return true;
  return false;
}

}  // namespace

HeaderRecipients header_recipients(std::string_view section) {
  const bool resent = is_resent(section);
  std::array<bool, kOncePerResending.size()> seen{};
  Collection collection;
  HeaderReader reader(section);
  while (const auto field = reader.next()) {
    if (resent && begins_earlier_resending(*field, seen)) break;
    if (is_one_of(*field, resent ? kResentNames : kNames)) collection.add(*field);
  }
  return std::move(collection.found);
}

std::string without_blind_copies(std::string_view section) {
  HeaderEdits edits(section);
  HeaderReader reader(section);
  while (const auto field = reader.next())
    if (is_one_of(*field, kBlind)) edits.remove(*field);
  return edits.apply();
}

bool has_field(std::string_view section, std::string_view name) {
  HeaderReader reader(section);
  while (const auto field = reader.next())
    if (field->is(name)) return true;
  return false;
}

}  // namespace mailchute
