#include "settings/value.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "settings/fit.h"
#include "settings/units.h"

namespace mailchute {

namespace {

std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

TlsMode tls_mode(std::string_view word) {
  if (word == "none") return TlsMode::None;
  return word == "starttls" ? TlsMode::StartTls : TlsMode::Implicit;
}

// ---- From a node into a field: one overload for each type of field.

class Assigner {
 public:
  Assigner(const Form& form, const Node& node, std::string_view key, const std::string& folder,
           Report& report)
      : form_(form), node_(node), key_(key), folder_(folder), report_(report) {}

  bool operator()(std::string* field) {
    return scalar(field, [&](auto text) { return fit_string(form_, text, folder_); });
  }
  bool operator()(std::uint64_t* field) {
    return scalar(field, [&](auto text) { return fit_unsigned(form_, text); });
  }
  bool operator()(std::uint16_t* field) { return narrow(field); }
  bool operator()(int* field) { return narrow(field); }
  bool operator()(double* field) {
    return scalar(field, [&](auto text) { return fit_fraction(form_, text); });
  }
  bool operator()(bool* field) {
    return scalar(field, [](auto text) { return fit_flag(text); });
  }
  bool operator()(Duration* field) {
    return scalar(field, [&](auto text) { return fit_duration(form_, text); });
  }
  bool operator()(std::optional<Rate>* field) {
    return scalar(field, [](auto text) { return parse_rate(text); });
  }
  bool operator()(TlsMode* field) {
    return scalar(field, [&](auto text) {
      return fit_choice(text, form_).map([](const auto& word) { return tls_mode(word); });
    });
  }
  bool operator()(std::vector<std::string>* field);
  bool operator()(std::map<std::string, std::string>* field);
  bool operator()(std::map<std::string, Rate>* field);

  bool operator()(std::vector<UpstreamSettings>*) { return false; }
  bool operator()(std::vector<RouteSettings>*) { return false; }
  bool operator()(std::vector<SmtpUser>*) { return false; }
  bool operator()(std::monostate) { return false; }

 private:
  template <typename T, typename Fit>
  bool scalar(T* field, Fit fit) {
    if (!expect(node_, Node::Kind::Scalar, "one value")) return false;
    return take(node_, fit, [&](auto value) { *field = std::move(value); });
  }

  template <typename T>
  bool narrow(T* field) {
    return scalar(field, [&](auto text) {
      return fit_unsigned(form_, text).map([](std::uint64_t value) { return static_cast<T>(value); });
    });
  }

  template <typename Fit, typename Keep>
  bool take(const Node& node, Fit fit, Keep keep) {
    auto fitted = fit(std::string_view(node.scalar));
    if (!fitted) {
      report_.error(node.where, std::string(key_) + ": " + fitted.error().message, fitted.error().hint);
      return false;
    }
    keep(std::move(*fitted));
    return true;
  }

  /// Reports a node of another kind than `kind`.
  bool expect(const Node& node, Node::Kind kind, std::string_view what) {
    if (node.kind == kind) return true;
    if (node.kind == Node::Kind::Hole) return false;
    if (node.kind == Node::Kind::Null)
      report_.error(node.where, std::string(key_) + " has no value",
                    "give it one, comment it out, or put quotes around ~ and null if they are meant");
    else
      report_.error(node.where, std::string(key_) + " takes " + std::string(what),
                    example().empty() ? "write " + std::string(what) + " behind it" : example());
    return false;
  }

  std::string example() const {
    switch (form_.kind) {
      case Form::Endpoints: return "write [\"127.0.0.1:25\"]";
      case Form::ChoiceList: return "write [login, plain]";
      case Form::Command: return "write [\"program\", \"argument\"]: there is no shell";
      case Form::TextList: return "write [name]";
      case Form::TextMap: return "write { name: value }";
      case Form::RateMap: return "write { messages: 10000/day }";
      default: return {};
    }
  }

