#include "settings/aliases.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "settings/read_file.h"

namespace mailchute {

namespace {

/// An entry of the file, its continuation lines joined, and where it stands.
struct Entry {
  std::string text;
  Where where;
};

class AliasReader {
 public:
  AliasReader(Report& report, Diagnostic::Severity severity) : report_(report), severity_(severity) {}

  void read_entry(const Entry& entry, AliasTable& table);
  /// The targets of one name; what cannot be one is told.
  std::vector<Mailbox> read_targets(std::string_view name, std::string_view text, Where where);
  /// A name in lower case, without quotes; empty, and told, when it is none.
  std::string read_name(std::string_view text, Where where);

 private:
  std::optional<Mailbox> read_target(std::string_view name, std::string_view text, Where where);
  void tell(Where where, std::string message, std::string hint);

  Report& report_;
  Diagnostic::Severity severity_;
};

/// aliases(5): a line that begins with a blank goes on with the one before it; `#` begins a comment where a
/// line begins.
std::vector<Entry> entries_of(std::string_view text, int source) {
  std::vector<Entry> entries;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view words = trim(line);
    if (words.empty() || words.front() == '#') continue;
    if (words.data() != line.data() && !entries.empty())
      entries.back().text += " " + std::string(words);
    else
      entries.push_back(
          {std::string(words), {source, number, 1 + static_cast<int>(words.data() - line.data())}});
  }
  return entries;
}

/// Where `wanted` stands outside of quotes.
std::size_t find_unquoted(std::string_view text, char wanted) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (!quoted && text[at] == wanted)
      return at;
  }
  return std::string_view::npos;
}

/// `"|program with blanks"`, `"name"`; a quoted local part with a domain behind it keeps its quotes.
std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// What a target that is no address would have done elsewhere; null for all that may be one.
const char* other_kind(std::string_view target) {
  if (target.starts_with('|')) return "runs a program, which is not done here";
  if (target.starts_with('/')) return "writes to a file, which is not done here";
  if (starts_nocase(target, ":include:")) return "takes in another file, which is not done here";
  return target.starts_with(':') ? "is a directive, which is not known here" : nullptr;
}

void AliasReader::read_entry(const Entry& entry, AliasTable& table) {
  const auto colon = find_unquoted(entry.text, ':');
  if (colon == std::string_view::npos)
    return tell(entry.where, "a line of aliases has no colon", "write name: address");
  const std::string name = read_name(std::string_view(entry.text).substr(0, colon), entry.where);
  if (name.empty()) return;
  if (table.contains(name))
    return report_.warning(entry.where, "the alias " + printable(name) + " stands here a second time",
                           "the first one counts");
  auto targets = read_targets(name, std::string_view(entry.text).substr(colon + 1), entry.where);
  if (!targets.empty()) table.emplace(name, std::move(targets));
}

std::string AliasReader::read_name(std::string_view text, Where where) {
  const std::string_view name = without_quotes(trim(text));
  if (!name.empty() && name.find('@') == std::string_view::npos) return lower(name);
  tell(where, "an alias is the name of somebody on this machine, not \"" + printable(name) + "\"",
       "write www-data: me@example.com");
  return {};
}

std::vector<Mailbox> AliasReader::read_targets(std::string_view name, std::string_view text, Where where) {
  std::vector<Mailbox> targets;
  for (bool more = true; more;) {
    const auto comma = find_unquoted(text, ',');
    more = comma != std::string_view::npos;
    const std::string_view word = trim(text.substr(0, comma));
    if (!word.empty())
      if (auto target = read_target(name, word, where)) targets.push_back(std::move(*target));
    if (more) text.remove_prefix(comma + 1);
  }
  return targets;
}

std::optional<Mailbox> AliasReader::read_target(std::string_view name, std::string_view text, Where where) {
  std::string_view target = without_quotes(text);
  const std::string alias = "the alias " + printable(name);
  if (const char* kind = other_kind(target)) {
    tell(where, alias + ": \"" + printable(target) + "\" " + kind, "write an address");
    return std::nullopt;
  }
  // `\root` asks not to be followed further, which a name that was seen already is not anyway.
  if (target.starts_with('\\')) target.remove_prefix(1);
  auto mailbox = Mailbox::parse(target, Mailbox::Utf8::Allowed);
  // `"a b"@example.com` is an address with its quotes, `"bob"` is one without.
  if (!mailbox) mailbox = Mailbox::parse(text, Mailbox::Utf8::Allowed);
  if (mailbox) return std::move(*mailbox);
  tell(where, alias + ": \"" + printable(target) + "\" is no address: " + mailbox.error().text,
       "write me@example.com");
  return std::nullopt;
}

void AliasReader::tell(Where where, std::string message, std::string hint) {
  if (severity_ == Diagnostic::Error) return report_.error(where, std::move(message), std::move(hint));
  report_.warning(where, std::move(message), std::move(hint));
}

void read_file(Reading& reading, Settings& settings) {
  if (settings.aliases_file.empty()) return;
  const bool named = reading.is_given("aliases_file");
  auto file = read_small_file(settings.aliases_file, kConfigurationBytes);
  if (!file) {
    if (named)
      return reading.report.error(reading.where("aliases_file"), file.error().text,
                                  "remove the key, or mend the path");
    return reading.report.warning_about(settings.aliases_file, file.error().text,
                                        "its aliases have no effect");
  }
  const int source =
      reading.report.add({settings.aliases_file, std::move(file->bytes), SourceText::Kind::File});
  AliasReader reader(reading.report, named ? Diagnostic::Error : Diagnostic::Warning);
  for (const Entry& entry : entries_of(reading.report.source(source).text, source))
    reader.read_entry(entry, settings.alias_table);
}

}  // namespace

void read_aliases(Reading& reading, Settings& settings) {
  read_file(reading, settings);
  AliasReader reader(reading.report, Diagnostic::Error);
  for (const auto& [name, text] : settings.aliases) {
    const Where where = reading.where("aliases." + name);
    const std::string key = reader.read_name(name, where);
    auto targets = key.empty() ? std::vector<Mailbox>() : reader.read_targets(key, text, where);
    if (targets.empty()) continue;
    if (key == "root" && !settings.root.empty())
      reading.report.warning(where, "root is set, so aliases.root has no effect", "keep one of them");
    settings.alias_table[key] = std::move(targets);
  }
}

Aliases aliases_of(const Settings& settings) {
  LocalNames names;
  names.table = settings.alias_table;
  names.mail_domain = settings.mail_domain;
  names.hostname = settings.hostname;
  auto root = Mailbox::parse(settings.root, Mailbox::Utf8::Allowed);
  if (root) names.root = std::move(*root);
  return Aliases(std::move(names));
}

}  // namespace mailchute
