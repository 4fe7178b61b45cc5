#include "command/probe_view.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "command/table.h"
#include "command/words.h"
#include "command/wrap.h"
#include "mail/reply.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr std::size_t kUsualScreen = 80;
constexpr std::string_view kBelow = "                              ";  // Under the column of facts.

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

/// The reply to EHLO as the list that it is: `250 mx.test: SIZE 1000, AUTH LOGIN PLAIN`.
std::string offers_line(const Reply& reply) {
  const auto lines = split(reply.text, '\n');
  const std::vector<std::string> offers(lines.begin() + 1, lines.end());
  return std::to_string(reply.code) + " " + printable(lines.front()) + (offers.empty() ? "" : ": ") +
         joined(offers);
}

std::string expiry(const std::optional<WallTime>& expires, WallTime now) {
  if (!expires) return "";
  return ", until " + rfc3339(*expires).substr(0, 10) + " (" + long_duration(*expires - now) + ")";
}

std::vector<std::string> tls_lines(const TlsFacts& tls, WallTime now) {
  const CertificateFacts& certificate = tls.certificate;
  std::vector<std::string> lines = {tls.version + " " + tls.cipher};
  if (!certificate.subject.empty()) lines.push_back("certificate of " + certificate.subject);
  if (!certificate.names.empty()) lines.push_back("for " + certificate.names);
  if (!certificate.issuer.empty())
    lines.push_back("by " + certificate.issuer + expiry(certificate.expires, now));
  return lines;
}

/// The first stands beside the name of the step, the others below it.
std::vector<std::string> facts_of(const ProbeStep& step, WallTime now) {
  if (!step.addresses.empty()) return {joined(step.addresses)};
  if (!step.peer.empty()) return {printable(step.peer)};
  if (step.tls) return tls_lines(*step.tls, now);
  if (step.offered) return {offers_line(step.reply)};
  std::vector<std::string> lines = {reply_line(step.reply)};
  if (step.stage == Stage::MailFrom)
    lines.push_back("to MAIL FROM:<" + printable(sender_text(step.sender)) + ">");
  return lines;
}

std::string explained(const ProbeStep& step, Language language, std::size_t screen) {
  if (!step.explanation) return "";
  return wrapped("  ", printable(step.explanation->in(language), 4096), 2,
                 screen > 0 ? screen : kUsualScreen);
}

}  // namespace

std::string probe_lines(const ProbeStep& step, WallTime now, Language language, std::size_t screen) {
  const bool good = step.outcome == ProbeStep::Outcome::Good;
  const std::vector<Column> columns = {{"", 8}, {"", 6}, {"", 8, Align::Right}, {"", 0}};
  const std::vector<std::string> facts = facts_of(step, now);
  // What a provider says last is often what helps: no line of it is cut.
  std::string text = table_row(
      columns, {stage_name(step.stage), good ? "ok" : "FAILED", elapsed(step.took), facts.front()}, 0);
  for (std::size_t i = 1; i < facts.size(); ++i) text += std::string(kBelow) + facts[i] + "\n";
  return good ? text : text + explained(step, language, screen);
}

std::string probe_advice(const UpstreamSettings& upstream, const ProbeStep& failed) {
  const std::string name = printable(upstream.name);
  const std::string again = "mailchute upstream test " + name;
  switch (failed.stage) {
    case Stage::Resolve:
      return "check host of upstream " + name + " and this machine's name servers; next: getent hosts " +
             printable(upstream.host);
    case Stage::Connect:
      if (!upstream.alternatives.empty())
        return "a network may block port " + std::to_string(upstream.port) +
               "; write port: " + std::to_string(upstream.alternatives.front().port) + " under upstream " +
               name + "; next: " + again;
      return "check host, port and the network; next: " + again;
    case Stage::Tls:
    case Stage::Greeting:
    case Stage::StartTls: return "check port, tls and ca_file of upstream " + name + "; next: " + again;
    case Stage::Auth:
      if (secret_command(upstream).empty())
        return "store the right secret; next: mailchute credential set " + name;
      return "make " + printable(secret_command(upstream).front()) +
             " print the right secret; next: " + again;
    case Stage::MailFrom:
      return "write envelope_sender: login, or an address of the account, under upstream " + name +
             "; next: " + again;
    default: return "read the provider's words above; next: " + again;
  }
}

}  // namespace mailchute
