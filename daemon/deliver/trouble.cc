#include "deliver/trouble.h"

#include "deliver/reply_rules.h"

namespace mailchute {

UpstreamTrouble trouble_of(const UpstreamSettings& settings, Stage stage, const Reply& reply) {
  const Verdict verdict = classify({stage, reply}, settings.rules);
  const Pause::Kind kind = verdict.pause ? verdict.pause->kind : Pause::Kind::Connection;
  const bool login = stage == Stage::Auth && (kind == Pause::Kind::Login || kind == Pause::Kind::Person);
  return {login ? UpstreamTrouble::Kind::Login : UpstreamTrouble::Kind::Connection,
          stage,
          reply,
          verdict.rule,
          verdict.pause,
          verdict.alert};
}

}  // namespace mailchute
