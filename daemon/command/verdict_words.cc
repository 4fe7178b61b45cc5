#include "command/verdict_words.h"

#include "base/phrase.h"
#include "command/words.h"
#include "schedule/breaker.h"

namespace mailchute {

namespace {

Phrase fate_phrase(const Verdict& verdict) {
  if (verdict.fate == Fate::Delivered) return {"The message counts as delivered.", "这封邮件算作已送达。"};
  if (verdict.fate == Fate::Refused) {
    switch (verdict.blame) {
      case Blame::Recipient:
        return {"This recipient is refused for good, and the sender is told.",
                "这个收件人被永久拒绝，会通知发件人。"};
      case Blame::Sender:
        return {"This sender is refused for good: the message fails, and the sender is told.",
                "这个发件人被永久拒绝：邮件失败，会通知发件人。"};
      case Blame::Message:
      case Blame::Upstream: break;
    }
    return {"This message is refused for good, and the sender is told.",
            "这封邮件被永久拒绝，会通知发件人。"};
  }
  if (verdict.blame == Blame::Upstream)
    return {"This is not about one message: mail waits, and no attempt is counted.",
            "这与某一封邮件无关：邮件在等待，不算一次尝试。"};
  if (verdict.blame == Blame::Recipient)
    return {"This recipient is tried again later, ever more seldom, until the message expires.",
            "稍后会再试这个收件人，间隔逐渐变长，直到邮件过期。"};
  return {"The message is tried again later, ever more seldom, until it expires.",
          "这封邮件稍后会再试，间隔逐渐变长，直到过期。"};
}

Phrase in_both(Duration duration) {
  return {long_duration(duration), long_duration(duration, Language::Chinese)};
}

Phrase times_phrase(const Verdict& verdict) {
  Phrase phrase;
  if (verdict.retry_in > Duration::zero()) {
    const Phrase time = in_both(verdict.retry_in);
    phrase.english += " Not before " + time.english + ".";
    phrase.chinese += "至少等 " + time.chinese + "。";
  }
  if (verdict.retry_for > Duration::zero()) {
    const Phrase time = in_both(verdict.retry_for);
    phrase.english += " It is given up at the age of " + time.english + ".";
    phrase.chinese += "邮件满 " + time.chinese + " 后放弃。";
  }
  return phrase;
}

Phrase remedy_phrase(Remedy remedy) {
  switch (remedy) {
    case Remedy::None: return {};
    case Remedy::Split:
      return {" The recipients are tried one by one, so that only the bad one fails.",
              "收件人会一个一个地再试，只有有问题的会失败。"};
    case Remedy::Reconnect: return {" It is tried at once over a new connection.", "会马上用新的连接再试。"};
    case Remedy::OtherMechanism:
      return {" The next form of login is tried, where there is one.", "有别的登录方式时会换一种再试。"};
    case Remedy::OtherUpstream:
      return {
          " First the later upstreams of its route are tried, which may take it; only when none is left is "
          "this the end.",
          "会先试路由里后面的上游，它们也许能收；都不行才算失败。"};
  }
  return {};
}

Phrase pause_phrase(const Pause& pause, const Settings::Cooldown& cooldown) {
  Phrase when;
  if (pause.after > 1) {
    const std::string times = std::to_string(pause.after);
    when = {" When it is said " + times + " times in a row, the", "连续出现 " + times + " 次后，"};
  } else {
    when = {" The", ""};
  }
  if (pause.day_end)
    return {when.english + " upstream rests until shortly after midnight where the provider is.",
            when.chinese + "这个上游会停到服务商当地午夜过后。"};
  const Ladder ladder = pause_ladder(pause, cooldown);
  const Phrase first = in_both(ladder.first);
  const Phrase most = in_both(std::max(ladder.first, ladder.max));
  if (first.english == most.english)
    return {when.english + " upstream rests for " + first.english + ".",
            when.chinese + "这个上游会停 " + first.chinese + "。"};
  return {when.english + " upstream rests for " + first.english + ", then longer each time, up to " +
              most.english + ".",
          when.chinese + "这个上游会停 " + first.chinese + "，以后每次更久，最长 " + most.chinese + "。"};
}

Phrase alert_phrase(Alert alert) {
  switch (alert) {
    case Alert::None: return {};
    case Alert::First: return {" A person is told at once.", "会马上通知管理员。"};
    case Alert::Third:
      return {" A person is told the third time in a row, or at once if this login has never worked.",
              "连续三次后通知管理员；如果这个登录从未成功过，则马上通知。"};
  }
  return {};
}

}  // namespace

std::string verdict_words(const Verdict& verdict, const Settings::Cooldown& cooldown, Language language) {
  std::string words = fate_phrase(verdict).in(language);
  words += times_phrase(verdict).in(language);
  words += remedy_phrase(verdict.remedy).in(language);
  if (verdict.pause) words += pause_phrase(*verdict.pause, cooldown).in(language);
  return words + alert_phrase(verdict.alert).in(language);
}

std::string stage_words(Stage stage, Language language) {
  const auto phrase = [stage]() -> Phrase {
    switch (stage) {
      case Stage::Resolve: return {"looking up its name", "解析域名时"};
      case Stage::Connect: return {"connecting", "建立连接时"};
      case Stage::Tls: return {"securing the connection", "建立加密时"};
      case Stage::Greeting: return {"as its greeting", "服务器问候时"};
      case Stage::Ehlo: return {"when we said who we are", "报上本机名字时"};
      case Stage::StartTls: return {"asked for encryption", "请求加密时"};
      case Stage::Auth: return {"at the login", "登录时"};
      case Stage::MailFrom: return {"about the sender", "提交发件人时"};
      case Stage::RcptTo: return {"about a recipient", "提交收件人时"};
      case Stage::Data: return {"asked to take the content", "请求发送内容时"};
      case Stage::Body: return {"while the content was sent", "发送内容期间"};
      case Stage::FinalDot: return {"at the end of the message", "邮件内容发完之后"};
      case Stage::Reset: return {"between two messages", "两封邮件之间"};
      case Stage::Idle: return {"while nothing was said", "连接空闲时"};
      case Stage::Quit: return {"as its goodbye", "结束会话时"};
    }
    return {};
  };
  return phrase().in(language);
}

std::string trouble_words(Pause::Kind kind, Language language) {
  const auto phrase = [kind]() -> Phrase {
    switch (kind) {
      case Pause::Kind::None: return {};
      case Pause::Kind::Connection:
        return {"It is not the password: the provider cannot be reached or does not let us in.",
                "与密码无关：连不上服务商，或它不让连接。"};
      case Pause::Kind::Rate:
        return {"It is not the password: the provider wants mail more slowly.",
                "与密码无关：服务商要求发慢一点。"};
      case Pause::Kind::Quota:
        return {"It is not the password: what may be sent for now has been sent.",
                "与密码无关：目前允许发送的数量已用完。"};
      case Pause::Kind::Login:
        return {"It is the login: user, secret, or the account's settings; the network is all right.",
                "是登录的问题：用户名、密码（授权码）或账号设置；网络没有问题。"};
      case Pause::Kind::Person:
        return {"A person has to act at the provider; neither waiting nor a retry helps.",
                "需要人到服务商那里处理；等待或重试都没有用。"};
    }
    return {};
  };
  return phrase().in(language);
}

}  // namespace mailchute
