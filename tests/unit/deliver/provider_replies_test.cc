// Every reply that a provider is known to give, as it was seen on the wire, and what it does.
#include <gtest/gtest.h>

#include "unit/deliver/reply_effects.h"

namespace mailchute {
namespace {

using enum Stage;

TEST(ProviderReplies, QqBeforeAnyMail) {
  expect_effects({
      {"qq", Connect, "", "deferred upstream; rest: connection"},
      {"qq", Ehlo, "530 Must issue a STARTTLS command first.", kPerson},
      {"qq", Auth,
       "535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency "
       "limited, or system is busy. More information at https://help.mail.qq.com/detail/108/1023",
       kLoginThird},
      {"qq", Auth,
       "535 Login Fail. Please enter your authorization code to login. More information in "
       "http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
       kLoginFirst},
      {"qq", Auth,
       "535 Error: "
       "\xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3\xcf\xea\xc7\xe9\xc7"
       "\xeb\xbf\xb4: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
       kPerson},
      {"qq", Auth, "535 Error: authentication failed, system busy", kLoginThird},
      {"exmail", Auth, "535 Error: authentication failed, system busy", kLoginThird},
      {"qq", Auth, "", kLoginThird},
      {"qq", Auth, "502 Invalid input from 203.0.113.9 to newxmesmtplogicsvrszb20-0.qq.com.", kOtherForm},
  });
}

TEST(ProviderReplies, QqAboutTheEnvelope) {
  const char kTooOften[] = "deferred upstream; rest: rate 10m..6h; alert third";
  expect_effects({
      {"qq", MailFrom, "503 Error: need EHLO and AUTH first !", kRelogin},
      {"qq", MailFrom, "501 Mail from address must be same as authorization user.", "refused sender"},
      {"exmail", MailFrom, "501 Mail from address must be same as authorization user.", "refused sender"},
      {"qq", MailFrom, "502 Invalid input from 203.0.113.9 to newxmesmtplogicsvrszb20-0.qq.com.",
       kRefuseMessage},
      {"qq", MailFrom, "501 Bad address syntax", "refused sender"},
      {"qq", RcptTo, "501 Bad address syntax", "refused recipient"},
      {"qq", RcptTo, "503 Send command mailfrom first.", kReconnect},
      {"qq", Data, "503 Send command mailfrom first.", kReconnect},
      {"qq", RcptTo, "550 Connection frequency limited", kTooOften},
      {"qq", MailFrom, "421 bye", "deferred upstream"},
      {"qq", MailFrom, "", "deferred upstream"},
  });
}

TEST(ProviderReplies, QqAtTheEnd_C044) {
  const char kTooOften[] = "deferred upstream; rest: rate 10m..6h; alert third";
  const char kTooMany[] = "deferred upstream; rest: rate 1h..3h; alert third";
  const char kSpam[] = "refused message; alert third";
  expect_effects({
      {"qq", FinalDot, "250 OK: queued as.", "delivered message"},
      {"qq", FinalDot,
       "550 The \"From\" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard "
       "protocol. https://service.mail.qq.com/detail/124/995.",
       kRefuseMessage},
      {"qq", FinalDot,
       "550 The recipient may contain a non-existent account, please check the recipient address.",
       "refused recipient"},
      {"qq", FinalDot,
       "550 The recipient may contain a non-existent account, please check the recipient address.",
       "deferred message; split", 3},
      {"qq", FinalDot, "550 Too many attempts. Unable to send. Try again later", kTooMany},
      {"qq", FinalDot, "550 Connection frequency limited", kTooOften},
      {"qq", FinalDot, "550 Ip frequency limited", kTooOften},
      {"qq", FinalDot, "550 Domain frequency limited", kTooOften},
      {"exmail", FinalDot, "550 Sender frequency limited", kTooOften},
      {"qq", FinalDot, "550 The mail may contain inappropriate words or content.", kRefuseMessage},
      {"qq", FinalDot, "550 Mail content denied. http://service.mail.qq.com", kSpam},
      {"qq", FinalDot, "550 Error: content rejected.http://mail.qq.com/zh_CN/help/content/rejectedmail.html",
       kSpam},
      {"qq", FinalDot, "550 Suspected spam", kSpam},
      {"qq", FinalDot, "550 Spam is embedded in the email", kSpam},
      {"qq", FinalDot, "550 Connection denied", "deferred upstream; rest: rate 2h..6h; alert third"},
      {"qq", FinalDot, "550 Mailbox unavailable or access denied", "deferred message; wait 30m; give up 6h"},
      {"qq", FinalDot, "550 Mailbox unavailable or access denined", "deferred message; wait 30m; give up 6h"},
      {"qq", FinalDot, "550 SPF check failed", kRefuseMessage},
      {"qq", FinalDot, "550 DMARC check failed", kRefuseMessage},
      {"qq", FinalDot, "550 Mailbox not found", "refused recipient"},
      {"qq", FinalDot, "550 Mail is rejected by recipients", "refused recipient"},
      {"qq", FinalDot, "552 Message too large", kElsewhere},
      {"qq", FinalDot, "", kRetryMessage},
      {"qq", Quit, "", "deferred upstream; rest: connection"},
  });
}

TEST(ProviderReplies, NeteaseBeforeAnyMail) {
  const char kBusy[] = "deferred upstream; rest: rate 10m..1h; alert third";
  const char kBlacklisted[] = "deferred upstream; rest: person 6h; alert first";
  const char kBanned[] = "deferred upstream; rest: login 1h..6h; alert first";
  expect_effects({
      {"163", Greeting, "421 HL:REP 163 smtp1,GdxpCgCn15dixldeSQdrBw--.54S2 1582810834", kBusy},
      {"163", Greeting, "421 HL:ICC 163 smtp1,GdxpCgCn15dixldeSQdrBw--.54S2 1582810834", kBusy},
      {"126", Greeting, "421 HL:IFC 126 smtp3", kBusy},
      {"yeah", Greeting, "421 HL:MEP", kBusy},
      {"163", Greeting, "554 HL:IPB", kBlacklisted},
      {"163", Greeting, "554 HL:IHU", kBlacklisted},
      {"163", Greeting, "554 IP in blacklist", kBlacklisted},
      {"163", Auth,
       "554 IP is rejected, smtp auth error limit exceed,163 gzga-smtp-mtada-g0-4,_____wD3 1498556168",
       kBanned},
      {"126", Greeting, "554 IP is rejected, smtp auth error limit exceed,126 smtp3,x 1498556168", kBanned},
      {"163", Auth, "535 Error: authentication failed", "deferred upstream; rest: login 1h..1d; alert first"},
      {"qiye163", Auth, "550 User has no permission", kPerson},
      {"163", Auth, "550 User suspended", kPerson},
      {"163", Auth, "451 Requested mail action not taken: too much fail authentication",
       "deferred upstream; rest: login 15m..6h; alert third"},
  });
}

TEST(ProviderReplies, NeteaseAboutTheEnvelope) {
  const char kRate[] = "deferred upstream; rest: rate 15m..2h; alert third";
  const char kFewer[] = "deferred upstream; rest: rate 10m..2h; alert third";
  expect_effects({
      {"163", MailFrom, "553 Mail from must equal authorized user", "refused sender"},
      {"163", MailFrom, "553 authentication is required,smtp13,EcCowABn 1498556168", kRelogin},
      {"163", MailFrom, "553 NULL sender is not allowed", "refused sender"},
      {"163", MailFrom, "553 Local user only,163 smtp5,D9GowAD 1498556168", kPerson},
      {"163", MailFrom, "550 MI:STC 163 smtp1", kChinaDay},
      {"163", MailFrom, "554 MI:STC 163 smtp1", kChinaDay},
      {"163", FinalDot, "554 5.5.0 MI:STC 163 smtp1", kChinaDay},
      {"163", MailFrom, "451 MI:SFQ 163 smtp1", kRate},
      {"163", MailFrom, "450 MI:DMC 163 smtp1", kReconnect},
      {"163", MailFrom, "451 MI:DMC 163 smtp1", kReconnect},
      {"163", MailFrom, "450 MI:CEL 163 smtp1", kRate},
      {"163", MailFrom, "450 MI:CCL 163 smtp1", kRate},
      {"163", RcptTo, "451 RP:QRC 163 smtp1", kFewer},
      {"163", RcptTo, "450 RP:DRC 163 smtp1", kFewer},
      {"163", RcptTo, "450 RP:CCL 163 smtp1", kFewer},
      {"163", RcptTo, "451 RP:CEL 163 smtp1", kFewer},
      {"163", RcptTo, "550 RP:TRC 163 smtp1", kChinaDay},
      {"163", RcptTo, "550 RP:RCL 163 smtp1", "deferred recipient"},
      {"163", RcptTo, "550 too much recipient", "deferred recipient"},
      {"163", RcptTo, "550 Invalid User", "refused recipient"},
      {"163", RcptTo, "550 User in blacklist", "refused recipient"},
      {"163", RcptTo, "550 RP:FRL", "refused recipient"},
  });
}

TEST(ProviderReplies, NeteaseAtTheEnd) {
  const char kSpam[] = "refused message; rest: rate 30m after 3; alert third";
  expect_effects({
      {"163", FinalDot, "554 DT:SPM 163 smtp1,GdxpCgCn15 1582810834,http://mail.163.com/help", kSpam},
      {"163", FinalDot, "550 DT:SPM", kSpam},
      {"163", FinalDot, "451 DT:SPM,please try again", "deferred message; wait 2m"},
      {"163", FinalDot, "554 DT:SUM 163 smtp1,GdxpCgCn15 1582810834", "refused sender"},
      {"163", FinalDot, "552 Illegal Attachment", kRefuseMessage},
      {"163", FinalDot, "552 Requested mail action aborted: exceeded mailsize limit", kElsewhere},
      {"163", FinalDot, "451 Requested action aborted: local error in processing", kRetryMessage},
      {"163", MailFrom, "451 Requested action aborted: local error in processing", "deferred sender"},
      {"163", Idle, "421 closing transmission channel", kReconnectBeforeMail},
      {"163", MailFrom, "421 closing transmission channel", kReconnect},
      {"163", FinalDot, "550 MI:NHD", kRefuseMessage},
      {"163", MailFrom, "550 MI:IMF", kRefuseMessage},
      {"163", MailFrom, "550 MI:SPF", kRefuseMessage},
      {"163", MailFrom, "550 MI:DMA", kRefuseMessage},
      {"163", MailFrom, "554 MI:SPB", kRefuseMessage},
      {"163", FinalDot, "450 DT:RBL", kRetryMessage},
      {"163", FinalDot, "450 WM:BLI", kRetryMessage},
      {"163", FinalDot, "450 WM:BLU", kRetryMessage},
  });
}

TEST(ProviderReplies, GmailBeforeAnyMail) {
  const std::string end = " d9443c01a7336-20000000000sm1.0 - gsmtp";
  expect_effects({
      {"gmail", Greeting, "421 4.7.0 Try again later, closing connection." + end,
       "deferred upstream; rest: connection; reconnect; alert third"},
      {"gws-relay", Ehlo, "421 4.7.0 Try again later, closing connection. (EHLO)" + end,
       "deferred upstream; rest: connection; reconnect; alert third"},
      {"gmail", Ehlo, "501 5.5.4 Empty HELO/EHLO argument not allowed, closing connection." + end, kPerson},
      {"gmail", Auth,
       "535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
       "535 5.7.8  https://support.google.com/mail/?p=BadCredentials" +
           end,
       kLoginFirst},
      {"gmail", Auth,
       "534-5.7.9 Application-specific password required. For more information, go to\r\n"
       "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor" +
           end,
       kPerson},
      {"gmail", Auth, "535 5.7.1 Application-specific password required." + end, kPerson},
      {"gmail", Auth, "504 5.7.4 Unrecognized Authentication Type" + end, kOtherForm},
      {"gmail", Auth, "504 5.7.4 XOAUTH is no longer supported" + end, kOtherForm},
      {"gmail", Auth, "535 5.5.4 Optional Argument not permitted" + end, kOtherForm},
      {"gmail", Auth, "421 4.3.0 Temporary System Problem. Try again later" + end, kReconnectBeforeMail},
      {"gmail", Auth, "421 4.7.0 Temporary System Problem. Try again later" + end, kReconnectBeforeMail},
      {"gmail", Ehlo, "421 4.4.5 Server busy, try again later." + end, kReconnectBeforeMail},
      {"gmail", Auth, "502 5.5.1 Too many unrecognized commands, goodbye." + end, kReconnectBeforeMail},
      {"gmail", Auth, "554 5.7.0 Too many unauthenticated commands." + end, kReconnectBeforeMail},
      {"gmail", StartTls, "454 5.5.1 STARTTLS may not be repeated" + end, kReconnectBeforeMail},
      {"gmail", Auth,
       "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via\r\n"
       "534-5.7.14 your web browser and then try again.\r\n534 5.7.14  Learn more at" +
           end,
       kPerson},
      {"gmail", Auth, "454 4.7.0 Too many login attempts, please try again later." + end,
       "deferred upstream; rest: login 15m..1h; alert third"},
  });
}

TEST(ProviderReplies, GmailAboutHowMuchIsSent) {
  const char kSlow[] = "deferred upstream; rest: rate 10m..6h; alert third";
  const char kSlowHour[] = "deferred upstream; rest: rate 1h..6h; alert third";
  const std::string day =
      "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n"
      "550 5.4.5 sending limits go to https://support.google.com/a/answer/166852 - gsmtp";
  expect_effects({
      {"gmail", MailFrom, day, kQuota},
      {"gmail", FinalDot, day, kQuota},
      {"gmail", FinalDot, "550 5.4.5 Daily sending quota exceeded. - gsmtp", kQuota},
      {"gmail", MailFrom, "421 4.7.28 Gmail has detected an unusual rate of mail. - gsmtp", kSlow},
      {"gmail", MailFrom, "450 4.2.1 The user is receiving mail too quickly. - gsmtp", kSlow},
      {"gws-relay", MailFrom, "450 Peak SMTP relay limit exceeded for customer.", kSlow},
      {"gws-relay", MailFrom, "550-5.7.1 Daily SMTP relay limit exceeded for customer.\r\n550 5.7.1 More",
       kQuota},
      {"gws-relay", MailFrom, "550 5.4.5 Daily SMTP relay limit exceeded for customer.", kQuota},
      {"gmail", MailFrom, "550 5.7.1 Email quota exceeded.", kQuota},
      {"gmail", RcptTo, "550 5.7.1 Our system detected; this mail has been rate limited.", kSlowHour},
      {"gmail", FinalDot,
       "550 5.2.1 The user is receiving mail at a rate that prevents additional messages from being "
       "delivered.",
       kSlowHour},
      {"gmail", RcptTo,
       "450 4.2.1 The user is receiving mail at a rate that prevents additional messages from being "
       "delivered.",
       kSlowHour},
      {"gmail", FinalDot, "421 4.7.28 Gmail has detected you are sending messages with the same Message-ID:",
       "deferred message; wait 1h; give up 1d"},
  });
}

TEST(ProviderReplies, GmailAboutMail) {
  expect_effects({
      {"gmail", MailFrom,
       "530-5.7.0 Authentication Required. For more information, go to\r\n"
       "530 5.7.0  https://support.google.com/mail/?p=WantAuthError - gsmtp",
       kRelogin},
      {"gmail", MailFrom, "530 5.7.0 Must issue a STARTTLS command first. - gsmtp", kRelogin},
      {"gws-relay", MailFrom,
       "550-5.7.1 Invalid credentials for relay [203.0.113.9]. The IP address\r\n550 5.7.1 you've registered",
       kPerson},
      {"gws-relay", RcptTo, "550 5.7.0 Mail relay denied [203.0.113.9].", kPerson},
      {"gws-relay", MailFrom, "421 4.7.0 IP not in whitelist for RCPT domain, closing connection.", kPerson},
      {"gmail", MailFrom, "553-5.1.7 The sender address <x> is not a valid RFC\r\n553 5.1.7 5321 address",
       "refused sender"},
      {"gmail", RcptTo, "553-5.1.3 The recipient address <x> is not a valid\r\n553 5.1.3 RFC 5321 address",
       "refused recipient"},
      {"gmail", RcptTo, "553 5.1.2 We weren't able to find the recipient domain.", "refused recipient"},
      {"gmail", RcptTo,
       "550-5.1.1 The email account that you tried to reach does not exist.\r\n"
       "550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp",
       "refused recipient"},
      {"gmail", RcptTo, "452-4.2.2 The email account that you tried to reach is\r\n452 4.2.2 over quota.",
       "deferred recipient"},
      {"gmail", FinalDot,
       "552-5.7.0 This message was blocked because its content presents a potential\r\n"
       "552 5.7.0 security issue.",
       kRefuseMessage},
      {"gmail", FinalDot, "552-5.2.3 Your message exceeded Google's message size limits.\r\n552 5.2.3 More",
       kElsewhere},
      {"gmail", MailFrom, "552 5.3.4 Message too big", kElsewhere},
      {"gmail", FinalDot, "550-5.7.1 Messages missing a valid address in From:\r\n550 5.7.1 header",
       kRefuseMessage},
      {"gmail", FinalDot, "550 5.7.1 Messages with multiple addresses in From: header are not accepted.",
       kRefuseMessage},
      {"gmail", FinalDot, "550 5.7.1 Messages missing a valid Message-ID: header are not accepted.",
       kRefuseMessage},
      {"gmail", FinalDot, "550 5.7.1 encoded-word syntax is not permitted in message header", kRefuseMessage},
      {"gmail", FinalDot, "550 5.7.1 This message contains a Unicode character in a disallowed header.",
       kRefuseMessage},
      {"gmail", FinalDot, "554 5.6.0 Mail message is malformed. Not accepted.", kRefuseMessage},
      {"gmail", MailFrom, "451 4.4.2 Timeout - closing connection. d9443c01 - gsmtp", kReconnect},
      {"gmail", Idle, "421 4.7.0 Connection expired, try reconnecting.", kReconnectBeforeMail},
      {"gmail", MailFrom, "503 5.7.0 No identity changes permitted.", kReconnect},
      {"gmail", Auth, "501 5.5.2 Cannot Decode response", kReconnectBeforeMail},
      {"gmail", RcptTo, "503 5.5.1 MAIL first. - gsmtp", kReconnect},
  });
}

}  // namespace
}  // namespace mailchute
