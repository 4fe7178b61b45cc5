#include "command/test_message.h"

#include <cstdio>

#include "base/text.h"
#include "mail/trace.h"

namespace mailchute {

TestMessage make_test_message(const TestMessageFacts& facts) {
  char token[17];
  std::snprintf(token, sizeof token, "%016llx", static_cast<unsigned long long>(facts.token));
  const std::string host = safe_host(facts.hostname);
  TestMessage made;
  made.message_id = "<test." + std::string(token) + "@" + host + ">";
  made.content = "From: mailchute test <root>\r\nTo: " + facts.to + "\r\nSubject: Test from " + host +
                 "\r\nDate: " + rfc5322_date(facts.now) + "\r\nMessage-ID: " + made.message_id +
                 "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
                 "This is a test of mailchute on " +
                 host + ", asked for at " + rfc3339(facts.now) + ".\r\n" +
                 (facts.upstream.empty() ? "" : "It was to go by the upstream " + facts.upstream + ".\r\n") +
                 "If you read this in a mailbox, mail of this machine finds its way.\r\n";
  return made;
}

}  // namespace mailchute
