// folder: mail
// Any bytes as an address: what is taken must be safe to write into a command, and reading what we write must
// give the same.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/text.h"
#include "fuzz/require.h"
#include "mail/mailbox.h"
#include "mail/xtext.h"

using mailchute::Mailbox;

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

void try_address(std::string_view input, Mailbox::Utf8 utf8) {
  const auto mailbox = Mailbox::parse(input, utf8);
  if (!mailbox) return;

  const std::string text = mailbox->text();
  REQUIRE(text.size() + 2 <= mailchute::limits::kPathBytes);
  REQUIRE(std::none_of(text.begin(), text.end(), is_control));
  REQUIRE(mailchute::valid_utf8(text));
  REQUIRE(utf8 == Mailbox::Utf8::Allowed || !mailbox->needs_utf8());
  REQUIRE(mailbox->domain() == mailbox->domain().substr(0, mailchute::limits::kDomainBytes));
  REQUIRE(!mailbox->completed("example.org").bare());

  // A path is read up to the `>` that stands outside quotes: none may.
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else
      REQUIRE(quoted || (text[at] != '>' && text[at] != '<' && text[at] != ' '));
  }
  REQUIRE(!quoted);

  const auto again = Mailbox::parse(text, utf8);
  REQUIRE(again && *again == *mailbox && again->text() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try_address(input, Mailbox::Utf8::Refused);
  try_address(input, Mailbox::Utf8::Allowed);
  REQUIRE(mailchute::xtext_decode(input).value_or("").size() <= size);
  return 0;
}
