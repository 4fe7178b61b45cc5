// An upstream's settings as its SMTP session asks for them: for delivery, and for who only tries. Pure; any
// thread.
#pragma once

#include <string>

#include "base/secret.h"
#include "settings/settings.h"
#include "smtp/client_session.h"

namespace mailchute {

/// `settings` must outlive the session: its rules are asked what a refused login means.
ClientOptions session_options(const UpstreamSettings& settings, const std::string& ehlo_name,
                              Secret credential);

}  // namespace mailchute
