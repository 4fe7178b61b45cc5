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

std::string coloured(const std::string& text, Health health, Colour colour) {
  if (colour == Colour::None || health == Health::Ok || health == Health::Unseen) return text;
  return (health == Health::Fail ? "\x1b[1;31m" : "\x1b[33m") + text + "\x1b[0m";
}

}  // namespace

std::string checkup_lines(const CheckResult& result, std::size_t screen, Colour colour, Language language) {
  constexpr std::size_t kIndent = kStateWidth + kNameWidth;
  const std::string state = padded(health_name(result.health), kStateWidth);
  const std::string& words = result.found.in(language);
  const std::string found = result.about.empty() ? words : result.about + ": " + words;
  std::string lines =
      wrapped(state + padded(result.check, kNameWidth), found, kIndent, std::min(screen, kReadableWidth));
  // Behind the wrapping, which counts places.
  lines = coloured(state, result.health, colour) + lines.substr(state.size());
  // A command is copied whole.
  if (!result.fix.empty())
    lines += std::string(kIndent, ' ') + said({"fix: {}", "处理：{}"}, {result.fix}).in(language) + "\n";
  return lines;
}

std::string checkup_summary(const Checkup& checkup, Language language) {
  Phrase words = said({"{} ok, {}, {}", "{} 项正常，{}，{}"},
                      {std::to_string(count_of(checkup, Health::Ok)),
                       counted(count_of(checkup, Health::Warn), "warning", "项提醒"),
                       counted(count_of(checkup, Health::Fail), "failure", "项故障")});
  if (const std::size_t unseen = count_of(checkup, Health::Unseen))
    words = words + said({", {} not looked at", "，{} 项没有查看"}, {std::to_string(unseen)});
  return words.in(language);
}

}  // namespace mailchute
