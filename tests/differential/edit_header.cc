// Rewrites messages as an upstream wants them, for comparison with another program. Each line of the input
// names a file; of each the rewritten message is printed, behind a line with its length in bytes. usage:
// edit_header WANTED-FROM|- ENVELOPE-SENDER MAIL-DOMAIN
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "mail/header.h"
#include "mail/originator.h"

namespace {

using namespace mailchute;

std::string rewritten(const std::string& message, const OriginatorRules& rules) {
  const std::size_t section_bytes = std::min(header_end(message), message.size());
  return with_originator(message.substr(0, section_bytes), rules) + message.substr(section_bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  OriginatorRules rules;
  if (std::string(argv[1]) != "-") rules.from = *Mailbox::parse(argv[1]);
  rules.sender = *Mailbox::parse(argv[2]);
  rules.mail_domain = argv[3];
  for (std::string path; std::getline(std::cin, path);) {
    std::ifstream file(path, std::ios::binary);
    const std::string message((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::string out = rewritten(message, rules);
    std::cout << out.size() << "\n" << out;
  }
  return 0;
}
