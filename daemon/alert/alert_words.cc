#include "alert/alert_words.h"

#include "base/text.h"

namespace mailchute {

namespace {

/// A provider's bad minute is not worth a person's; a quarter of an hour is more than a restart of theirs,
/// and less than mail may wait without anybody noticing.
constexpr Duration kDownPatience = std::chrono::minutes(15);

/// What stands at a threshold crosses it often, and each crossing is not news.
constexpr Duration kThresholdCalm = std::chrono::minutes(5);

/// A thing that happens and is over at once stays open for a day, so that a hundred of them are told once.
constexpr Duration kHappeningCalm = std::chrono::hours(24);

std::string in_a_row(const AlertNews& alert) {
  return alert.count < 2 ? "" : ", " + std::to_string(alert.count) + " times in a row";
}

std::string open_summary(const AlertNews& alert, const std::string& name) {
  switch (alert.event) {
    case AlertEvent::LoginRefused: return name + " refuses the login" + in_a_row(alert);
    case AlertEvent::UpstreamDown: return name + " has not worked since " + rfc3339(alert.since);
    case AlertEvent::Certificate: return "the certificate of " + name + " cannot be verified";
    case AlertEvent::Secret: return "mailchute cannot log in to " + name;
    case AlertEvent::QuotaHeld: return name + " takes no more mail for now; it is held back";
    case AlertEvent::OldestMessage: return "mail has waited since " + rfc3339(alert.since);
    case AlertEvent::DiskReserve: return "new mail is refused: the disk is nearly full";
    case AlertEvent::QueueFull: return "new mail is refused: the queue holds as much as it may";
    case AlertEvent::StoreBroken: return "new mail is refused: the queue cannot be written";
    case AlertEvent::MessageUntold:
      return alert.count < 2
                 ? "a message failed, and its sender was not told"
                 : std::to_string(alert.count) + " messages failed, and their senders were not told";
    case AlertEvent::ProviderAsks: return name + " says something that a person should look at";
  }
  return {};
}

std::string over_summary(const AlertNews& alert, const std::string& name) {
  switch (alert.event) {
    case AlertEvent::LoginRefused: return name + " takes the login again";
    case AlertEvent::UpstreamDown: return name + " works again";
    case AlertEvent::Certificate: return "the certificate of " + name + " is verified again";
    case AlertEvent::Secret: return "the secret of " + name + " can be used again";
    case AlertEvent::QuotaHeld: return name + " takes mail again";
    case AlertEvent::OldestMessage: return "no mail has waited for long any more";
    case AlertEvent::DiskReserve: return "the disk has room again; new mail is taken";
    case AlertEvent::QueueFull: return "the queue has room again; new mail is taken";
    case AlertEvent::StoreBroken: return "the queue can be written again";
    case AlertEvent::MessageUntold: return "for a day no message has failed without its sender being told";
    case AlertEvent::ProviderAsks: return "for a day " + name + " has said nothing of that kind";
  }
  return {};
}

std::string next_command(const AlertNews& alert, const std::string& name) {
  switch (alert.event) {
    case AlertEvent::LoginRefused:
    case AlertEvent::Secret: return "mailchute reload";  // reads the secret again and tries at once
    case AlertEvent::UpstreamDown:
    case AlertEvent::Certificate: return "mailchute upstream resume " + name;
    case AlertEvent::QuotaHeld: return "mailchute upstream list";
    case AlertEvent::OldestMessage: return "mailchute queue list";
    case AlertEvent::DiskReserve:
    case AlertEvent::QueueFull: return "mailchute status";
    case AlertEvent::StoreBroken: return "journalctl -u mailchute";
    case AlertEvent::MessageUntold: return "mailchute queue list --state failed";
    case AlertEvent::ProviderAsks: return "mailchute upstream list";
  }
  return {};
}

}  // namespace

AlertManners manners_of(AlertEvent event) {
  using namespace std::chrono_literals;
  switch (event) {
    case AlertEvent::LoginRefused:
    case AlertEvent::Certificate:
    case AlertEvent::Secret:
    case AlertEvent::StoreBroken: return {Severity::Error, 0ms, 0ms};
    case AlertEvent::UpstreamDown: return {Severity::Error, kDownPatience, 0ms};
    case AlertEvent::QuotaHeld: return {Severity::Warning, kDownPatience, 0ms};
    case AlertEvent::OldestMessage: return {Severity::Warning, 0ms, 0ms};
    case AlertEvent::DiskReserve:
    case AlertEvent::QueueFull: return {Severity::Error, 0ms, kThresholdCalm};
    case AlertEvent::MessageUntold: return {Severity::Error, 0ms, kHappeningCalm};
    case AlertEvent::ProviderAsks: return {Severity::Warning, 0ms, kHappeningCalm};
  }
  return {Severity::Error, 0ms, 0ms};
}

void put_into_words(AlertNews& alert) {
  const std::string name = printable(alert.upstream);
  const bool over = alert.state == AlertNews::State::Over;
  alert.severity = over ? Severity::Notice : manners_of(alert.event).severity;
  alert.summary = over ? over_summary(alert, name) : open_summary(alert, name);
  alert.next = over ? "mailchute status" : next_command(alert, name);
}

}  // namespace mailchute
