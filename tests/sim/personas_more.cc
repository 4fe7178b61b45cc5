// The deviants: providers of which one habit is unlike all others, in the words that were seen on the wire.
#include <memory>

#include "sim/persona.h"
#include "sim/persona_makers.h"

namespace mailchute::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kClose = Persona::kThenClose;

/// Each try during a block begins the block anew; to knock is to stay outside.
class Yandex final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "yandex"; }
  const char* user() const override { return "relay@yandex.ru"; }
  std::vector<std::string> extensions() const override {
    return {"yandex.test", "8BITMIME",           "PIPELINING", "SIZE 42991616", "AUTH LOGIN PLAIN XOAUTH2",
            "DSN",         "ENHANCEDSTATUSCODES"};
  }
  std::string login(bool right) override {
    return right ? "235 2.7.0 Authentication successful."
                 : "535 5.7.8 Error: authentication failed: Invalid user or password!";
  }
  std::string mail(const std::string& sender) override {
    return sender == user() ? "250 2.1.0 Ok" : "553 5.7.1 Sender address rejected: not owned by auth user.";
  }
  std::string recipient(const std::string& address) override {
    return address.starts_with("nobody") ? "550 5.1.1 No such user" : "250 2.1.5 Ok";
  }
  std::string content(const Heard&, std::size_t) override {
    if (now() < blocked_until_ || (faults && random_.below(300) == 0)) {
      blocked_until_ = now() + hours(24);
      return "554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc";
    }
    return "250 2.0.0 Ok: queued on smtp1 as 1734000000-x";
  }

 private:
  SteadyTime blocked_until_{};
};

/// Speaks of too many attempts at the first one, and ends a connection that has sent enough.
class Yahoo final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "yahoo"; }
  const char* user() const override { return "relay@yahoo.com"; }
  std::string greeting() override { return "220 smtp.mail.yahoo.com ESMTP ready"; }
  std::vector<std::string> extensions() const override {
    return {"hermes--production-ir2-x Hello relay [203.0.113.9])",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "8BITMIME",
            "SIZE 41697280",
            "AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER"};
  }
  std::string login(bool right) override {
    return right ? "235 2.0.0 OK" : std::string("535 5.7.0 (#AUTH005) Too many bad auth attempts.") + kClose;
  }
  std::string mail(const std::string& sender) override {
    return sender == user() ? "250 OK , completed" : "550 5.7.1 Request failed; Mailbox unavailable";
  }
  std::string recipient(const std::string& address) override {
    return address.starts_with("nobody") ? "550 5.1.1 Mailbox not found" : "250 OK , completed";
  }
  std::string content(const Heard&, std::size_t messages) override {
    if (faults && messages > 3)
      return std::string("421 Max message per connection reached, closing transmission channel") + kClose;
    if (chance(2)) return "421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints";
    return "250 OK , completed";
  }
  std::string quit() override { return "221 Service Closing transmission"; }
};

/// A wrong key is told to come again later, and never will it do.
class SendGrid final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "sendgrid"; }
  const char* user() const override { return "apikey"; }
  std::string greeting() override { return "220 SG ESMTP service ready at geopod-ismtpd-6-0"; }
  std::vector<std::string> extensions() const override {
    return {"smtp.sendgrid.net", "8BITMIME",         "PIPELINING",
            "SIZE 31457280",     "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"};
  }
  std::string login(bool right) override {
    if (!right) return std::string("451 Authentication failed: Could not authenticate") + kClose;
    if (faults && today_.of(now()) >= 250)
      return std::string("451 Authentication failed: Maximum credits exceeded") + kClose;
    return "235 Authentication successful";
  }
  std::string mail(const std::string&) override { return "250 Sender address accepted"; }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.says("banned words")) return refuse(heard, "550 Message refused: content");
    if (any_nobody(heard)) return refuse(heard, "550 5.1.1 No such recipient here");
    today_.add(now());
    return "250 Ok: queued as x";
  }
  std::string quit() override { return "221 See you later"; }

 private:
  Count today_{hours(24)};
};

