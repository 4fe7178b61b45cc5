// How the commands get a secret and where they put it: from a file, standard input or a person, into the file
// that the configuration names, which nobody but the daemon may read. Main thread; waits.
#pragma once

#include <string>

#include "base/locale.h"
#include "base/phrase.h"
#include "base/result.h"
#include "base/secret.h"
#include "settings/new_file.h"
#include "settings/settings.h"

namespace mailchute {

/// What the provider calls its secret: `authorization code`, `授权码`; `password` where it has no word.
std::string secret_name(const SecretAdvice& advice, Language language);

/// How to get one, wrapped for the terminal; empty where the profile does not say.
std::string secret_advice(const SecretAdvice& advice, Language language);

/// Out of `file`, or standard input for `-`. Codes: 66 when it cannot be read or is empty, else 65.
Result<Secret> secret_from_input(const std::string& file, SecretAdvice::Blanks blanks);

/// Asks the person at the terminal, without showing it.
Result<Secret> secret_from_person(const UpstreamSettings& upstream, Language language);

/// Writes the secret beside `path`, to be put in place by the caller, and makes its folder where there is
/// none. Readable by us and, where we are root and the service has a user, by that user's group.
Result<NewFile> prepare_secret(const std::string& path, const Secret& secret);

/// `0640 root:mailchute`, as people read it.
Phrase secret_access_words();

}  // namespace mailchute
