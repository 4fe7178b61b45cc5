// Fetches the secret of an upstream from where the configuration says it is. Reads a file: not on the loop
// thread while mail flows. What fails is told without any byte of the secret.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "settings/settings.h"

namespace mailchute {

/// No password or token is longer; OAuth tokens come to about 2 KiB.
inline constexpr std::size_t kSecretBytes = 16 * 1024;

/// The bytes of `password_file`, less exactly one newline at the end (LF or CRLF). Refused: a file that is
/// not a regular one, that others can read (mode 0004), that is empty, longer than kSecretBytes or holds a
/// NUL (the separator of SASL PLAIN, RFC 4616). `password_command` and `token_command` are not in effect in
/// this release: an upstream with only these fails. The error's code is 66 when the secret may still come
/// (missing, closed to us, empty), else 78.
Result<Secret> read_secret(const UpstreamSettings& upstream);

}  // namespace mailchute
