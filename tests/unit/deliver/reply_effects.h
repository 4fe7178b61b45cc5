// What a provider's replies do, row by row, and that each rule has words in both languages.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "unit/deliver/provider_fixture.h"

namespace mailchute {

inline constexpr char kRetryMessage[] = "deferred message";
inline constexpr char kRefuseMessage[] = "refused message";
inline constexpr char kElsewhere[] = "refused message; elsewhere";
inline constexpr char kReconnect[] = "deferred upstream; reconnect";
inline constexpr char kReconnectBeforeMail[] = "deferred upstream; rest: connection; reconnect";
inline constexpr char kLoginFirst[] = "deferred upstream; rest: login; alert first";
inline constexpr char kLoginThird[] = "deferred upstream; rest: login; alert third";
inline constexpr char kOtherForm[] = "deferred upstream; rest: login; another form";
inline constexpr char kRelogin[] = "deferred upstream; rest: login after 2; reconnect; alert first";
inline constexpr char kPerson[] = "deferred upstream; rest: person; alert first";
inline constexpr char kQuota[] = "deferred upstream; rest: quota 1h..6h; alert first";
inline constexpr char kChinaDay[] = "deferred upstream; rest: quota until midnight +8h; alert first";
inline constexpr char kLongQuota[] = "deferred upstream; rest: quota 1h..1d; alert first";
inline constexpr char kKeep[] = "deferred sender; wait 1h; alert first";

inline void expect_effects(const std::vector<Said>& rows) {
  for (const Said& said : rows) {
    const Verdict verdict = verdict_of(said);
    EXPECT_EQ(in_words(verdict), said.effect)
        << said.provider << ' ' << stage_name(said.stage) << ": " << said.reply << "\nby " << verdict.rule;
    if (verdict.fate == Fate::Delivered) continue;
    const auto words = explanation(verdict.rule, rules_of(said.provider));
    ASSERT_TRUE(words) << verdict.rule;
    EXPECT_FALSE(words->words.empty() || words->words_zh.empty()) << verdict.rule;
  }
}

}  // namespace mailchute
