// One value of the configuration: from a node into its field, and from its field back to text. Pure; any
// thread.
#pragma once

#include <string>

#include "settings/node.h"
#include "settings/report.h"
#include "settings/schema.h"

namespace mailchute {

/// Reads `node` into `field`; when it does not fit, reports why (naming `key`) and leaves the field as it
/// was. `folder` is where relative paths begin. The kinds with keys of their own (Upstreams, Routes,
/// SmtpUsers, Defaults) are the caller's. False when nothing was assigned.
bool assign(const Form& form, Field field, const Node& node, std::string_view key, const std::string& folder,
            Report& report);

/// As it would be written in the configuration; empty for nothing, for TLS `implicit` and so on the word.
std::string show(const Form& form, const Field& field);

}  // namespace mailchute
