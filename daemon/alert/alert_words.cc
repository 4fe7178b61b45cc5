#include "alert/alert_words.h"

#include <string>

#include "base/phrase.h"
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

Phrase in_a_row(const AlertNews& alert) {
  if (alert.count < 2) return {};
  const std::string count = std::to_string(alert.count);
  return {", " + count + " times in a row", "，已连续 " + count + " 次"};
}

Phrase untold(const AlertNews& alert) {
  if (alert.count < 2)
    return {"a message failed, and its sender was not told", "一封邮件发送失败，且没能通知发件人"};
  const std::string count = std::to_string(alert.count);
  return {count + " messages failed, and their senders were not told",
          count + " 封邮件发送失败，且没能通知发件人"};
}

Phrase open_summary(const AlertNews& alert, const std::string& name) {
  const std::string since = rfc3339(alert.since);
  switch (alert.event) {
    case AlertEvent::LoginRefused: {
      const Phrase times = in_a_row(alert);
      return {name + " refuses the login" + times.english, name + " 拒绝登录" + times.chinese};
    }
    case AlertEvent::UpstreamDown:
      return {name + " has not worked since " + since, name + " 自 " + since + " 起无法使用"};
    case AlertEvent::Certificate:
      return {"the certificate of " + name + " cannot be verified", name + " 的证书无法验证"};
    case AlertEvent::Secret: return {"mailchute cannot log in to " + name, "mailchute 无法登录 " + name};
    case AlertEvent::QuotaHeld:
      return {name + " takes no more mail for now; it is held back", name + " 暂时不再接收邮件，邮件在等待"};
    case AlertEvent::OldestMessage:
      return {"mail has waited since " + since, "有邮件自 " + since + " 起一直在等待"};
    case AlertEvent::DiskReserve:
      return {"new mail is refused: the disk is nearly full", "暂不接收新邮件：磁盘快满了"};
    case AlertEvent::QueueFull:
      return {"new mail is refused: the queue holds as much as it may", "暂不接收新邮件：队列已达上限"};
    case AlertEvent::StoreBroken:
      return {"new mail is refused: the queue cannot be written", "暂不接收新邮件：队列无法写入"};
    case AlertEvent::MessageUntold: return untold(alert);
    case AlertEvent::ProviderAsks:
      return {name + " says something that a person should look at", name + " 的答复需要人来看一看"};
  }
  return {};
}

Phrase over_summary(const AlertNews& alert, const std::string& name) {
  switch (alert.event) {
    case AlertEvent::LoginRefused: return {name + " takes the login again", name + " 又可以登录了"};
    case AlertEvent::UpstreamDown: return {name + " works again", name + " 恢复正常"};
    case AlertEvent::Certificate:
      return {"the certificate of " + name + " is verified again", name + " 的证书又能验证了"};
    case AlertEvent::Secret:
      return {"the secret of " + name + " can be used again", name + " 的密码又可以使用了"};
    case AlertEvent::QuotaHeld: return {name + " takes mail again", name + " 又开始接收邮件"};
    case AlertEvent::OldestMessage: return {"no mail has waited for long any more", "不再有邮件长时间等待"};
    case AlertEvent::DiskReserve:
      return {"the disk has room again; new mail is taken", "磁盘又有空间了，恢复接收新邮件"};
    case AlertEvent::QueueFull:
      return {"the queue has room again; new mail is taken", "队列又有空间了，恢复接收新邮件"};
    case AlertEvent::StoreBroken: return {"the queue can be written again", "队列又可以写入了"};
    case AlertEvent::MessageUntold:
      return {"for a day no message has failed without its sender being told",
              "一天以来，每封失败的邮件都通知到了发件人"};
    case AlertEvent::ProviderAsks:
      return {"for a day " + name + " has said nothing of that kind",
              "一天以来，" + name + " 没有再这样答复"};
  }
  return {};
}

std::string next_command(const AlertNews& alert, const std::string& name) {
  switch (alert.event) {
    case AlertEvent::LoginRefused: return "mailchute explain " + name;  // which of many reasons it was
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

void put_into_words(AlertNews& alert, Language language) {
  const std::string name = printable(alert.upstream);
  const bool over = alert.state == AlertNews::State::Over;
  alert.severity = over ? Severity::Notice : manners_of(alert.event).severity;
  alert.summary = (over ? over_summary(alert, name) : open_summary(alert, name)).in(language);
  alert.next = over ? "mailchute status" : next_command(alert, name);
}

}  // namespace mailchute
