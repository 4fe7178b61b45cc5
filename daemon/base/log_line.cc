#include "base/log_line.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/log_catalog.h"
#include "base/text.h"

namespace mailchute::log {

namespace {

/// No value takes the whole line: those behind it are wanted too.
constexpr std::size_t kValueBytes = 1024;

constexpr std::array<const char*, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::array<char, 4> kSyslogPriorities = {'7', '6', '4', '3'};

/// The fields that other programs look for have plain names; the rest are ours alone.
struct JournalName {
  std::string_view key;
  const char* name;
};
constexpr std::array kJournalNames = {
    JournalName{"id", "QUEUE_ID"},     JournalName{"from", "SENDER"},
    JournalName{"to", "RECIPIENT"},    JournalName{"upstream", "UPSTREAM"},
    JournalName{"code", "SMTP_CODE"},  JournalName{"enhanced", "ENHANCED_CODE"},
    JournalName{"attempt", "ATTEMPT"},
};

std::size_t index(Level level) { return static_cast<std::size_t>(level); }

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Callers pass what printable() made; this is the second lock on the same door. A backslash stays one: it is
/// printable()'s own.
std::string guarded(std::string_view value, std::size_t bytes_max) {
  value = value.substr(0, 2 * kValueBytes);
  std::string safe;
  for (auto at = value.find('\\'); at != std::string_view::npos; at = value.find('\\')) {
    safe.append(printable(value.substr(0, at), kValueBytes)) += '\\';
    value.remove_prefix(at + 1);
  }
  safe += printable(value, kValueBytes);
  if (safe.size() <= bytes_max) return safe;
  std::size_t end = bytes_max - std::min<std::size_t>(bytes_max, 3);
  while (end > 0 && continues_character(safe[end])) --end;
  return safe.substr(0, end).append(std::min<std::size_t>(bytes_max, 3), '.');
}

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

bool needs_quotes(std::string_view value) { return value.find_first_of(" \"=") != std::string_view::npos; }

/// Adds `before` and the value as `shape` writes it; a value that does not fit is shortened, or left out with
/// its name.
template <typename Shape>
void append_within(std::string& line, std::size_t bytes_max, const std::string& before,
                   std::string_view value, Shape shape) {
  const std::size_t used = line.size() + before.size();
  for (std::size_t room = kValueBytes; room >= 16; room /= 2) {
    const std::string shaped = shape(guarded(value, room));
    if (used + shaped.size() > bytes_max) continue;
    line += before + shaped;
    return;
  }
}

std::string_view id_of(Fields fields) {
  for (const Field& field : fields)
    if (std::string_view(field.key) == "id") return field.value;
  return {};
}

std::string journal_name(std::string_view key) {
  for (const JournalName& known : kJournalNames)
    if (known.key == key) return known.name;
  std::string name = "MAILCHUTE_";
  for (const char c : key) name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

}  // namespace

const char* level_name(Level level) { return kLevelNames[index(level)]; }

std::string text_line(std::string_view event, Fields fields) {
  const std::string_view id = id_of(fields);
  std::string line;
  line.reserve(kLogLineBytes / 4);
  if (!id.empty()) line.append(guarded(id, kValueBytes)) += ' ';
  line += event;
  for (const Field& field : fields) {
    if (field.value.empty() || std::string_view(field.key) == "id") continue;
    append_within(line, kLogLineBytes - 64, std::string(" ") + field.key + "=", field.value,
                  [](const std::string& value) { return needs_quotes(value) ? quoted(value) : value; });
  }
  return line;
}

std::string json_line(WallTime at, Level level, std::string_view event, Fields fields) {
  std::string line = "{\"time\":\"" + rfc3339(at) + "\",\"level\":\"" + level_name(level) +
                     "\",\"event\":\"" + std::string(event) + "\"";
  for (const Field& field : fields)
    if (!field.value.empty())
      append_within(line, kLogLineBytes - 2, std::string(",\"") + field.key + "\":", field.value, quoted);
  return line + "}";
}

std::string journal_datagram(Level level, std::string_view event, Fields fields) {
  // Facility 2 is mail: `journalctl --facility=mail` finds us beside other mail programs.
  std::string datagram =
      "MESSAGE=" + text_line(event, fields) + "\nPRIORITY=" + kSyslogPriorities[index(level)] +
      "\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=mailchute\nEVENT=" + std::string(event) + "\n";
  const std::string_view entry = catalog_entry(event);
  if (!entry.empty()) datagram += "MESSAGE_ID=" + std::string(entry) + "\n";
  for (const Field& field : fields)
    if (!field.value.empty())
      datagram += journal_name(field.key) + "=" + guarded(field.value, kValueBytes) + "\n";
  return datagram;
}

}  // namespace mailchute::log
