#include "command/line_diff.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

constexpr std::size_t kAround = 2;
/// Beyond this many pairs of lines they are not compared one by one: all go, all come.
constexpr std::size_t kPairsMost = 4'000'000;
constexpr std::size_t kLineBytes = 4096;

using Lines = std::vector<std::string_view>;

struct Change {
  char sign;  ///< `-`, `+` or a blank.
  std::string_view line;
};

Lines lines_of(std::string_view text) {
  Lines lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

/// lengths[i][j]: of the longest common part of `a` from i and `b` from j.
std::vector<std::vector<unsigned>> common_lengths(const Lines& a, const Lines& b) {
  std::vector<std::vector<unsigned>> lengths(a.size() + 1, std::vector<unsigned>(b.size() + 1));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      lengths[i][j] =
          a[i] == b[j] ? lengths[i + 1][j + 1] + 1 : std::max(lengths[i + 1][j], lengths[i][j + 1]);
  return lengths;
}

std::vector<Change> compared(const Lines& a, const Lines& b) {
  std::vector<Change> changes;
  std::size_t i = 0;
  std::size_t j = 0;
  if (a.size() * b.size() <= kPairsMost) {
    const auto lengths = common_lengths(a, b);
    while (i < a.size() && j < b.size()) {
      if (a[i] == b[j]) {
        changes.push_back({' ', a[i++]});
        ++j;
      } else if (lengths[i + 1][j] >= lengths[i][j + 1]) {
        changes.push_back({'-', a[i++]});
      } else {
        changes.push_back({'+', b[j++]});
      }
    }
  }
  for (; i < a.size(); ++i) changes.push_back({'-', a[i]});
  for (; j < b.size(); ++j) changes.push_back({'+', b[j]});
  return changes;
}

bool near_a_change(const std::vector<Change>& changes, std::size_t at) {
  const std::size_t first = at - std::min(at, kAround);
  const std::size_t last = std::min(changes.size(), at + kAround + 1);
  return std::any_of(changes.begin() + static_cast<std::ptrdiff_t>(first),
                     changes.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const Change& change) { return change.sign != ' '; });
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  if (before == after) return "";
  const auto changes = compared(lines_of(before), lines_of(after));
  std::string text;
  bool left_out = false;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!near_a_change(changes, i)) {
      left_out = true;
      continue;
    }
    if (left_out) text += "  ...\n";
    left_out = false;
    text += std::string(1, changes[i].sign) + " " + printable(changes[i].line, kLineBytes) + "\n";
  }
  return left_out ? text + "  ...\n" : text;
}

}  // namespace mailchute
