// folder: mail
// Any bytes as a header that is rewritten for an upstream: what nobody asked to change must stay byte by
// byte, the wanted From must be the only one and plain to read, and doing it twice must change no more. The
// first byte chooses the rules.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "mail/address_list.h"
#include "mail/header.h"
#include "mail/header_downgrade.h"
#include "mail/originator.h"
#include "mail/transfer_encoding.h"

namespace {

using namespace mailchute;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool may_change(const HeaderField& field) {
  for (const char* name :
       {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "X-Original-From", "DKIM-Signature"})
    if (field.is(name)) return true;
  return false;
}

/// What must not change, in order; the last line may have got an end.
std::string untouchable(std::string_view section) {
  std::string all;
  HeaderReader reader(section);
  while (const auto field = reader.next())
    if (!may_change(*field)) all += field->raw;
  return all.ends_with("\r\n") ? all : all + "\r\n";
}

std::vector<HeaderField> fields_named(std::string_view section, std::string_view name) {
  std::vector<HeaderField> found;
  HeaderReader reader(section);
  while (const auto field = reader.next())
    if (field->is(name)) found.push_back(*field);
  return found;
}

/// A reader of mail sees one sender, and it is the wanted one.
void require_only_from(std::string_view section, const Mailbox& wanted) {
  const auto from = fields_named(section, "From");
  REQUIRE(from.size() == 1);
  AddressListReader reader(from[0].value);
  const auto only = reader.next();
  REQUIRE(only && only->orderly && only->mailbox() == wanted);
  REQUIRE(!reader.next());
}

void try_originator(std::string_view section, const OriginatorRules& rules) {
  const std::string once = with_originator(section, rules);
  REQUIRE(untouchable(once) == untouchable(section));
  REQUIRE(with_originator(once, rules) == once);
  if (rules.from) require_only_from(once, *rules.from);
}

void try_downgrade(std::string_view section) {
  const auto downgraded = downgraded_header(section);
  if (is_ascii(section)) REQUIRE(downgraded == section);
  if (downgraded) REQUIRE(is_ascii(*downgraded));
}

void try_encoding(std::string_view section) {
  const auto encoded = header_for_encoding(section, "base64", "utf-8");
  if (!encoded) return;
  REQUIRE(fields_named(*encoded, "Content-Transfer-Encoding").size() == 1);
  REQUIRE(fields_named(*encoded, "Content-Type").size() == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view section(reinterpret_cast<const char*>(data) + 1, size - 1);
  section = section.substr(0, header_end(section));

  OriginatorRules rules;
  if ((data[0] & 1) != 0) rules.from = Mailbox("10001", "qq.com");
  if ((data[0] & 2) != 0) rules.mail_domain = "m.test";
  if ((data[0] & 4) != 0) rules.utf8 = OriginatorRules::Utf8::Allowed;
  if ((data[0] & 8) != 0) rules.sender = Mailbox("a", "s.test");
  try_originator(section, rules);
  try_downgrade(section);
  try_encoding(section);
  return 0;
}
