// The secret of an upstream: where the configuration says it is, and what is made of the bytes found there.
// Running a command for it is not done here. What fails is told without any byte of the secret. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "settings/settings.h"

namespace mailchute {

/// No password or token is longer; OAuth tokens come to about 2 KiB.
inline constexpr std::size_t kSecretBytes = 16 * 1024;

/// `xoauth2` and `oauthbearer`; the other mechanisms take a password.
bool takes_token(std::string_view mechanism);

/// A token from `token_command` is used, good for one login: where `auth` has a mechanism for it. Else a
/// password.
bool uses_token(const UpstreamSettings& upstream);

/// The command that prints the secret: `token_command`, else `password_command`; empty when it is in a file.
const CommandLine& secret_command(const UpstreamSettings& upstream);

/// The bytes of `password_file`, less exactly one newline at the end (LF or CRLF). Reads a file: not on the
/// loop thread while mail flows. Refused: a file that is not a regular one, that others can read (mode 0004),
/// that is empty, longer than kSecretBytes or holds a NUL (the separator of SASL PLAIN, RFC 4616). The
/// error's code is 66 when the secret may still come (missing, closed to us, empty), else 78.
Result<Secret> read_secret(const UpstreamSettings& upstream);

/// The same of any file: `path` whole.
Result<Secret> read_secret_file(const std::string& path, SecretAdvice::Blanks blanks);

/// What is made of the bytes of such a file, also before there is one: less that newline, without blanks
/// where the provider's are decoration. `bytes` is wiped; `what` begins an error: `cannot use /path`.
Result<Secret> secret_from_bytes(std::string bytes, SecretAdvice::Blanks blanks, const std::string& what);

/// The first line of what the upstream's secret_command() printed; the rest is a person's (`pass` keeps notes
/// there). `printed` is wiped. Refused: an empty first line, one longer than kSecretBytes, a NUL, and in a
/// token any byte that is not visible ASCII (RFC 6750 2.1).
Result<Secret> secret_from_output(std::string printed, const UpstreamSettings& upstream);

}  // namespace mailchute
