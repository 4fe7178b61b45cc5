// What a provider's words mean, as somebody found them in a log or on a screen: which rule of which provider
// they match, and what follows. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/locale.h"
#include "control/story.h"
#include "mail/reply.h"
#include "mail/verdict.h"
#include "settings/reply_rule.h"
#include "settings/settings.h"

namespace mailchute {

/// Words as typed, taken apart: `535 5.7.8 Login fail`, `auth: 535 Login fail` as status and the log have it,
/// or the words alone; the code is then 0.
struct TypedReply {
  std::optional<Stage> stage;
  Reply reply;
};
TypedReply parse_typed_reply(std::string_view typed);

/// True for what begins like a reply does: a code, or a stage.
bool looks_like_reply(std::string_view typed);

/// `auth`, `final_dot`, ...; empty when it is none.
std::optional<Stage> stage_named(std::string_view name);

/// Where an upstream's secret comes from: a file that `credential set` writes, or a program.
enum class SecretOrigin { Stored, Printed };

/// A table of replies, and whose it is.
struct KnownRules {
  std::string provider;
  std::string upstream;  ///< Empty: no upstream of the configuration.
  std::vector<ReplyRule> rules;
  SecretOrigin secret = SecretOrigin::Stored;
};

/// What a reply means to one provider at some stages.
struct Judgement {
  std::string provider;  ///< Empty: by the general rules.
  std::string upstream;
  std::vector<Stage> stages;
  Verdict verdict;
  Explanation words;
  SecretOrigin secret = SecretOrigin::Stored;
};

/// By the providers' own rules; where none of them has one, by the general rules. Empty when the words have
/// no code, no stage, and are in no rule.
std::vector<Judgement> judge_reply(const TypedReply& typed, const std::vector<KnownRules>& known);

/// What it means when it is what the daemon itself says to applications while it takes no mail; else empty.
std::optional<StoryPart> own_reply(const TypedReply& taken, Language language);

Story explain_reply(const std::string& typed, const TypedReply& taken,
                    const std::vector<Judgement>& judgements, const Settings::Cooldown& cooldown,
                    Language language);

}  // namespace mailchute
