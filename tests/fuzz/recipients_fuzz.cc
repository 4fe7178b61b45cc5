// folder: mail
// Any bytes as a header section for `sendmail -t`: whom it names must be addresses that can be written into a
// command, each once; and what is sent must be the section without blind copies, and otherwise as it was.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "mail/header.h"
#include "mail/header_recipients.h"

using namespace mailchute;

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_blind(const HeaderField& field) { return field.is("Bcc") || field.is("Resent-Bcc"); }

void try_recipients(std::string_view section) {
  std::set<std::string> texts;
  for (const Mailbox& mailbox : header_recipients(section).mailboxes) {
    const std::string text = mailbox.text();
    REQUIRE(std::none_of(text.begin(), text.end(), is_control));
    REQUIRE(Mailbox::parse(text, Mailbox::Utf8::Allowed).has_value());
    REQUIRE(texts.insert(text).second);
  }
}

void try_blind_copies(std::string_view section) {
  std::string kept;
  HeaderReader before(section);
  while (const auto field = before.next())
    if (!is_blind(*field)) kept += field->raw;
  kept += before.rest();
  const std::string sent = without_blind_copies(section);
  REQUIRE(sent == kept);
  HeaderReader after(sent);
  while (const auto field = after.next()) REQUIRE(!is_blind(*field));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // What sendmail gives is one section, without the empty line that ends it.
  const std::string_view section = input.substr(0, header_end(input));
  try_recipients(section);
  try_blind_copies(section);
  return 0;
}
