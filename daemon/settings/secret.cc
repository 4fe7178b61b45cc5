#include "settings/secret.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "settings/read_file.h"

namespace mailchute {

namespace {

/// `echo secret > file` ends with a newline that is not part of the secret; a second one is. Nothing is freed
/// unwiped.
void strip_newline(std::string& bytes) {
  if (!bytes.ends_with('\n')) return;
  bytes.pop_back();
  if (bytes.ends_with('\r')) bytes.pop_back();
}

/// In place: the bytes behind the end are wiped with the rest.
void drop_blanks(std::string& bytes) {
  std::size_t kept = 0;
  for (const char byte : bytes)
    if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') bytes[kept++] = byte;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(kept), bytes.end(), '\0');
  bytes.resize(kept);
}

Result<Secret> refused(std::string& bytes, const std::string& why, int code) {
  Secret::wipe(bytes);
  return fail(why, code);
}

bool visible_ascii(char c) { return c > 0x20 && c < 0x7F; }

}  // namespace

bool takes_token(std::string_view mechanism) { return mechanism == "xoauth2" || mechanism == "oauthbearer"; }

bool uses_token(const UpstreamSettings& upstream) {
  return !upstream.token_command.empty() &&
         std::any_of(upstream.auth.begin(), upstream.auth.end(), takes_token);
}

const CommandLine& secret_command(const UpstreamSettings& upstream) {
  return uses_token(upstream) ? upstream.token_command : upstream.password_command;
}

Result<Secret> read_secret(const UpstreamSettings& upstream) {
  const std::string& path = upstream.password_file;
  if (path.empty())
    return fail("upstream " + upstream.name + " has no password_file", exit_code::kConfiguration);
  return read_secret_file(path, upstream.secret.blanks);
}

Result<Secret> read_secret_file(const std::string& path, SecretAdvice::Blanks blanks) {
  auto file = TRY(read_small_file(path, kSecretBytes, kOthersRead));
  return secret_from_bytes(std::move(file.bytes), blanks, "cannot use " + path);
}

Result<Secret> secret_from_bytes(std::string bytes, SecretAdvice::Blanks blanks, const std::string& what) {
  strip_newline(bytes);
  if (blanks == SecretAdvice::Blanks::Drop) drop_blanks(bytes);
  if (bytes.empty()) return refused(bytes, what + ": it is empty", exit_code::kNoInput);
  if (bytes.size() > kSecretBytes)
    return refused(bytes, what + ": it is too long", exit_code::kConfiguration);
  if (bytes.find('\0') != std::string::npos)
    return refused(bytes, what + ": it holds a NUL byte, which no login can carry",
                   exit_code::kConfiguration);
  return Secret(std::move(bytes));
}

Result<Secret> secret_from_output(std::string printed, const UpstreamSettings& upstream) {
  const std::string program = printable(secret_command(upstream).front());
  std::string line(printed, 0, printed.find('\n'));
  Secret::wipe(printed);
  if (line.ends_with('\r')) line.pop_back();
  if (upstream.secret.blanks == SecretAdvice::Blanks::Drop && !uses_token(upstream)) drop_blanks(line);
  if (line.empty()) return refused(line, program + " printed no secret", exit_code::kNoInput);
  if (line.size() > kSecretBytes)
    return refused(line, "what " + program + " printed is too long for a secret", exit_code::kConfiguration);
  if (line.find('\0') != std::string::npos)
    return refused(line, program + " printed a NUL byte, which no login can carry",
                   exit_code::kConfiguration);
  if (uses_token(upstream) && !std::all_of(line.begin(), line.end(), visible_ascii))
    return refused(line, "what " + program + " printed is no token: it has a blank or an odd byte in it",
                   exit_code::kConfiguration);
  return Secret(std::move(line));
}

}  // namespace mailchute
