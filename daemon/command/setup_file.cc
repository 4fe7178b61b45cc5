#include "command/setup_file.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/exit_codes.h"
#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::string_view kOverridden = "#before setup# ";
constexpr std::string_view kNewFile =
    "# The configuration of mailchute. All keys: man mailchute.yaml; every value in effect: mailchute config "
    "show\n"
    "# Lines that end with `# setup` were written by mailchute setup, which may change them again.\n";

using Lines = std::vector<std::string>;

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_owned(std::string_view line) { return without_return(line).ends_with(kSetupMark); }

/// Nothing but blanks and perhaps a comment.
bool says_nothing(std::string_view line) {
  line = trim(without_return(line));
  return line.empty() || line.front() == '#';
}

/// `root: ...` at the left margin, quoted or not; the value stands behind the colon.
std::optional<std::string_view> value_of_key(std::string_view line, std::string_view key) {
  for (const std::string& quote : {std::string(), std::string("\""), std::string("'")}) {
    const std::string begin = quote + std::string(key) + quote;
    if (!line.starts_with(begin)) continue;
    const std::string_view rest = trim(line.substr(begin.size()));
    if (rest.starts_with(':')) return trim(without_return(rest.substr(1)));
  }
  return std::nullopt;
}

/// The lines of a top-level key: from the one with its name to the last that says something before the next.
struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty = false;  ///< A name, and nothing below it.
};

std::optional<Block> find_block(const Lines& lines, std::string_view key) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto value = value_of_key(lines[i], key);
    if (!value) continue;
    Block block{i, i + 1, says_nothing(*value)};
    for (std::size_t next = i + 1; next < lines.size(); ++next) {
      if (says_nothing(lines[next])) continue;
      const char first = lines[next].front();
      if (first != ' ' && first != '\t' && first != '-' && first != '}' && first != ']') break;
      block.end = next + 1;
      block.empty = false;
    }
    return block;
  }
  return std::nullopt;
}

/// Takes out what an earlier setup wrote; gives the place of the first of these lines below `upstreams`, and
/// of the one for root.
struct Places {
  std::optional<std::size_t> root;
  std::optional<std::size_t> upstream;
};
Places take_owned(Lines& lines) {
  Places places;
  for (std::size_t i = 0; i < lines.size();) {
    if (!is_owned(lines[i])) {
      ++i;
      continue;
    }
    auto& place = lines[i].front() == ' ' ? places.upstream : places.root;
    if (!place) place = i;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return places;
}

Result<void> settle_block(Lines& lines, std::string_view key, Handwritten handwritten) {
  const auto block = find_block(lines, key);
  if (!block || (block->empty && key == "upstreams")) return {};
  if (handwritten == Handwritten::Keep)
    return fail("line " + std::to_string(block->begin + 1) + " has " + std::string(key) +
                    ", which setup did not write",
                exit_code::kCannotCreate);
  for (std::size_t i = block->begin; i < block->end; ++i)
    if (!says_nothing(lines[i])) lines[i].insert(0, kOverridden);
  return {};
}

/// In the shipped file the example stands where the line belongs.
std::size_t place_for_root(const Lines& lines) {
  const auto example = std::find_if(lines.begin(), lines.end(),
                                    [](const std::string& line) { return line.starts_with("#root:"); });
  if (example != lines.end()) return static_cast<std::size_t>(example - lines.begin()) + 1;
  const auto first =
      std::find_if_not(lines.begin(), lines.end(), [](const auto& line) { return says_nothing(line); });
  return static_cast<std::size_t>(first - lines.begin());
}

/// The header is a person's: it may have other upstreams below it by the next time.
std::size_t place_for_upstream(Lines& lines) {
  const auto block = find_block(lines, "upstreams");
  if (block) return block->begin + 1;
  lines.emplace_back("upstreams:");
  return lines.size();
}

Lines upstream_lines(const SetupLines& wanted) {
  const std::string mark(kSetupMark);
  Lines lines = {"  " + wanted.upstream + ":" + mark};
  for (const auto& [key, value] : wanted.keys) lines.push_back("    " + key + ": " + value + mark);
  return lines;
}

void insert(Lines& lines, std::size_t place, const Lines& fresh) {
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place), fresh.begin(), fresh.end());
}

Lines lines_of(std::string_view text) {
  Lines lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

Result<std::string> with_setup(std::string_view before, const SetupLines& wanted, Handwritten handwritten) {
  Lines lines = lines_of(before.empty() ? kNewFile : before);
  Places places = take_owned(lines);
  TRY_VOID(settle_block(lines, "root", handwritten));
  // Beside an upstream of ours a person may have others.
  if (!places.upstream) TRY_VOID(settle_block(lines, "upstreams", handwritten));
  if (!places.upstream) places.upstream = place_for_upstream(lines);
  if (!places.root) places.root = place_for_root(lines);
  const Lines root = {"root: " + wanted.root + std::string(kSetupMark)};
  // The lower one first: it would be moved by the other.
  const bool root_is_lower = *places.root >= *places.upstream;
  if (root_is_lower) insert(lines, *places.root, root);
  insert(lines, *places.upstream, upstream_lines(wanted));
  if (!root_is_lower) insert(lines, *places.root, root);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace mailchute
