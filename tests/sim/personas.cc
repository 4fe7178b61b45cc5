// The five providers, each with all of its moods, in the words that were seen on the wire.
#include <map>
#include <utility>

#include "sim/persona.h"

namespace mailchute::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kClose = Persona::kThenClose;

/// The plain address of a From: field.
std::string plain_address(const std::string& from) {
  const auto open = from.find('<');
  return open == std::string::npos ? from : from.substr(open + 1, from.find('>') - open - 1);
}

class Qq final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "qq"; }
  const char* user() const override { return "10001@qq.com"; }
  std::string greeting() override {
    return "220 newxmesmtplogicsvrszb20-0.qq.com XMail Esmtp QQ Mail Server.";
  }
  std::vector<std::string> extensions() const override {
    return {"newxmesmtplogicsvrszb20-0.qq.com",
            "PIPELINING",
            "SIZE 73400320",
            "AUTH LOGIN PLAIN XOAUTH XOAUTH2",
            "AUTH=LOGIN",
            "MAILCOMPRESS",
            "SMTPUTF8",
            "8BITMIME"};
  }
  // One text for five causes. Twenty logins in a quarter of an hour lock it, and each try prolongs that.
  std::string login(bool right) override {
    const bool locked = now() < locked_until_ || logins_.of(now()) >= 20;
    if (right && !locked && !chance(1)) {
      logins_.add(now());
      return "235 Authentication successful";
    }
    if (locked) locked_until_ = now() + minutes(15);
    if (chance(20)) return "";
    return std::string(
               "535 Login fail. Account is abnormal, service is not open, password is incorrect, login "
               "frequency limited, or system is busy. More information at "
               "https://help.mail.qq.com/detail/108/1023") +
           kClose;
  }
  std::string mail(const std::string& sender) override {
    return sender == user() ? "250 OK." : "501 Mail from address must be same as authorization user.";
  }
  std::string content(const Heard& heard, std::size_t) override {
    if (plain_address(heard.field("From")) != user())
      return "550 The \"From\" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard "
             "protocol. "
             "https://service.mail.qq.com/detail/124/995.";
    if (now() < held_until_) return hold();
    if (chance(1)) return "550 Connection frequency limited";
    if (any_nobody(heard))
      return refuse(heard,
                    "550 The recipient may contain a non-existent account, please check the recipient "
                    "address.");
    if (heard.says("banned words"))
      return refuse(heard, "550 The mail may contain inappropriate words or content.");
    sent_.add(now());
    if (faults && sent_.of(now()) > 30) return hold();
    return "250 OK: queued as.";
  }
  std::string quit() override { return std::string("\0\0\0", 3); }

 private:
  std::string hold() {
    held_until_ = now() + minutes(30);
    return "550 Too many attempts. Unable to send. Try again later";
  }

  Count logins_{minutes(15)};
  Count sent_{minutes(1)};
  SteadyTime locked_until_{};
  SteadyTime held_until_{};
};

