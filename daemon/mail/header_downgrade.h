// A header in UTF-8 (RFC 6532) in the older form that every server carries: names and text as encoded words.
// Only where nothing is lost by it; what cannot be said in ASCII, an address for instance, is not paraphrased
// as RFC 6857 would. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailchute {

/// `section` with every byte beyond ASCII encoded; fields that have none stay byte by byte. Empty when a
/// field cannot be written so: an address or a message id beyond ASCII, parameters of MIME fields, bytes that
/// are not UTF-8, a line that is no field.
std::optional<std::string> downgraded_header(std::string_view section);

}  // namespace mailchute
