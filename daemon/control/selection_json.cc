// Which messages a request means, in JSON: the one thing that is read with suspicion.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "control/json.h"
#include "control/json_parts.h"

namespace mailchute {

namespace {

constexpr std::array<std::string_view, 6> kStates = {"queued",    "sending",   "held",
                                                     "uncertain", "delivered", "failed"};

/// A selection as it is read from a request.
struct Asked {
  Selection selection;
  bool all = false;
};

tl::unexpected<Error> unfit(const std::string& name, const std::string& wanted) {
  return fail("\"" + printable(name, 40) + "\" must be " + wanted, exit_code::kUsage);
}

// An empty text would mean anything at all: whoever sends one has lost a filter.
Result<void> take_text(const std::string& name, const Json& value, std::string& into) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    return unfit(name, "a text that is not empty");
  into = value.get<std::string>();
  return {};
}

Result<void> take_state(const std::string& name, const Json& value, std::string& into) {
  TRY_VOID(take_text(name, value, into));
  if (std::find(kStates.begin(), kStates.end(), into) == kStates.end())
    return unfit(name, "the name of a state");
  return {};
}

Result<void> take_ids(const std::string& name, const Json& value, std::vector<MessageId>& into) {
  if (!value.is_array() || value.empty()) return unfit(name, "a list of ids that is not empty");
  for (const Json& item : value) {
    const auto id = item.is_string() ? MessageId::parse(item.get_ref<const std::string&>()) : std::nullopt;
    if (!id) return unfit(name, "a list of whole ids");
    into.push_back(*id);
  }
  return {};
}

Result<void> take_code(const std::string& name, const Json& value, std::optional<int>& into) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 999)
    return unfit(name, "the code of a reply");
  into = value.get<int>();
  return {};
}

Result<void> take_time(const std::string& name, const Json& value, std::optional<WallTime>& into) {
  into = value.is_string() ? parse_time(value.get<std::string>()) : std::nullopt;
  if (!into) return unfit(name, "a time like 2026-03-01T12:00:00Z");
  return {};
}

Result<void> take_all(const std::string& name, const Json& value, bool& into) {
  if (!value.is_boolean()) return unfit(name, "true or false");
  into = value.get<bool>();
  return {};
}

Result<void> take_member(const std::string& name, const Json& value, Asked& asked) {
  Selection& selection = asked.selection;
  if (name == "schema") return {};
  if (name == "all") return take_all(name, value, asked.all);
  if (name == "ids") return take_ids(name, value, selection.ids);
  if (name == "from") return take_text(name, value, selection.from);
  if (name == "to") return take_text(name, value, selection.to);
  if (name == "upstream") return take_text(name, value, selection.upstream);
  if (name == "state") return take_state(name, value, selection.state);
  if (name == "code") return take_code(name, value, selection.code);
  if (name == "received_before") return take_time(name, value, selection.received_before);
  if (name == "received_after") return take_time(name, value, selection.received_after);
  return fail("\"" + printable(name, 40) + "\" is no condition that is known here", exit_code::kUsage);
}

bool has_condition(const Selection& selection) {
  return !selection.ids.empty() || !selection.from.empty() || !selection.to.empty() ||
         !selection.upstream.empty() || !selection.state.empty() || selection.code ||
         selection.received_before || selection.received_after;
}

}  // namespace

std::string encode_selection(const Selection& selection) {
  Json object = {{"schema", 1}};
  if (!has_condition(selection)) object["all"] = true;
  for (const MessageId id : selection.ids) object["ids"].push_back(id.text());
  if (!selection.from.empty()) object["from"] = as_text(selection.from);
  if (!selection.to.empty()) object["to"] = as_text(selection.to);
  if (!selection.upstream.empty()) object["upstream"] = as_text(selection.upstream);
  if (!selection.state.empty()) object["state"] = as_text(selection.state);
  if (selection.code) object["code"] = *selection.code;
  if (selection.received_before) object["received_before"] = rfc3339(*selection.received_before);
  if (selection.received_after) object["received_after"] = rfc3339(*selection.received_after);
  return written(object);
}

Result<Selection> decode_selection(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return fail("the request is not a JSON object", exit_code::kUsage);
  Asked asked;
  for (const auto& [name, value] : object->items()) TRY_VOID(take_member(name, value, asked));
  if (!asked.all && !has_condition(asked.selection))
    return fail("the request says of no message that it is meant; for every message write \"all\": true",
                exit_code::kUsage);
  return std::move(asked.selection);
}

}  // namespace mailchute
