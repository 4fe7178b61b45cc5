#include "mail/trace.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/intake.h"

namespace mailchute {

namespace {

constexpr std::size_t kLineBytes = 78;  // RFC 5322 2.1.1

bool is_name_byte(char c, std::string_view marks) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

std::string safe_name(std::string_view name, std::string_view marks) {
  if (name.empty()) return "unknown";
  std::string out(name.substr(0, limits::kDomainBytes));
  std::replace_if(
      out.begin(), out.end(), [marks](char c) { return !is_name_byte(c, marks); }, '?');
  return out;
}

/// `[127.0.0.1]` or `[IPv6:::1]` (RFC 5321 4.1.3).
std::string literal(const std::string& address) {
  const bool six = address.find(':') != std::string::npos;
  return (six ? "[IPv6:" : "[") + safe_host(address) + "]";
}

/// `from c.test ([127.0.0.1])`; nothing for the sendmail socket.
std::string from_part(const TraceFacts& facts) {
  if (facts.helo.empty() && facts.peer.empty()) return {};
  const std::string peer = facts.peer.empty() ? "" : " (" + literal(facts.peer) + ")";
  return "from " + safe_host(facts.helo) + peer;
}

/// The uid and the login stand in a comment: they are the only names of a client that cannot be forged.
std::string user_part(const TraceFacts& facts) {
  const std::string login = facts.login.empty() ? "" : "login " + safe_name(facts.login, ".-_@+=");
  if (!facts.uid) return "(" + (login.empty() ? "uid unknown" : login) + ")";
  return "(uid " + std::to_string(*facts.uid) + (login.empty() ? "" : ", " + login) + ")";
}

/// Moves `second` behind `first` where one line holds both; else each keeps its own, so that neither is
/// broken inside.
void join_if_short(std::string& first, std::string& second) {
  if (std::string_view("Received: ").size() + first.size() + 1 + second.size() > kLineBytes) return;
  if (!first.empty()) first += ' ';
  first += std::exchange(second, {});
}

}  // namespace

std::string received_line(const TraceFacts& facts) {
  std::string from = from_part(facts);
  std::string user = user_part(facts);
  const std::string token = facts.token.empty() ? "" : " " + safe_host(facts.token);
  std::string by = "by " + safe_host(facts.by) + " (mailchute" + token + ")";
  std::string with = "with " + safe_host(facts.protocol) + " id " + facts.id.text() + ";";
  join_if_short(from, user);
  join_if_short(by, with);
  return header_line("Received", {from, user, by, with, rfc5322_date(facts.received)});
}

std::string message_id_for(const TraceFacts& facts) {
  return facts.id.text() + "@" + safe_host(facts.mail_domain);
}

std::string safe_host(std::string_view host) { return safe_name(host, ".-_:[]"); }

}  // namespace mailchute