  const Form& form_;
  const Node& node_;
  std::string_view key_;
  const std::string& folder_;
  Report& report_;
};

bool Assigner::operator()(std::vector<std::string>* field) {
  if (!expect(node_, Node::Kind::List, "a list")) return false;
  if (node_.items.empty() && form_.least > 0) {
    report_.error(node_.where, std::string(key_) + " is an empty list", example());
    return false;
  }
  std::vector<std::string> values;
  bool well = true;
  for (const auto& item : node_.items) {
    const auto fit = [&](std::string_view text) { return fit_string(form_, text, folder_); };
    well = expect(item, Node::Kind::Scalar, "a list of single values") &&
           take(item, fit, [&](std::string value) { values.push_back(std::move(value)); }) && well;
  }
  if (well) *field = std::move(values);
  return well;
}

bool Assigner::operator()(std::map<std::string, std::string>* field) {
  if (node_.kind == Node::Kind::Null) return false;
  if (!expect(node_, Node::Kind::Map, "a map")) return false;
  std::map<std::string, std::string> values;
  bool well = true;
  for (const auto& entry : node_.entries)
    well = expect(entry.value, Node::Kind::Scalar, "a map of single values") &&
           take(entry.value, fit_text, [&](std::string value) { values[entry.key] = std::move(value); }) &&
           well;
  if (well) *field = std::move(values);
  return well;
}

bool Assigner::operator()(std::map<std::string, Rate>* field) {
  if (node_.kind == Node::Kind::Null) return false;
  if (!expect(node_, Node::Kind::Map, "a map")) return false;
  std::map<std::string, Rate> values;
  bool well = true;
  for (const auto& entry : node_.entries) {
    Node name{Node::Kind::Scalar, entry.where, entry.key, {}, {}};
    const auto fit_name = [&](std::string_view text) { return fit_choice(text, form_); };
    well = take(name, fit_name, [](const std::string&) {}) && well;
    well = expect(entry.value, Node::Kind::Scalar, "a map of rates") &&
           take(entry.value, parse_rate, [&](Rate rate) { values[entry.key] = rate; }) && well;
  }
  if (well) *field = std::move(values);
  return well;
}

// ---- And back to text.

/// Words that YAML 1.1 takes for something else than a text.
bool is_reserved(std::string_view text) {
  static constexpr std::array<std::string_view, 10> kWords = {"true", "false", "yes",  "no", "on",
                                                              "off",  "null",  "none", "y",  "n"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return equal_nocase(word, text); });
}

/// Quoted when YAML would read it as something else (a number, too), or not at all.
std::string show_text(const std::string& text) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@+";
  static constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  const bool plain = !text.empty() && kFirst.find(text[0]) != std::string_view::npos &&
                     text.find_first_not_of(kPlain) == std::string::npos && !is_reserved(text);
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

using Kind = ValueText::Kind;

struct Writer {
  const Form& form;

  ValueText operator()(const std::string* value) const {
    if (value->empty()) return {};
    return {form.kind == Form::Choice ? Kind::Word : Kind::Text, *value};
  }
  ValueText operator()(const std::uint64_t* value) const {
    const auto kind = form.kind == Form::Size ? Kind::Word : Kind::Number;
    return {kind, show_number(form, static_cast<std::int64_t>(*value))};
  }
  ValueText operator()(const std::uint16_t* value) const {
    return *value == 0 ? ValueText{} : ValueText{Kind::Number, std::to_string(*value)};
  }
  ValueText operator()(const int* value) const { return {Kind::Number, std::to_string(*value)}; }
  ValueText operator()(const double* value) const { return {Kind::Number, format_fraction(*value)}; }
  ValueText operator()(const bool* value) const { return {Kind::Flag, *value ? "true" : "false"}; }
  ValueText operator()(const Duration* value) const { return {Kind::Word, format_duration(*value)}; }
  ValueText operator()(const TlsMode* value) const {
    return {Kind::Word, *value == TlsMode::None       ? "none"
                        : *value == TlsMode::StartTls ? "starttls"
                                                      : "implicit"};
  }
  ValueText operator()(const std::optional<Rate>* value) const {
    return *value ? ValueText{Kind::Word, format_rate(**value)} : ValueText{};
  }
  ValueText operator()(const std::vector<std::string>* value) const {
    return value->empty() ? ValueText{} : ValueText{Kind::List, {}, *value};
  }
  ValueText operator()(const std::map<std::string, std::string>* value) const {
    ValueText map{value->empty() ? Kind::None : Kind::Map};
    for (const auto& [name, text] : *value) map.entries.emplace_back(name, text);
    return map;
  }
  ValueText operator()(const std::map<std::string, Rate>* value) const {
    ValueText map{value->empty() ? Kind::None : Kind::Map};
    for (const auto& [name, rate] : *value) map.entries.emplace_back(name, format_rate(rate));
    return map;
  }
  // These have keys of their own.
  ValueText operator()(const std::vector<UpstreamSettings>*) const { return {}; }
  ValueText operator()(const std::vector<RouteSettings>*) const { return {}; }
  ValueText operator()(const std::vector<SmtpUser>*) const { return {}; }
  ValueText operator()(std::monostate) const { return {}; }
};

std::string show_list(const std::vector<std::string>& items) {
  std::vector<std::string> words;
  for (const auto& item : items) words.push_back(show_text(item));
  return "[" + join(words, ", ") + "]";
}

}  // namespace

bool assign(const Form& form, Field field, const Node& node, std::string_view key, const std::string& folder,
            Report& report) {
  return std::visit(Assigner(form, node, key, folder, report), field);
}

ValueText value_text(const Form& form, const Field& field) { return std::visit(Writer{form}, field); }

std::string show(const ValueText& value, Form::Kind kind) {
  switch (value.kind) {
    case Kind::None: return "";
    case Kind::Text: return show_text(value.text);
    case Kind::Word:
    case Kind::Number:
    case Kind::Flag: return value.text;
    case Kind::List: return show_list(value.items);
    case Kind::Map: break;
  }
  std::vector<std::string> words;
  for (const auto& [name, text] : value.entries)
    words.push_back(show_text(name) + ": " + (kind == Form::RateMap ? text : show_text(text)));
  return "{ " + join(words, ", ") + " }";
}

std::string show(const Form& form, const Field& field) { return show(value_text(form, field), form.kind); }

}  // namespace mailchute
