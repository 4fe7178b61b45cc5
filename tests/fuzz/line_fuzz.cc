// folder: smtp
// A whole session against any bytes a client may send: must not crash, must keep its replies in form and its
// memory bounded, and take no message without a login over TLS where one is required. The first byte chooses
// the options, the second how the rest is cut.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"
#include "fake/server_driver.h"
#include "fuzz/require.h"

namespace {

using mailchute::ServerOptions;

ServerOptions options_of(std::uint8_t bits) {
  ServerOptions options;
  options.message_bytes_max = 4096;
  options.recipients_max = 4;
  options.secured = (bits & 1) != 0;
  options.logins = (bits & 2) != 0 ? ServerOptions::Logins::Offered : ServerOptions::Logins::None;
  if ((bits & 32) != 0) options.logins = ServerOptions::Logins::Required;
  options.starttls = (bits & 4) != 0 ? ServerOptions::StartTls::Offered : ServerOptions::StartTls::None;
  options.chunking = (bits & 8) == 0;
  options.smtputf8 = (bits & 16) == 0;
  return options;
}

void check_replies(std::string_view said) {
  while (!said.empty()) {
    const auto end = said.find("\r\n");
    REQUIRE(end != std::string_view::npos && end >= 4 && end <= 510);
    REQUIRE(said[0] >= '2' && said[0] <= '5' && (said[3] == ' ' || said[3] == '-'));
    for (const char c : said.substr(0, end)) REQUIRE(c >= ' ' && c < 0x7f);
    said.remove_prefix(end + 2);
  }
}

void check_messages(const mailchute::test::ServerDriver& driver) {
  for (const auto& message : driver.messages()) {
    REQUIRE(!message.envelope.recipients.empty() && message.content.size() <= 4096);
    REQUIRE(message.content.empty() || message.content.ends_with("\r\n"));
    REQUIRE(message.content.find('\0') == std::string::npos);
  }
}

void check_login(const ServerOptions& options, mailchute::test::ServerDriver& driver) {
  if (!driver.user().empty()) REQUIRE(driver.session().is_secured());
  if (options.logins != ServerOptions::Logins::Required || driver.messages().empty()) return;
  REQUIRE(driver.session().is_secured() && driver.session().logged_in());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ServerOptions options = options_of(data[0]);
  mailchute::test::ServerDriver driver(options);
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t step = data[1] == 0 ? rest.size() + 1 : data[1];
  driver.greet();
  while (!rest.empty()) {
    const auto piece = rest.substr(0, step);
    driver.hear(piece);
    rest.remove_prefix(piece.size());
    check_replies(driver.take_said());
  }
  driver.hear_end();
  REQUIRE(driver.closed() && !driver.draft_open());
  check_messages(driver);
  check_login(options, driver);
  return 0;
}
