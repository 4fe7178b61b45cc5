#include "command/probe_view.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "command/console.h"
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

Phrase probe_advice(const CommonOptions& options, const UpstreamSettings& upstream, const ProbeStep& failed) {
  const std::string name = printable(upstream.name);
  const std::string again = next_command(options, "upstream test " + name);
  switch (failed.stage) {
    case Stage::Resolve:
      return said({"check host of upstream {} and this machine's name servers; next: {}",
                   "检查上游 {} 的 host 和本机的域名服务器；下一步：{}"},
                  {name, "getent hosts " + printable(upstream.host)});
    case Stage::Connect:
      if (upstream.alternatives.empty())
        return said({"check host, port and the network; next: {}", "检查 host、port 和网络；下一步：{}"},
                    {again});
      return said(
          {"a network may block port {}; write port: {} under upstream {}; next: {}",
           "网络可能封锁了端口 {}；写入 port: {}（在上游 {} 之下）；下一步：{}"},
          {std::to_string(upstream.port), std::to_string(upstream.alternatives.front().port), name, again});
    case Stage::Tls:
    case Stage::Greeting:
    case Stage::StartTls:
      return said({"check port, tls and ca_file of upstream {}; next: {}",
                   "检查上游 {} 的 port、tls 和 ca_file；下一步：{}"},
                  {name, again});
    case Stage::Auth:
      if (secret_command(upstream).empty())
        return said({"store the right secret; next: {}", "存入正确的密码；下一步：{}"},
                    {next_command(options, "credential set " + name)});
      return said({"make {} print the right secret; next: {}", "让 {} 输出正确的密码；下一步：{}"},
                  {printable(secret_command(upstream).front()), again});
    case Stage::MailFrom:
      return said({"write envelope_sender: login, or an address of the account, under upstream {}; next: {}",
                   "写入 envelope_sender: login，或该账号的一个地址（在上游 {} 之下）；下一步：{}"},
                  {name, again});
    default:
      return said({"read the provider's words above; next: {}", "看上面服务商的答复；下一步：{}"}, {again});
  }
}

}  // namespace mailchute
