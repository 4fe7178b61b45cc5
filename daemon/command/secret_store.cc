#include "command/secret_store.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/console.h"
#include "command/privileges.h"
#include "command/terminal.h"
#include "command/wrap.h"
#include "settings/read_file.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr std::size_t kUsualScreen = 80;

/// The group that the daemon's user is in; none where we are not root, or there is no such user.
std::optional<gid_t> service_group() {
  if (::geteuid() != 0) return std::nullopt;
  const auto user = service_user();
  return user ? std::optional(user->gid) : std::nullopt;
}

FileAccess readable_by_the_service(mode_t alone, mode_t with_group) {
  const auto group = service_group();
  return {group ? with_group : alone, group};
}

/// All of it, but never more than a secret can have and one byte.
Result<std::string> read_standard_input() {
  std::string bytes(kSecretBytes + 1, '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t count = ::read(STDIN_FILENO, bytes.data() + length, bytes.size() - length);
    if (count == 0) break;
    if (count > 0) length += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR)
      return fail(std::string("cannot read the secret from standard input: ") + std::strerror(errno),
                  exit_code::kNoInput);
  }
  bytes.resize(length);
  return bytes;
}

Result<std::string> bytes_of(const std::string& file) {
  if (file == "-") return read_standard_input();
  return TRY(read_small_file(file, kSecretBytes)).bytes;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

std::string secret_name(const SecretAdvice& advice, Language language) {
  const bool chinese = language == Language::Chinese;
  if (chinese && !advice.name_zh.empty()) return printable(advice.name_zh);
  if (!advice.name.empty()) return printable(advice.name);
  return chinese ? "密码" : "password";
}

std::string secret_advice(const SecretAdvice& advice, Language language) {
  const Explanation how{advice.how, advice.how_zh};
  const std::size_t screen = screen_width();
  if (how.words.empty()) return "";
  return wrapped("  ", printable(how.in(language), 4096), 2, screen > 0 ? screen : kUsualScreen);
}

Result<Secret> secret_from_input(const std::string& file, SecretAdvice::Blanks blanks) {
  const std::string name = file == "-" ? "standard input" : printable(file, 4096);
  auto secret = bytes_of(file).and_then(
      [&](std::string bytes) { return secret_from_bytes(std::move(bytes), blanks, "cannot use " + name); });
  // It is no configuration yet: what is wrong with it is wrong with the input.
  if (secret) return secret;
  return fail(secret.error().text + "; next: name a file that holds the secret, or - for standard input",
              secret.error().code == exit_code::kNoInput ? exit_code::kNoInput : exit_code::kBadData);
}

Result<Secret> secret_from_person(const UpstreamSettings& upstream, Language language) {
  const bool chinese = language == Language::Chinese;
  const std::string name = secret_name(upstream.secret, language);
  const std::string of = printable(upstream.user);
  Secret typed = TRY(
      ask_secret(chinese ? of + " 的" + name + "（输入时不显示）：" : name + " of " + of + " (not shown): "));
  return secret_from_bytes(std::string(typed.reveal()), upstream.secret.blanks, "cannot use what was typed");
}

Result<NewFile> prepare_secret(const std::string& path, const Secret& secret) {
  TRY_VOID(make_folder(folder_of(path), readable_by_the_service(0700, 0750)));
  std::string bytes;
  bytes.reserve(secret.reveal().size() + 1);  // Grown, it would leave a copy behind.
  bytes += secret.reveal();
  bytes += '\n';
  auto prepared = NewFile::prepare(path, bytes, readable_by_the_service(0600, 0640));
  Secret::wipe(bytes);
  return prepared;
}

Phrase secret_access_words() {
  if (service_group()) return said({"mode 0640, for the service", "权限 0640，供服务读取"});
  return said({"mode 0600, for you alone", "权限 0600，只有你能读"});
}

}  // namespace mailchute
