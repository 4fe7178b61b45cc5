// The rules of the SMTP listener: who may reach it, who may log in to it, and with which certificate. Looks
// at the files that are named there; any thread.
#pragma once

#include <cstddef>

#include "settings/load.h"
#include "settings/reading.h"
#include "settings/settings.h"

namespace mailchute {

/// Reports what does not go together, and what is wrong with the files. A file that is not there, or a
/// certificate that cannot be used, is a warning: mail of this machine's own apps must not wait for it. A
/// secret that others can read is an error. `examine` may be null.
void check_listeners(Reading& reading, const Settings& settings, const CertificateCheck& examine);

/// A chain of certificates is some KiB, a key two.
inline constexpr std::size_t kPemBytes = 256 * 1024;

}  // namespace mailchute
