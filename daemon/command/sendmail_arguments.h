// The words behind `sendmail`, as other programs have written them for forty years: one table of flags, each
// of which is acted upon, passed over, or refused. Pure; opens nothing that a word names. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/envelope.h"

namespace mailchute {

/// What the call asks for.
enum class SendmailMode {
  Deliver,       ///< Take a message from standard input.
  SpeakSmtp,     ///< -bs
  ListQueue,     ///< -bp
  CheckAliases,  ///< -bi, -I
  ShowWay,       ///< -bv
  TryNow         ///< -q
};

struct SendmailRequest {
  SendmailMode mode = SendmailMode::Deliver;
  std::vector<std::string> recipients;                                       ///< As typed.
  enum class Named { ByArguments, ByHeaderToo } named = Named::ByArguments;  ///< ByHeaderToo: -t
  std::optional<std::string> sender;     ///< As typed behind -f or -r; `<>` and nothing mean the null sender.
  std::optional<std::string> full_name;  ///< -F
  Notify notify;                         ///< -N
  Return ret = Return::Unsaid;           ///< -R
  std::string envelope_id;               ///< -V, in xtext.
  Body body = Body::Unsaid;              ///< -B
  enum class Talk { Quiet, Transcript } talk = Talk::Quiet;  ///< -v
  std::string queue_id;                                      ///< -qI; empty: not given.
  std::string queue_recipient;                               ///< -qR: a part of the recipient.
  std::string queue_sender;                                  ///< -qS
};

/// `words`: what stands behind the program's name. Fails with code 64 and what to write instead, 65 where a
/// value holds what none may.
Result<SendmailRequest> parse_sendmail(const std::vector<std::string>& words);

}  // namespace mailchute
