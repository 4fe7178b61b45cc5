// What the files of this folder that write or read JSON have in common. Only for them: everyone else speaks
// through json.h. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "mail/reply.h"

namespace mailchute {

// Ordered: people read it too, and it comes in the order of the manual.
using Json = nlohmann::ordered_json;

/// On one line, in ASCII.
std::string written(const Json& value);

/// As it is, where it is text at all; a byte that is not becomes `\xNN`.
std::string as_text(std::string_view bytes);

Json time_or_null(const std::optional<WallTime>& time);

template <typename T>
Json value_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json reply_json(Stage stage, const Reply& reply);

/// What rfc3339() writes, and nothing else.
std::optional<WallTime> parse_time(const std::string& text);

/// Empty when it is not a JSON object.
std::optional<Json> parse_object(std::string_view text);

/// A member of an object: null, nothing, 0 or no time when it is missing or of another kind.
const Json& member(const Json& object, const char* name);
std::string text_member(const Json& object, const char* name);
std::int64_t number_member(const Json& object, const char* name);
std::optional<WallTime> time_member(const Json& object, const char* name);

}  // namespace mailchute
