#include "mail/address_completion.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "mail/address_list.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineBytes = 998;  // RFC 5322 2.1.1
/// The longest of the fields' names, with its colon.
constexpr std::size_t kNameBytes = 9;

/// How far the last line of `value` has come.
std::size_t column(std::string_view value) {
  const auto line_end = value.rfind("\r\n");
  return line_end == std::string_view::npos ? kNameBytes + value.size() : value.size() - line_end - 2;
}

/// Where the line that `entry` ends on breaks next, counted from the entry's end: a comma, mostly.
std::size_t tail_bytes(std::string_view value, const ListedAddress& entry) {
  const auto end = value.find_first_of(",;\r", entry.end);
  return end == std::string_view::npos ? value.size() - entry.end : end - entry.end + 1;
}

bool is_plain(char c) {
  static constexpr std::string_view kMarks = ".-_+=";
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
}

/// One address with a domain and nothing beside it, as nearly every program writes From and To.
bool is_one_whole_address(std::string_view value) {
  std::string_view address = trim(value);
  if (address.size() > 2 && address.front() == '<' && address.back() == '>')
    address = address.substr(1, address.size() - 2);
  const auto at = address.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return false;
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  return std::all_of(local.begin(), local.end(), is_plain) &&
         std::all_of(domain.begin(), domain.end(), is_plain);
}

}  // namespace

bool holds_addresses(const HeaderField& field) {
  static constexpr std::string_view kNames[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return field.is(name); });
}

std::string complete_addresses(std::string_view value, std::string_view domain) {
  if (is_one_whole_address(value)) return std::string(value);
  std::string out;
  std::size_t copied = 0;
  std::size_t added = 0;
  AddressListReader reader(value);
  while (const auto entry = reader.next()) {
    const auto mailbox = entry->mailbox();
    if (!mailbox || !mailbox->bare()) continue;
    out += value.substr(copied, entry->begin - copied);
    const std::size_t bytes = entry->end - entry->begin + 1 + domain.size() + tail_bytes(value, *entry);
    if (added > 0 && column(out) + bytes > kLineBytes) out += "\r\n ";
    out += value.substr(entry->begin, entry->address_end - entry->begin);
    out += "@" + std::string(domain);
    copied = entry->address_end;
    ++added;
  }
  return out += value.substr(copied);
}

}  // namespace mailchute
