#include "settings/report.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kMask = "***";

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view found = text.substr(0, text.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Where the value of a key that names a secret begins in `line`, or npos.
std::size_t secret_begins(std::string_view line) {
  for (auto colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    std::size_t end = colon;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '"' || line[end - 1] == '\'')) --end;
    std::size_t begin = end;
    while (begin > 0 && is_word(line[begin - 1])) --begin;
    if (names_a_secret(line.substr(begin, end - begin))) return colon + 1;
  }
  return std::string_view::npos;
}

/// True when the value of a secret may go on behind the end of this line.
bool secret_goes_on(std::string_view line) {
  const auto begins = secret_begins(line);
  if (begins == std::string_view::npos) return false;
  const auto value = trim(line.substr(begins));
  return value.empty() || value.starts_with('|') || value.starts_with('>') || value.starts_with('#') ||
         value.starts_with('!') || value.starts_with('&');
}

}  // namespace

int Report::add(Source source) {
  if (source.text.starts_with(kByteOrderMark)) source.text.erase(0, kByteOrderMark.size());
  sources_.push_back(std::move(source));
  return static_cast<int>(sources_.size()) - 1;
}

void Report::error(Where where, std::string message, std::string hint) {
  tell(Diagnostic::Error, where, std::move(message), std::move(hint));
}

void Report::warning(Where where, std::string message, std::string hint) {
  tell(Diagnostic::Warning, where, std::move(message), std::move(hint));
}

void Report::note(Where where, std::string message, std::string hint) {
  tell(Diagnostic::Note, where, std::move(message), std::move(hint));
}

void Report::error_about(std::string file, std::string message, std::string hint) {
  diagnostics_.push_back({std::move(file), 0, 0, std::move(message), std::move(hint), {}, Diagnostic::Error});
  places_.push_back({});
  incomplete();
}

void Report::warning_about(std::string file, std::string message, std::string hint) {
  diagnostics_.push_back(
      {std::move(file), 0, 0, std::move(message), std::move(hint), {}, Diagnostic::Warning});
  places_.push_back({});
}

std::vector<Diagnostic> Report::take() {
  std::vector<std::size_t> order(diagnostics_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto rank = [this](std::size_t i) {
    return std::tuple(places_[i].source, places_[i].line, places_[i].column);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  // Only now is it known what all must be hidden.
  for (std::size_t i = 0; i < places_.size(); ++i) diagnostics_[i].source_line = source_line(places_[i]);
  std::vector<Diagnostic> sorted;
  for (const auto index : order)
    if (std::find(sorted.begin(), sorted.end(), diagnostics_[index]) == sorted.end())
      sorted.push_back(std::move(diagnostics_[index]));
  diagnostics_.clear();
  places_.clear();
  return sorted;
}

void Report::hide(Where from) { hidden_.push_back(from); }

std::string Report::source_line(Where where) const {
  if (where.source < 0 || where.line < 1) return {};
  std::string line = masked_line(source(where.source).text, where.line);
  for (const auto& from : hidden_) {
    const auto begin = static_cast<std::size_t>(std::max(from.column - 1, 0));
    if (from.source != where.source || from.line != where.line || begin >= line.size()) continue;
    line = line.substr(0, begin) + std::string(kMask);
  }
  return line;
}

void Report::tell(Diagnostic::Severity severity, Where where, std::string message, std::string hint) {
  // A mistake a line is more than anyone reads; it also keeps a hostile file from filling memory.
  constexpr std::size_t kDiagnosticsMax = 1000;
  if (diagnostics_.size() >= kDiagnosticsMax && severity != Diagnostic::Error) return;
  if (diagnostics_.size() >= 2 * kDiagnosticsMax) return;
  Diagnostic diagnostic{{}, where.line, where.column, std::move(message), std::move(hint), {}, severity};
  if (where.source >= 0) diagnostic.file = source(where.source).name;
  diagnostics_.push_back(std::move(diagnostic));
  places_.push_back(where);
}

std::string masked_line(std::string_view text, int number) {
  if (number < 1) return {};
  if (number > 1 && secret_goes_on(line_of(text, number - 1))) return std::string(kMask);
  const std::string_view line = line_of(text, number);
  const auto begins = secret_begins(line);
  if (begins == std::string_view::npos) return std::string(line);
  return std::string(line.substr(0, begins)) + " " + std::string(kMask);
}

bool names_a_secret(std::string_view key) {
  const std::string name = lower(key);
  if (name.ends_with("_file") || name.ends_with("-file") || name.ends_with("_command") ||
      name.ends_with("-command"))
    return false;
  static constexpr std::array<std::string_view, 8> kSigns = {"pass",  "pasw",       "pwd",    "secret",
                                                             "token", "credential", "apikey", "api_key"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return name.find(sign) != std::string::npos; });
}

}  // namespace mailchute
