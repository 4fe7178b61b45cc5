// Secrets that systemd hands to the service (systemd.exec(5), LoadCredential=), encrypted on disk or not:
// where a password_file (or the listener's certificate or key) lies in `credentials/` beside the
// configuration and a credential of the same name was passed, the credential is read. Looks whether files
// exist; any thread.
#pragma once

#include <string>

#include "settings/reading.h"
#include "settings/settings.h"

namespace mailchute {

/// `passed`: the folder of the credentials that were passed; empty when none were. What systemd passed stays
/// as it was at the start of the service: the file that it hides is named, because an edit of that one would
/// change nothing.
void use_passed_credentials(Reading& reading, const std::string& passed, Settings& settings);

}  // namespace mailchute
