#include "control/config_json.h"

#include "base/text.h"
#include "control/json_parts.h"

namespace mailchute {

namespace {

Json value_json(const ValueText& value) {
  switch (value.kind) {
    case ValueText::Kind::None: return nullptr;
    case ValueText::Kind::Text:
    case ValueText::Kind::Word: return as_text(value.text);
    case ValueText::Kind::Number: return Json::parse(value.text, nullptr, /*allow_exceptions=*/false);
    case ValueText::Kind::Flag: return value.text == "true";
    case ValueText::Kind::List: break;
    case ValueText::Kind::Map: {
      Json map = Json::object();
      for (const auto& [name, text] : value.entries) map[as_text(name)] = as_text(text);
      return map;
    }
  }
  Json list = Json::array();
  for (const std::string& item : value.items) list.push_back(as_text(item));
  return list;
}

/// The place of a key, made on the way: objects, and an array where the path has a place in a list.
Json& at(Json& root, const EffectiveKey& key) {
  Json* here = &root;
  const auto parts = split(key.path, '.');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool place = i > 0 && i == key.place_in_list;
    here = place ? &(*here)[parse_unsigned(parts[i]).value_or(0)] : &(*here)[std::string(parts[i])];
  }
  return *here;
}

Json origin_json(const Origin& origin) {
  static constexpr const char* kKinds[] = {"default", "profile", "file", "environment"};
  Json json = {{"kind", kKinds[origin.kind]}};
  if (!origin.source.empty()) json["source"] = as_text(origin.source);
  if (origin.line > 0) json["line"] = origin.line;
  return json;
}

}  // namespace

std::string encode_config(const std::string& path, const std::vector<EffectiveKey>& keys) {
  Json config = Json::object();
  Json origins = Json::object();
  for (const EffectiveKey& key : keys) {
    at(config, key) = value_json(key.value);
    origins[key.path] = origin_json(key.origin);
  }
  return written(Json{{"schema", 1},
                      {"path", as_text(path)},
                      {"config", std::move(config)},
                      {"origins", std::move(origins)}});
}

}  // namespace mailchute
