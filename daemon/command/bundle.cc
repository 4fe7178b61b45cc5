#include "command/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/exit_codes.h"
#include "base/text.h"

namespace mailchute {

namespace {

constexpr char kMask[] = "***";

/// What an address may be made of before its @, UTF-8 included; quotes end it, so that a quoted local part is
/// masked up to the blank in it, which is enough.
bool of_local_part(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return true;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::strchr("!#$%&'*+-/=?^_`{|}~.\\\"", c) != nullptr && c != '\0';
}

}  // namespace

std::string with_addresses_masked(std::string_view text) {
  std::string masked;
  std::size_t from = 0;
  for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > from && of_local_part(text[begin - 1])) --begin;
    masked += text.substr(from, begin - from);
    if (begin < at) masked += kMask;
    masked += '@';
    from = at + 1;
  }
  return masked.append(text.substr(from));
}

std::string with_users_masked(std::string_view yaml) {
  constexpr std::string_view kKey = "user: ";
  std::string masked;
  for (const std::string_view line : split(yaml, '\n')) {
    const auto key = line.find_first_not_of(' ');
    const bool user = key != std::string_view::npos && line.substr(key).starts_with(kKey) &&
                      line.find('@') == std::string_view::npos;
    masked += user ? std::string(line.substr(0, key)) + "user: " + kMask : std::string(line);
    masked += '\n';
  }
  if (!masked.empty()) masked.pop_back();
  return masked;
}

std::string with_logins_masked(std::string text, const std::vector<std::string>& logins) {
  for (const std::string& login : logins) {
    if (login.empty() || login.find('@') != std::string::npos) continue;
    const std::string told = ", as " + printable(login) + "\n";
    const std::string masked = std::string(", as ") + kMask + "\n";
    for (auto at = text.find(told); at != std::string::npos; at = text.find(told, at + masked.size()))
      text.replace(at, told.size(), masked);
  }
  return text;
}

Result<void> write_new_file(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("cannot create " + path + ": " + std::strerror(errno), exit_code::kCannotCreate);
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const std::string why = std::strerror(errno);
      ::unlink(path.c_str());
      return fail("cannot write " + path + ": " + why, exit_code::kInputOutput);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace mailchute
