#include "mail/trace.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/intake.h"

namespace mailchute {

namespace {

bool is_host_byte(char c) {
  static constexpr std::string_view kMarks = ".-_:[]";
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
}

/// `[127.0.0.1]` or `[IPv6:::1]` (RFC 5321 4.1.3).
std::string literal(const std::string& address) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[IPv6:" : "[") + safe_host(address) + "]";
}

/// `from c.test ([127.0.0.1]) (uid 1000)`. The uid stands in a comment: it is the only name of a local app
/// that cannot be forged.
std::string from_part(const TraceFacts& facts) {
  const std::string uid = "(uid " + (facts.uid ? std::to_string(*facts.uid) : "unknown") + ")";
  if (facts.helo.empty() && facts.peer.empty()) return uid;
  std::string part = "from " + safe_host(facts.helo) + " ";
  if (!facts.peer.empty()) part += "(" + literal(facts.peer) + ") ";
  return part + uid;
}

}  // namespace

std::string received_line(const TraceFacts& facts) {
  const std::string by = "by " + safe_host(facts.by) + " (mailchute) with " + safe_host(facts.protocol) +
                         " id " + facts.id.text() + ";";
  return header_line("Received", {from_part(facts), by, rfc5322_date(facts.received)});
}

std::string message_id_for(const TraceFacts& facts) {
  return facts.id.text() + "@" + safe_host(facts.mail_domain);
}

std::string safe_host(std::string_view host) {
  if (host.empty()) return "unknown";
  std::string out(host.substr(0, limits::kDomainBytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_host_byte(c); }, '?');
  return out;
}

}  // namespace mailchute
