#include "control/probe_json.h"

#include "control/json_parts.h"

namespace mailchute {

namespace {

Json tls_json(const TlsFacts& tls) {
  return {{"version", tls.version},
          {"cipher", tls.cipher},
          {"fingerprint", tls.peer_fingerprint},
          {"subject", tls.certificate.subject},
          {"names", tls.certificate.names},
          {"issuer", tls.certificate.issuer},
          {"expires_at", time_or_null(tls.certificate.expires)}};
}

Json offers_json(const Extensions& offered) {
  return {{"pipelining", offered.pipelining},    {"8bitmime", offered.eight_bit},
          {"smtputf8", offered.smtputf8},        {"dsn", offered.dsn},
          {"chunking", offered.chunking},        {"starttls", offered.starttls},
          {"size", value_or_null(offered.size)}, {"auth", offered.mechanisms}};
}

Json step_json(const ProbeStep& step) {
  const bool good = step.outcome == ProbeStep::Outcome::Good;
  Json json = {{"stage", stage_name(step.stage)}, {"good", good}, {"took_ms", step.took.count()}};
  if (step.reply.code != 0 || !step.reply.text.empty()) json["reply"] = reply_json(step.stage, step.reply);
  if (!step.addresses.empty()) json["addresses"] = step.addresses;
  if (!step.peer.empty()) json["peer"] = as_text(step.peer);
  if (step.tls) json["tls"] = tls_json(*step.tls);
  if (step.offered) json["offers"] = offers_json(*step.offered);
  if (step.stage == Stage::MailFrom) json["sender"] = as_text(sender_text(step.sender));
  if (step.verdict) json["rule"] = as_text(step.verdict->rule);
  if (step.explanation) {
    json["explanation"] = as_text(step.explanation->words);
    json["explanation_zh"] = as_text(step.explanation->words_zh);
  }
  return json;
}

}  // namespace

std::string encode_probe(const ProbeReport& report) {
  bool good = report.problem.empty();
  Json steps = Json::array();
  for (const ProbeStep& step : report.steps) {
    good = good && step.outcome == ProbeStep::Outcome::Good;
    steps.push_back(step_json(step));
  }
  return written(Json{{"schema", 1},
                      {"upstream", as_text(report.upstream.name)},
                      {"provider", as_text(report.upstream.provider)},
                      {"host", as_text(report.upstream.host)},
                      {"port", report.upstream.port},
                      {"good", good},
                      {"problem", as_text(report.problem)},
                      {"rests_until", time_or_null(report.rests_until)},
                      {"steps", std::move(steps)},
                      {"next", as_text(report.next)}});
}

}  // namespace mailchute
