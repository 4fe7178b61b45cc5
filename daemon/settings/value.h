// One value of the configuration: from a node into its field, and from its field back to text. Pure; any
// thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "settings/node.h"
#include "settings/report.h"
#include "settings/schema.h"

namespace mailchute {

/// Reads `node` into `field`; when it does not fit, reports why (naming `key`) and leaves the field as it
/// was. `folder` is where relative paths begin. The kinds with keys of their own (Upstreams, Routes,
/// SmtpUsers, Defaults) are the caller's. False when nothing was assigned.
bool assign(const Form& form, Field field, const Node& node, std::string_view key, const std::string& folder,
            Report& report);

/// A value as text again, with what it is made of.
struct ValueText {
  /// Word: a text that needs no quotes because of its form, a duration or one of a few words.
  enum class Kind { None, Text, Word, Number, Flag, List, Map } kind = Kind::None;
  std::string text = {};
  std::vector<std::string> items = {};                            ///< Of a List.
  std::vector<std::pair<std::string, std::string>> entries = {};  ///< Of a Map.
};
ValueText value_text(const Form& form, const Field& field);

/// As it would be written in the configuration, on one line; empty for None.
std::string show(const ValueText& value, Form::Kind kind);
std::string show(const Form& form, const Field& field);

}  // namespace mailchute