class NetEase final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "163"; }
  const char* user() const override { return "relay@163.com"; }
  std::string greeting() override {
    if (now() < banned_until_)
      return std::string(
                 "554 IP is rejected, smtp auth error limit exceed,163 gzga-smtp-mtada-g0-4,x 1582810834") +
             kClose;
    if (chance(2)) return std::string("421 HL:ICC 163 smtp1,x 1582810834") + kClose;
    return "220 163.com Anti-spam GT for Coremail System (163com[20141201])";
  }
  std::vector<std::string> extensions() const override {
    return {"mail",
            "AUTH LOGIN PLAIN XOAUTH2",
            "AUTH=LOGIN PLAIN XOAUTH2",
            "coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UF",
            "STARTTLS",
            "ID",
            "8BITMIME"};
  }
  std::string login(bool right) override {
    if (right) return "235 Authentication successful";
    bad_logins_.add(now());
    if (bad_logins_.of(now()) >= 5) banned_until_ = now() + minutes(30);
    return std::string("535 Error: authentication failed") + kClose;
  }
  std::string mail(const std::string& sender) override {
    if (sender != user()) return "553 Mail from must equal authorized user";
    if (faults && today_.of(now()) >= 150) return "554 5.5.0 MI:STC 163 smtp1,x 1582810834";
    return "250 Mail OK";
  }
  std::string content(const Heard& heard, std::size_t messages) override {
    if (plain_address(heard.field("From")) != user())
      return "554 DT:SUM 163 smtp1,x 1582810834,http://mail.163.com/help/help_spam_16.htm";
    if (heard.says("banned words")) return refuse(heard, "554 DT:SPM 163 smtp1,x 1582810834");
    if (faults && messages > 5) return "451 MI:DMC 163 smtp1,x 1582810834";
    if (chance(2)) return "451 DT:SPM,please try again";
    today_.add(now());
    return "250 Mail OK queued as smtp1,GdxpCgCn15dixldeSQdrBw--.54S2 1582810834";
  }
  std::string recipient(const std::string& address) override {
    return address.starts_with("nobody") ? "550 Invalid User" : "250 Mail OK";
  }
  std::optional<std::pair<Duration, std::string>> patience() const override {
    return std::pair<Duration, std::string>(minutes(1), "421 closing transmission channel");
  }

 private:
  Count bad_logins_{hours(1)};
  Count today_{hours(24)};
  SteadyTime banned_until_{};
};

class Gmail final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "gmail"; }
  const char* user() const override { return "relay@gmail.com"; }
  std::string greeting() override {
    if (chance(2)) return std::string("421 4.7.0 Try again later, closing connection. x - gsmtp") + kClose;
    return "220 smtp.gmail.com ESMTP x - gsmtp";
  }
  std::vector<std::string> extensions() const override {
    return {"smtp.gmail.com at your service, [203.0.113.9]",
            "SIZE 35882577",
            "8BITMIME",
            "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
            "ENHANCEDSTATUSCODES",
            "PIPELINING",
            "SMTPUTF8"};
  }
  std::string login(bool right) override {
    if (!right)
      return std::string(
                 "535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
                 "535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp") +
             kClose;
    logins_.add(now());
    if (faults && logins_.of(now()) > 70)
      return std::string("454 4.7.0 Too many login attempts, please try again later. x - gsmtp") + kClose;
    return "235 2.7.0 Accepted";
  }
  std::string mail(const std::string&) override {
    if (chance(1)) return std::string("421 4.3.0 Temporary System Problem. x - gsmtp") + kClose;
    return "250 2.1.0 OK x - gsmtp";
  }
  std::string recipient(const std::string& address) override {
    if (address.starts_with("nobody"))
      return "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
             "550 5.1.1 https://support.google.com/mail/?p=NoSuchUser x - gsmtp";
    if (chance(2))
      return "452-4.2.2 The email account that you tried to reach is\r\n452 4.2.2 over quota. x - gsmtp";
    return "250 2.1.5 OK x - gsmtp";
  }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.says("banned words"))
      return refuse(heard,
                    "552-5.7.0 This message was blocked because its content presents a potential\r\n"
                    "552 5.7.0 security issue. x - gsmtp");
    if (faults && today_.of(now()) >= 300)
      return "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n"
             "550 5.4.5 sending limits go to https://support.google.com/a/answer/166852 x - gsmtp";
    today_.add(now());
    return "250 2.0.0 OK  1734000000 x - gsmtp";
  }
  std::optional<std::pair<Duration, std::string>> patience() const override {
    return std::pair<Duration, std::string>(minutes(10), "451 4.4.2 Timeout - closing connection. x - gsmtp");
  }

 private:
  Count logins_{hours(1)};
  Count today_{hours(24)};
};

