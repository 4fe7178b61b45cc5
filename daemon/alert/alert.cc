#include "alert/alert.h"

#include "alert/alert_explanation.h"
#include "alert/alert_words.h"
#include "base/text.h"

namespace mailchute {

const char* event_name(AlertEvent event) {
  switch (event) {
    case AlertEvent::LoginRefused: return "login_refused";
    case AlertEvent::UpstreamDown: return "upstream_down";
    case AlertEvent::Certificate: return "certificate";
    case AlertEvent::Secret: return "secret";
    case AlertEvent::QuotaHeld: return "quota_held";
    case AlertEvent::OldestMessage: return "oldest_message";
    case AlertEvent::DiskReserve: return "disk_reserve";
    case AlertEvent::QueueFull: return "queue_full";
    case AlertEvent::StoreBroken: return "store_broken";
    case AlertEvent::MessageUntold: return "message_untold";
    case AlertEvent::ProviderAsks: return "provider_asks";
  }
  return "unknown";
}

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Notice: return "notice";
  }
  return "notice";
}

// Flat, and no deeper than this: written by hand, so that no library of JSON is needed here.
std::string to_json(const AlertNews& alert, const std::string& host) {
  std::string json = "{\"schema\":1";
  const auto add = [&json](const char* name, const std::string& value) {
    json += std::string(",\"") + name + "\":" + value;
  };
  add("event", json_quoted(event_name(alert.event)));
  add("severity", json_quoted(severity_name(alert.severity)));
  add("at", json_quoted(rfc3339(alert.at)));
  add("since", json_quoted(rfc3339(alert.since)));
  add("host", json_quoted(host));
  add("upstream", json_quoted(alert.upstream));
  AlertNews in_chinese = alert;
  put_into_words(in_chinese, Language::Chinese);
  add("summary", json_quoted(alert.summary));
  add("summary_zh", json_quoted(in_chinese.summary));
  add("detail", json_quoted(alert.detail));
  const Explanation words = event_explanation(alert.event);
  add("explanation", json_quoted(words.words));
  add("explanation_zh", json_quoted(words.words_zh));
  add("next", json_quoted(alert.next));
  add("count", std::to_string(alert.count));
  add("resolved", alert.state == AlertNews::State::Over ? "true" : "false");
  return json + "}";
}

}  // namespace mailchute
