// Which entry of the journal's catalog (systemd/mailchute.catalog) explains an event: `journalctl --catalog`
// shows it beneath the line, and a program finds all events of a kind by MESSAGE_ID. Pure; any thread.
#pragma once

#include <string_view>

namespace mailchute::log {

/// 32 hexadecimal digits; empty for an event that has no entry.
std::string_view catalog_entry(std::string_view event);

}  // namespace mailchute::log
