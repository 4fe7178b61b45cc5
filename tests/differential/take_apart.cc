// Encodes messages for a server that takes no eight bits, for comparison with another program. Each line of
// the input names a file; of each the new message is printed, behind a line with its length in bytes. usage:
// take_apart PIECE-BYTES
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include "mail/seven_bit_parts.h"

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::size_t step = std::strtoul(argv[1], nullptr, 10);
  if (step == 0) return 64;
  for (std::string path; std::getline(std::cin, path);) {
    std::ifstream file(path, std::ios::binary);
    const std::string message((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    mailchute::SevenBitParts parts;
    std::string out;
    for (std::string_view rest = message; !rest.empty(); rest.remove_prefix(std::min(step, rest.size())))
      out += parts.take(rest.substr(0, step));
    out += parts.finish();
    std::cout << out.size() << "\n" << out;
  }
  return 0;
}
