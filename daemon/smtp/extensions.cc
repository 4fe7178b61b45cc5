#include "smtp/extensions.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kMechanismBytes = 20;  // RFC 4422 3.1: the longest name a mechanism can have

struct Flag {
  std::string_view keyword;
  bool Extensions::*offered;
};
constexpr Flag kFlags[] = {
    {"PIPELINING", &Extensions::pipelining},  // RFC 2920
    {"8BITMIME", &Extensions::eight_bit},     // RFC 6152
    {"SMTPUTF8", &Extensions::smtputf8},      // RFC 6531
    {"DSN", &Extensions::dsn},                // RFC 3461
    {"CHUNKING", &Extensions::chunking},      // RFC 3030
    {"STARTTLS", &Extensions::starttls},      // RFC 3207
};

/// RFC 4422 3.1: upper case letters, digits, hyphen, underscore; we do not hold the case against anyone.
bool is_mechanism(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= kMechanismBytes && std::all_of(name.begin(), name.end(), fits);
}

/// Adds the names that are not there yet; `seen` keeps a list of thousands from costing the square of its
/// length.
void add_mechanisms(std::string_view names, Extensions& extensions, std::set<std::string>& seen) {
  for (std::string_view name : split(names, ' ')) {
    name = trim(name);
    if (is_mechanism(name) && seen.insert(lower(name)).second) extensions.mechanisms.push_back(lower(name));
  }
}

void add_line(std::string_view line, Extensions& extensions, std::set<std::string>& seen) {
  const std::string_view keyword = line.substr(0, line.find_first_of(" \t="));
  const std::string_view parameters = trim(line.substr(std::min(line.size(), keyword.size() + 1)));

  // `AUTH=LOGIN` is what clients of the last century wanted to see; some providers still say only that.
  if (equal_nocase(keyword, "AUTH")) return add_mechanisms(parameters, extensions, seen);
  // RFC 1870 3: no number, or zero, means that no bound is told.
  if (equal_nocase(keyword, "SIZE")) extensions.size = parse_unsigned(parameters).value_or(0);
  for (const Flag& flag : kFlags)
    if (equal_nocase(keyword, flag.keyword)) extensions.*flag.offered = true;
}

}  // namespace

Extensions parse_extensions(std::string_view text) {
  Extensions extensions;
  std::set<std::string> seen;
  const auto lines = split(text, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) add_line(trim(lines[i]), extensions, seen);
  return extensions;
}

}  // namespace mailchute
