// The manners of the provider that `sandbox` plays: what it says at each step, and what it was told to get
// wrong. Pure but for its counters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/reply.h"

namespace mailchute {

/// One line of a script: `STAGE WHICH REPLY`, for example `login 1-3 535 5.7.8 Login fail` or `end * 451 try
/// again`. STAGE is connect, login, mail, rcpt, data or end; WHICH counts from 1: `2`, `1-3` or `*`.
struct SandboxFault {
  std::string stage;
  unsigned long first = 1;
  unsigned long last = 1;
  Reply reply;
};

/// Every line that is not empty and does not begin with `#`; an error names the line.
Result<std::vector<SandboxFault>> parse_sandbox_script(std::string_view text);

class SandboxProvider {
 public:
  enum class Profile { Generic, Qq };

  SandboxProvider(Profile profile, std::string user, std::string password, std::vector<SandboxFault> faults);

  std::string greeting() const;
  std::string hostname() const;

  /// Each counts one occurrence of its stage and gives the scripted reply for it, or the profile's own.
  std::optional<Reply> connect();
  Reply login(const std::string& user, std::string_view password);
  Reply sender(const std::string& address);
  Reply recipient();
  Reply data();
  Reply end(unsigned long message_number);

 private:
  std::optional<Reply> scripted(const std::string& stage);

  Profile profile_;
  std::string user_;
  std::string password_;
  std::vector<SandboxFault> faults_;
  std::map<std::string, unsigned long> seen_;
};

}  // namespace mailchute
