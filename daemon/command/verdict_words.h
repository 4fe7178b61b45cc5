// What a verdict comes to, in sentences: whether mail is kept or given back, how long the upstream rests, who
// is told. Pure; any thread.
#pragma once

#include <string>

#include "base/locale.h"
#include "mail/verdict.h"
#include "settings/settings.h"

namespace mailchute {

/// `No attempt is counted and mail waits. The upstream rests for 15m, then longer each time, up to 6h.`
std::string verdict_words(const Verdict& verdict, const Settings::Cooldown& cooldown, Language language);

/// Where in a conversation it was said: `at the login`, `about a recipient`.
std::string stage_words(Stage stage, Language language);

/// Whose business the trouble is, in one sentence: the password's, the network's, the provider's own pace.
/// Empty for a verdict that does not make an upstream rest.
std::string trouble_words(Pause::Kind kind, Language language);

}  // namespace mailchute
