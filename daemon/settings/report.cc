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

/// A hostile file can be wrong a hundred thousand times; nobody reads more than this, and memory stays
/// bounded.
constexpr std::size_t kRemarksMax = 250;
constexpr std::size_t kDiagnosticsMax = 500;
/// Beyond kValuesMax of document.h, so that no unknown key of one text is left out.
constexpr std::size_t kHiddenMax = 20'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  for (auto& line : lines)
    if (line.ends_with('\r')) line.remove_suffix(1);
  return lines;
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

int Report::add(SourceText source) {
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
  show_source_lines();
  std::vector<Diagnostic> sorted;
  for (const auto index : order)
    if (std::find(sorted.begin(), sorted.end(), diagnostics_[index]) == sorted.end())
      sorted.push_back(std::move(diagnostics_[index]));
  if (untold_ > 0 && !sorted.empty())
    sorted.push_back({sorted.back().file,
                      0,
                      0,
                      std::to_string(untold_) + " more are not shown",
                      {},
                      {},
                      Diagnostic::Note});
  diagnostics_.clear();
  places_.clear();
  return sorted;
}

void Report::hide(Where from) {
  if (hidden_.size() < kHiddenMax) hidden_.push_back(from);
}

void Report::show_source_lines() {
  for (std::size_t index = 0; index < sources_.size(); ++index) {
    const auto lines = lines_of(sources_[index].text);
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].source == static_cast<int>(index))
        diagnostics_[i].source_line = source_line(lines, places_[i]);
  }
}

std::string Report::source_line(const std::vector<std::string_view>& lines, Where where) const {
  const auto number = static_cast<std::size_t>(where.line);
  if (number < 1 || number > lines.size()) return {};
  std::string line = masked_line(number > 1 ? lines[number - 2] : std::string_view(), lines[number - 1]);
  for (const auto& from : hidden_) {
    const auto begin = static_cast<std::size_t>(std::max(from.column - 1, 0));
    if (from.source != where.source || from.line != where.line || begin >= line.size()) continue;
    line = line.substr(0, begin) + std::string(kMask);
  }
  return line;
}

void Report::tell(Diagnostic::Severity severity, Where where, std::string message, std::string hint) {
  // Room is kept for errors behind any number of remarks: one error more or less decides whether there are
  // settings.
  if (diagnostics_.size() >= (severity == Diagnostic::Error ? kDiagnosticsMax : kRemarksMax)) {
    ++untold_;
    return;
  }
  Diagnostic diagnostic{{}, where.line, where.column, std::move(message), std::move(hint), {}, severity};
  if (where.source >= 0) diagnostic.file = source(where.source).name;
  diagnostics_.push_back(std::move(diagnostic));
  places_.push_back(where);
}

std::string masked_line(std::string_view before, std::string_view line) {
  if (secret_goes_on(before)) return std::string(kMask);
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
