#include "mail/reply.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "mail/reply_for_people.h"

namespace mailchute {

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::Resolve: return "resolve";
    case Stage::Connect: return "connect";
    case Stage::Tls: return "tls";
    case Stage::Greeting: return "greeting";
    case Stage::Ehlo: return "ehlo";
    case Stage::StartTls: return "starttls";
    case Stage::Auth: return "auth";
    case Stage::MailFrom: return "mail";
    case Stage::RcptTo: return "rcpt";
    case Stage::Data: return "data";
    case Stage::Body: return "body";
    case Stage::FinalDot: return "final_dot";
    case Stage::Reset: return "reset";
    case Stage::Idle: return "idle";
    case Stage::Quit: return "quit";
  }
  return "unknown";
}

std::string reply_line(const Reply& reply) {
  std::string line;
  if (reply.code != 0) line = std::to_string(reply.code) + " ";
  if (!reply.enhanced.empty()) line += reply.enhanced + " ";
  line += reply.text;

  // The lines of a reply are one sentence that the peer had to break; a blank mends it.
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return printable(reply_for_people(line), limits::kReplyKeptBytes);
}

}  // namespace mailchute
