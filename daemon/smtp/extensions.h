// What an upstream offers, read from its answer to EHLO (RFC 5321 4.1.1.1). Pure; any thread.
#pragma once

#include <string_view>

#include "smtp/client_session.h"

namespace mailchute {

/// `text`: the reply's lines, without codes, joined with '\n'; the first one is the greeting and offers
/// nothing. Keywords that we do not know are passed over, and so are parameters that make no sense: an offer
/// half understood is no offer.
Extensions parse_extensions(std::string_view text);

}  // namespace mailchute
