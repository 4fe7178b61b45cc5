#include "command/doctor_view.h"

#include <algorithm>

#include "command/table.h"
#include "command/words.h"
#include "command/wrap.h"

namespace mailchute {

namespace {

constexpr std::size_t kStateWidth = 6;
constexpr std::size_t kNameWidth = 15;
constexpr std::size_t kReadableWidth = 100;

std::string padded(std::string text, std::size_t width) {
  const std::size_t places = display_width(text);
  return text.append(width - std::min(width - 1, places), ' ');
}

std::string coloured(const std::string& text, Health health, Colour colour) {
  if (colour == Colour::None || health == Health::Ok) return text;
  return (health == Health::Fail ? "\x1b[1;31m" : "\x1b[33m") + text + "\x1b[0m";
}

}  // namespace

std::string checkup_lines(const CheckResult& result, std::size_t screen, Colour colour) {
  constexpr std::size_t kIndent = kStateWidth + kNameWidth;
  const std::string state = padded(health_name(result.health), kStateWidth);
  const std::string found = result.about.empty() ? result.found : result.about + ": " + result.found;
  std::string lines =
      wrapped(state + padded(result.check, kNameWidth), found, kIndent, std::min(screen, kReadableWidth));
  // Behind the wrapping, which counts places.
  lines = coloured(state, result.health, colour) + lines.substr(state.size());
  // A command is copied whole.
  if (!result.fix.empty()) lines += std::string(kIndent, ' ') + "fix: " + result.fix + "\n";
  return lines;
}

std::string checkup_summary(const Checkup& checkup) {
  return std::to_string(count_of(checkup, Health::Ok)) + " ok, " +
         counted(count_of(checkup, Health::Warn), "warning") + ", " +
         counted(count_of(checkup, Health::Fail), "failure");
}

}  // namespace mailchute
