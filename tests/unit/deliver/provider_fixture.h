// The shipped profiles, and the effect of a reply in words that a table can hold.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "deliver/reply_rules.h"
#include "fake/source_folder.h"
#include "settings/profile.h"
#include "settings/units.h"
#include "smtp/reply_reader.h"

namespace mailchute {

/// The profiles of config/providers, read once.
inline const Profiles& shipped_profiles() {
  static const Profiles profiles = [] {
    Report report;
    Profiles read = Profiles::read({fake::source_file("config/providers")}, report);
    EXPECT_FALSE(report.failed()) << render(report.take());
    return read;
  }();
  return profiles;
}

inline const std::vector<ReplyRule>& rules_of(const std::string& provider) {
  const Profile* profile = shipped_profiles().find(provider);
  EXPECT_NE(profile, nullptr) << provider;
  static const std::vector<ReplyRule> kNone;
  return profile == nullptr ? kNone : profile->rules;
}

/// A reply as it comes over the wire, its lines ended by CRLF; an empty one: the connection ended instead.
inline Reply from_the_wire(const std::string& lines) {
  if (lines.empty()) return {0, "", "the connection was closed"};
  ReplyReader reader;
  reader.receive(lines + "\r\n");
  const auto reply = reader.next();
  EXPECT_TRUE(reply && *reply) << lines;
  return reply && *reply ? **reply : Reply{};
}

inline std::string in_words(const Pause& pause) {
  static const char* const kKinds[] = {"none", "connection", "rate", "login", "quota", "person"};
  std::string words = kKinds[static_cast<int>(pause.kind)];
  if (pause.first > Duration::zero()) words += " " + format_duration(pause.first);
  if (pause.max > Duration::zero()) words += ".." + format_duration(pause.max);
  if (pause.day_end) words += " until midnight +" + format_duration(*pause.day_end);
  if (pause.after > 1) words += " after " + std::to_string(pause.after);
  return words;
}

/// `deferred upstream; rest: rate 10m..6h; alert third`
inline std::string in_words(const Verdict& verdict) {
  static const char* const kFates[] = {"delivered", "deferred", "refused"};
  static const char* const kBlames[] = {"recipient", "message", "sender", "upstream"};
  static const char* const kRemedies[] = {"", "; split", "; reconnect", "; another form", "; elsewhere"};
  static const char* const kAlerts[] = {"", "; alert first", "; alert third"};
  std::string words =
      std::string(kFates[static_cast<int>(verdict.fate)]) + " " + kBlames[static_cast<int>(verdict.blame)];
  if (verdict.pause) words += "; rest: " + in_words(*verdict.pause);
  words += kRemedies[static_cast<int>(verdict.remedy)];
  if (verdict.retry_in > Duration::zero()) words += "; wait " + format_duration(verdict.retry_in);
  if (verdict.retry_for > Duration::zero()) words += "; give up " + format_duration(verdict.retry_for);
  return words + kAlerts[static_cast<int>(verdict.alert)];
}

/// One row of a provider's behaviour.
struct Said {
  const char* provider;
  Stage stage;
  std::string reply;
  std::string effect;
  std::size_t recipients = 1;
};

inline Verdict verdict_of(const Said& said) {
  return classify({said.stage, from_the_wire(said.reply), said.stage == Stage::FinalDot, said.recipients},
                  rules_of(said.provider));
}

}  // namespace mailchute