class M365 final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "m365"; }
  const char* user() const override { return "relay@corp.example"; }
  bool secured_from_the_start() const override { return false; }
  std::vector<std::string> extensions() const override {
    return {"AM5PR0502CA0007.outlook.office365.com Hello [203.0.113.9]",
            "SIZE 157286400",
            "PIPELINING",
            "DSN",
            "ENHANCEDSTATUSCODES",
            "AUTH LOGIN XOAUTH2",
            "8BITMIME",
            "BINARYMIME",
            "SMTPUTF8"};
  }
  std::string login(bool right) override {
    return right ? "235 2.7.0 Authentication successful"
                 : std::string("535 5.7.3 Authentication unsuccessful [AM5PR0502CA0007]") + kClose;
  }
  std::string mail(const std::string&) override { return "250 2.1.0 Sender OK"; }
  std::string recipient(const std::string& address) override {
    if (address.starts_with("nobody")) return "550 5.1.1 User unknown";
    return "250 2.1.5 Recipient OK";
  }
  std::string content(const Heard& heard, std::size_t) override {
    if (heard.sender != user() || plain_address(heard.field("From")) != user())
      return "554 5.2.252 SendAsDenied; relay@corp.example not allowed to send as " + heard.sender +
             "; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied";
    if (heard.says("banned words"))
      return refuse(heard, "550 5.7.1 Message rejected as spam by Content Filtering.");
    if (chance(1)) return "451 4.7.0 Temporary server error. Please try again later. PRX4";
    minute_.add(now());
    if (faults && minute_.of(now()) > 30)
      return "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for "
             "more "
             "information.";
    if (faults && today_.of(now()) >= 400)
      return "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process "
             "message";
    today_.add(now());
    return "250 2.0.0 OK <x@corp.example> [Hostname=AM5PR]";
  }
  std::optional<std::pair<Duration, std::string>> patience() const override {
    return std::pair<Duration, std::string>(minutes(5), "451 4.7.0 Timeout waiting for client input");
  }

 private:
  Count minute_{minutes(1)};
  Count today_{hours(24)};
};

class Ses final : public Persona {
 public:
  using Persona::Persona;
  const char* provider() const override { return "ses"; }
  const char* user() const override { return "AKIAIOSFODNN7EXAMPLE"; }
  std::string greeting() override {
    return "220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-PFJZ5UQMO MPOOIZsZ18ictWi0fWIA";
  }
  std::vector<std::string> extensions() const override {
    return {"email-smtp.amazonaws.com", "8BITMIME", "AUTH PLAIN LOGIN", "Ok"};
  }
  std::string login(bool right) override {
    if (!right) return std::string("535 Authentication Credentials Invalid") + kClose;
    return chance(2) ? std::string("454 Temporary authentication failure") + kClose
                     : "235 Authentication successful.";
  }
  std::string mail(const std::string&) override { return "250 Ok"; }
  std::string content(const Heard& heard, std::size_t messages) override {
    if (faults && messages > 50)
      return std::string("421 connection closed by server. too many messages in one session") + kClose;
    if (any_nobody(heard)) return refuse(heard, "554 Message rejected: Invalid domain name");
    if (heard.says("banned words")) return refuse(heard, "554 Message rejected: Virus found");
    if (!verified)
      return "554 Message rejected: Email address is not verified. The following identities failed the check "
             "in "
             "region US-EAST-1: root@relay.example.org";
    second_.add(now());
    if (faults && second_.of(now()) > 1) return "454 Throttling failure: Maximum sending rate exceeded.";
    if (faults && today_.of(now()) >= 400) return "454 Throttling failure: Daily message quota exceeded.";
    today_.add(now());
    return "250 Ok 0107017033dbb64d-5e1c8b1b-0000-4000-8000-000000000000-000000";
  }
  std::optional<std::pair<Duration, std::string>> patience() const override {
    return std::pair<Duration, std::string>(seconds(10), "451 4.4.2 Timeout waiting for data from client.");
  }

  bool verified = true;

 private:
  Count second_{seconds(1)};
  Count today_{hours(24)};
};

}  // namespace

std::vector<std::string> persona_names() { return {"qq", "163", "gmail", "m365", "ses"}; }

std::unique_ptr<Persona> make_persona(const std::string& name, fake::FakeLoop& loop,
                                      fake::FakeRandom& random) {
  if (name == "qq") return std::make_unique<Qq>(loop, random);
  if (name == "163") return std::make_unique<NetEase>(loop, random);
  if (name == "gmail") return std::make_unique<Gmail>(loop, random);
  if (name == "m365") return std::make_unique<M365>(loop, random);
  return std::make_unique<Ses>(loop, random);
}

}  // namespace mailchute::sim
