// Tries an upstream from a command: reads the secret, runs a Probe to its end on a loop of its own, and shows
// each step as it ends. Main thread; waits, at most the patience of each step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "command/login_ladder.h"
#include "deliver/probe.h"
#include "settings/settings.h"

namespace mailchute {

struct ProbeRequest {
  UpstreamSettings upstream;
  std::string ehlo_name;
  ProbeWish::Depth depth = ProbeWish::Depth::Sender;
  std::optional<Secret> secret = std::nullopt;  ///< Empty: it is read from where the upstream has it.
  /// Asked before a login is tried, and told of its end; null: nobody is, as where none is tried.
  const LoginLadder* ladder = nullptr;
  /// Tried: also where the ladder says that one more is one too many.
  enum class RestingLogin { Withheld, Tried } resting_login = RestingLogin::Withheld;
};

/// Why none was tried though one was wished for. The steps then go up to the offers, and none of them failed
/// for that.
struct NoLogin {
  enum class Why {
    NoSecret,  ///< It could not be read.
    Rests,     ///< One more is one too many, says the ladder.
    Unknown,   ///< The ladder could not be asked.
  } why = Why::NoSecret;
  Error error{""};   ///< NoSecret, Unknown.
  LoginRest rest{};  ///< Rests.
};

struct ProbeRun {
  std::vector<ProbeStep> steps;
  std::optional<NoLogin> no_login;
  std::optional<Error> untold;  ///< Why the daemon does not know of a login that was refused.

  /// Null when all was well.
  const ProbeStep* failure() const;
  bool good() const { return failure() == nullptr && !no_login; }
};

/// Data for people, at once.
void print_step(const ProbeStep& step);

ProbeRun run_probe(ProbeRequest request, std::function<void(const ProbeStep&)> show);

}  // namespace mailchute
