// The fields that the relay itself writes into a message on its way in. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace mailchute {

struct TraceFacts;

/// The `Received:` field (RFC 5321 4.4), with CRLF. What peers said of themselves is cut down to the letters
/// of a host name.
std::string received_line(const TraceFacts& facts);

/// The `Message-ID:` that a message without one gets: made from the queue's id, so that every attempt sends
/// the same and a search for the one finds the other. Without angle brackets.
std::string message_id_for(const TraceFacts& facts);

/// What may stand as a host name or address literal in a header: at most 255 bytes, every other byte than
/// letters, digits and
/// `.-_:[]` becomes `?`; `unknown` for nothing.
std::string safe_host(std::string_view host);

}  // namespace mailchute