/// 4xx for what never succeeds, 552 for what succeeds tomorrow.
class Aliyun final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "aliyun-dm"; }
  const char* user() const override { return "relay@dm.corp.test"; }
  std::string greeting() override { return "220 smtp.aliyun-inc.com MX AliMail Server(127.0.0.1)"; }
  std::vector<std::string> extensions() const override {
    return {"smtp.aliyun-inc.com",        "8BITMIME",   "AUTH=PLAIN LOGIN XALIOAUTH",
            "AUTH PLAIN LOGIN XALIOAUTH", "PIPELINING", "DSN"};
  }
  std::string login(bool right) override {
    if (right) return "235 Authentication successful";
    bad_logins_.add(now());
    return bad_logins_.of(now()) > 5 ? "526 Authentication failure[1]" : "535 Authentication failure";
  }
  std::string mail(const std::string& sender) override {
    if (sender != user())
      return "440 mail from account doesn't conform with authentication (Auth Account:relay@dm.corp.test "
             "Mail Account:" +
             sender + ")";
    return faults && today_.of(now()) >= 200 ? "552 Daily sending quota exceeded" : "250 Mail Ok";
  }
  std::string recipient(const std::string& address) override {
    return address.starts_with("nobody") ? "554 Reject by invalid recipient" : "250 Rcpt Ok";
  }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.says("banned words")) return refuse(heard, "554 Reject by content spam");
    if (chance(1)) return "454 Reject by behaviour spam at Mail From stage";
    today_.add(now());
    return "250 Data Ok: queued as freedom";
  }

 private:
  Count bad_logins_{hours(1)};
  Count today_{hours(24)};
};

/// One code and one sentence for everything; what it means stands in JSON behind it.
class TencentSes final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "tencent-ses"; }
  const char* user() const override { return "relay@ses.corp.test"; }
  std::vector<std::string> extensions() const override {
    return {"smtp.qcloudmail.com", "AUTH LOGIN PLAIN", "8BITMIME"};
  }
  std::string login(bool right) override {
    return right ? "235 2.7.0 Authentication successful"
                 : std::string("535 5.7.8 Error: authentication failed") + kClose;
  }
  std::string mail(const std::string&) override { return "250 2.1.0 Ok"; }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.sender != user()) return refuse(heard, trouble("FailedOperation", "msg.From is null"));
    if (heard.says("banned words"))
      return refuse(heard, trouble("FailedOperation.IncorrectContent", "email is too large"));
    if (any_nobody(heard)) return refuse(heard, trouble("FailedOperation.X", "MissingEmailContent"));
    minute_.add(now());
    if (faults && minute_.of(now()) > 10)
      return trouble("RequestLimitExceeded.SmtpRateLimit", "too many requests");
    return "250 2.0.0 Ok: queued";
  }

 private:
  static std::string trouble(const std::string& code, const std::string& words) {
    return "554 5.0.0 Error: transaction failed, blame it on the weather: ##SES-response-json:{\"Error\":"
           "{\"Code\":\"" +
           code + "\",\"Message\":\"" + words + "\"}}";
  }

  Count minute_{minutes(1)};
};

/// Hangs up with a 421 for a limit that lasts a day.
class Mailgun final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "mailgun"; }
  const char* user() const override { return "postmaster@mg.corp.test"; }
  std::string greeting() override { return "220 Mailgun Influx ready"; }
  std::vector<std::string> extensions() const override {
    return {"smtp-out-n01.prod", "AUTH PLAIN LOGIN", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "PIPELINING"};
  }
  std::string login(bool right) override {
    return right ? "235 2.0.0 OK" : "535 5.7.0 Mail reject: authentication failed";
  }
  std::string mail(const std::string&) override { return "250 Sender address accepted"; }
  std::string recipient(const std::string& address) override {
    return address.starts_with("nobody") ? "550 5.1.1 no such recipient" : "250 Recipient address accepted";
  }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.says("banned words")) return refuse(heard, "550 5.7.1 message refused");
    if (faults && today_.of(now()) >= 250)
      return std::string(
                 "421 Domain mg.corp.test recipient limit exceeded, try again after Thu, 26 Nov "
                 "2026 23:59:59 GMT") +
             kClose;
    today_.add(now());
    return "250 Great success";
  }
  std::string quit() override { return "221 See you later. Yours truly, Mailgun"; }

 private:
  Count today_{hours(24)};
};

}  // namespace

const std::map<std::string, PersonaMaker>& deviants() {
  static const std::map<std::string, PersonaMaker> kMakers = {
      {"yandex", make<Yandex>},          {"yahoo", make<Yahoo>},
      {"sendgrid", make<SendGrid>},      {"aliyun-dm", make<Aliyun>},
      {"tencent-ses", make<TencentSes>}, {"mailgun", make<Mailgun>}};
  return kMakers;
}

}  // namespace mailchute::sim
