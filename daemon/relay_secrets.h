// Fetches an upstream's secret from where the configuration says it is: a file, or a program that prints it.
// Loop thread only.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/unique_function.h"
#include "net/loop.h"
#include "net/process.h"
#include "settings/settings.h"

namespace mailchute {

/// How long a program may take to print a secret: some ask a key server, none asks a person.
inline constexpr Duration kSecretPatience{30'000};

/// `then` runs once on the loop, never from inside the call. The file is read away from the loop; what a
/// program prints goes nowhere but into the secret.
void fetch_secret(Loop& loop, ProcessRunner& processes, const UpstreamSettings& upstream,
                  UniqueFunction<void(Result<Secret>)> then);

}  // namespace mailchute
