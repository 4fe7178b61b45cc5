// The other half of what provider_replies_test.cc begins: Microsoft, Amazon, and those with a few words of
// their own; and what holds for the rules of all of them.
#include <gtest/gtest.h>

#include <vector>

#include "unit/deliver/reply_effects.h"

namespace mailchute {
namespace {

using enum Stage;

TEST(ProviderReplies, MicrosoftBeforeAnyMail) {
  const std::string end = " [AM5PR0502CA0007.eurprd05.prod.outlook.com 2026-01-01T00:00:00.000Z 08DE0000]";
  expect_effects({
      {"m365", Ehlo,
       "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to "
       "support TLS 1.2. Visit https://aka.ms/smtp_auth_tls." +
           end,
       kPerson},
      {"m365", Auth,
       "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
       "https://aka.ms/smtp_auth_disabled for more information." +
           end,
       kPerson},
      {"m365", Auth,
       "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox." + end,
       kPerson},
      {"outlook", Auth, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled." + end,
       kPerson},
      {"m365", Auth,
       "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
       "successfully. Contact your administrator." +
           end,
       kPerson},
      {"m365", Auth, "535 5.7.3 Authentication unsuccessful" + end,
       "deferred upstream; rest: login 5m..6h; alert third"},
      {"m365", Auth, "550 5.7.30 Basic authentication is not supported for Client Submission." + end,
       kPerson},
      {"m365", Auth, "454 4.7.0 Temporary authentication failure" + end, kReconnectBeforeMail},
      {"m365", Auth, "501 5.5.124 Invalid XOAUTH2 auth data" + end, kLoginFirst},
      {"m365", Auth, "504 5.7.4 Unrecognized authentication type" + end, kOtherForm},
      {"m365", Ehlo, "503 5.5.2 Send hello first" + end,
       "deferred upstream; rest: connection; reconnect; alert third"},
      {"m365", MailFrom, "503 5.5.2 Send hello first" + end, "deferred upstream; reconnect; alert third"},
  });
}

TEST(ProviderReplies, MicrosoftAboutMail) {
  const char kThreads[] = "deferred upstream; rest: rate 1m..10m; alert third";
  const char kBusy[] = "deferred upstream; rest: rate 5m..1h; alert third";
  expect_effects({
      {"m365", MailFrom, "530 5.7.57 Client not authenticated to send mail. [AM5PR05]", kRelogin},
      {"m365", MailFrom,
       "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", kRelogin},
      {"m365", MailFrom,
       "432 4.3.2 Concurrent connections limit exceeded. Visit "
       "https://aka.ms/concurrent_sending for more information. [AM5PR05]",
       kThreads},
      {"m365", FinalDot, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded; [Hostname=AM5]",
       kThreads},
      {"m365", FinalDot,
       "554 5.2.252 SendAsDenied; u@x.example not allowed to send as v@x.example; "
       "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed",
       "refused sender"},
      {"m365", FinalDot, "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
       "refused sender"},
      {"m365", FinalDot, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed",
       kQuota},
      {"m365", RcptTo,
       "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
       kQuota},
      {"outlook", Data,
       "550 5.3.4 Requested action not taken; To continue sending messages, please sign in to your account.",
       kPerson},
      {"m365", Data, "550 5.1.8 Access denied, bad outbound sender", kPerson},
      {"m365", Data, "550 5.7.501 Access denied, spam abuse detected", kPerson},
      {"m365", Data, "550 5.7.502 Access denied, banned sender", kPerson},
      {"m365", Data, "550 5.7.503 Access denied, banned sender", kPerson},
      {"m365", MailFrom, "421 4.3.2 The maximum number of concurrent connections has exceeded a limit",
       kReconnect},
      {"m365", Greeting, "421 4.3.2 Service not available", kReconnectBeforeMail},
      {"m365", FinalDot, "451 4.7.0 Temporary server error. Please try again later. PRX4", kRetryMessage},
      {"m365", MailFrom, "451 4.7.500 Server busy. Please try again later from [203.0.113.9]. (AS761)",
       kBusy},
      {"m365", MailFrom, "451 4.7.650 The mail server [203.0.113.9] has been temporarily rate limited",
       kBusy},
      {"m365", MailFrom, "552 5.3.4 Message size exceeds fixed maximum message size", kElsewhere},
      {"m365", MailFrom, "451 4.7.0 Timeout waiting for client input [AM5PR05]", kReconnect},
  });
}

TEST(ProviderReplies, Amazon) {
  const char kThrottled[] = "deferred upstream; rest: rate 5s..10m; alert third";
  expect_effects({
      {"ses", Greeting, "421 Too many concurrent SMTP connections", kReconnectBeforeMail},
      {"ses", Auth, "535 Authentication Credentials Invalid", kLoginFirst},
      {"ses", Auth, "535 Account not subscribed to SES", kPerson},
      {"ses", Auth, "454 Temporary authentication failure", kReconnectBeforeMail},
      {"ses", Auth, "454 Throttling failure: Maximum SigV2 SMTP sending rate exceeded",
       "deferred upstream; rest: person 10m..1h; alert first"},
      {"ses", MailFrom, "530 Authentication required", kRelogin},
      {"ses", MailFrom, "454 Throttling failure: Maximum sending rate exceeded.", kThrottled},
      {"ses", FinalDot, "454 Throttling failure: Maximum sending rate exceeded.", kThrottled},
      {"ses", FinalDot, "454 Throttling failure: Daily message quota exceeded.", kQuota},
      {"ses", RcptTo, "501 Invalid RCPT TO address provided", "refused recipient"},
      {"ses", RcptTo, "452 Too many recipients", "deferred recipient"},
      {"ses", FinalDot,
       "554 Message rejected: Email address is not verified. The following identities failed the check in "
       "region US-EAST-1: a@x.example, b@y.example",
       kKeep},
      {"ses", FinalDot,
       "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on "
       "resource `arn:aws:ses:us-east-1:1:identity/x'",
       kPerson},
      {"ses", FinalDot, "554 Message rejected: Sending paused for this account. For more information",
       kPerson},
      {"ses", FinalDot, "552 Message is too long.", kElsewhere},
      {"ses", FinalDot, "451 Temporary service failure", kRetryMessage},
      {"ses", FinalDot, "454 Temporary service failure", kRetryMessage},
      {"ses", MailFrom, "451 4.4.2 Timeout waiting for data from client.", kReconnect},
      {"ses", Idle, "451 4.4.2 Timeout waiting for data from client.", kReconnectBeforeMail},
      {"ses", MailFrom, "421 connection closed by server. too many messages in one session", kReconnect},
  });
}

TEST(ProviderReplies, Aliyun) {
  expect_effects({
      {"aliyun-dm", Auth, "535 Authentication failure", kLoginFirst},
      {"aliyun-qiye", Auth, "526 Authentication failure[0]", kLoginFirst},
      {"aliyun-qiye", Auth, "526 Authentication failure[1]",
       "deferred upstream; rest: login 1h..6h; alert third"},
      {"aliyun-dm", MailFrom, "436 \"MAIL FROM\" doesn't conform with authentication [@sm060104]",
       "refused sender"},
      {"aliyun-qiye", FinalDot,
       "440 mail from account doesn't conform with authentication (Auth Account:a@x Mail Account:b@x)",
       "refused sender"},
      {"aliyun-qiye", MailFrom, "501 \"MAIL FROM\" is non-local", kPerson},
      {"aliyun-qiye", MailFrom, "541 a@x.example not allowed to send", kPerson},
      {"aliyun-dm", MailFrom, "552 Daily sending quota exceeded", kChinaDay},
      {"aliyun-dm", FinalDot, "552 Monthly sending quota exceeded", kChinaDay},
      {"aliyun-dm", FinalDot, "552 Not enough sending quota", kChinaDay},
      {"aliyun-dm", MailFrom, "551 Main account unavailable", kPerson},
      {"aliyun-dm", FinalDot, "554 Reject by content spam at rule 1", "refused message; alert third"},
      {"aliyun-dm", FinalDot, "561 Honeypot", "refused message; alert third"},
      {"aliyun-dm", Data, "563 no", "refused message; alert third"},
      {"aliyun-qiye", FinalDot, "454 Transient reject by behaviour spam",
       "deferred upstream; rest: rate 30m..6h; alert third"},
      {"aliyun-qiye", FinalDot, "554 Reject by behaviour spam", kPerson},
      {"aliyun-dm", RcptTo, "556 RCPTs over size", "deferred recipient"},
      {"aliyun-dm", FinalDot, "556 RCPTs over size", "deferred message; split", 3},
      {"aliyun-dm", RcptTo, "504 too many", "deferred recipient"},
      {"aliyun-dm", RcptTo, "505 too many", "deferred recipient"},
      {"aliyun-dm", RcptTo, "559 Invalid rcptto", "refused recipient"},
      {"aliyun-dm", RcptTo, "553 RCPT no", "refused recipient"},
      {"aliyun-dm", RcptTo, "554 RCPT no", "refused recipient"},
  });
}

std::string tencent(const std::string& code) {
  return "554 5.0.0 Error: transaction failed, blame it on the weather: ##SES-response-json:{\"Response\":"
         "{\"RequestId\":\"1\",\"QcloudError\":{\"Error\":{\"Code\":\"" +
         code + "\"}}}}";
}

TEST(ProviderReplies, TencentCloud) {
  const char kSlow[] = "deferred upstream; rest: rate 1m..1h; alert third";
  const auto weather = [](const std::string& words) {
    return "554 5.0.0 Error: transaction failed, blame it on the weather: " + words;
  };
  std::vector<Said> rows = {
      {"tencent-ses", FinalDot, tencent("RequestLimitExceeded.SmtpRateLimit"), kSlow},
      {"tencent-ses", FinalDot, tencent("RequestLimitExceeded"), kSlow},
      {"tencent-ses", FinalDot, tencent("FailedOperation.FrequencyLimit"), kSlow},
      {"tencent-ses", FinalDot, tencent("FailedOperation.NotAuthenticatedSender"), kPerson},
      {"tencent-ses", FinalDot, tencent("FailedOperation.InsufficientBalance"), kPerson},
      {"tencent-ses", FinalDot, tencent("FailedOperation.InsufficientQuota"), kPerson},
      {"tencent-ses", FinalDot, tencent("FailedOperation.MissingEmailContent"), kRefuseMessage},
      {"tencent-ses", Body, "", "deferred message; give up 1h"},
  };
  for (const char* words :
       {"msg.From is null", "msg.Subject is null", "msg.Body is null", "Content-Type must in text/plain",
        "Mime-Version must in 1.0", "email is too large", "Incorrect attachment content",
        "attachments are too large", "smtp: too longer line in input stream"})
    rows.push_back({"tencent-ses", FinalDot, weather(words), kRefuseMessage});
  expect_effects(rows);
}

TEST(ProviderReplies, MailboxesOfOthers) {
  expect_effects({
      {"yahoo", Auth, "535 5.7.0 (#AUTH005) Too many bad auth attempts.",
       "deferred upstream; rest: login 1h..6h; alert first"},
      {"aol", MailFrom, "421 Max message per connection reached, closing transmission channel", kReconnect},
      {"yahoo", FinalDot, "421 4.7.0 [TSS04] Messages from 203.0.113.9 temporarily deferred", kRetryMessage},
      {"yahoo", FinalDot, "553 5.7.2 [TSS09] All messages permanently deferred; Retrying will NOT succeed",
       kRefuseMessage},
      {"yahoo", MailFrom, "553 5.7.2 [TSS11] All messages permanently deferred; Retrying will NOT succeed",
       kRefuseMessage},
      {"icloud", FinalDot, "421 4.7.1 Messages to a@icloud.com deferred due to excessive volume",
       kRetryMessage},
      {"icloud", RcptTo, "552 5.2.2 user is over quota", "deferred recipient; wait 1h"},
      {"icloud", RcptTo, "554 5.7.1 <a@x.example>: Relay access denied", kPerson},
      {"icloud", FinalDot, "550 5.7.1 [CS01] Message rejected due to local policy", kRefuseMessage},
      {"icloud", FinalDot,
       "550 5.7.1 a@icloud.com: You have exceeded your daily sending limit. Please try again later.", kQuota},
      {"icloud", Data, "450 4.7.1 a@icloud.com: You have exceeded your daily sending limit.", kQuota},
      {"zoho", FinalDot, "553 Relaying disallowed as root@x.example", "refused sender; alert third"},
      {"zoho", FinalDot, "550 5.4.6 Unusual sending activity detected. Please try after sometime", kPerson},
      {"zoho", FinalDot, "550 Please open https://mail.zoho.com/UnblockMe", kPerson},
      {"yandex", MailFrom, "553 5.7.1 Sender address rejected: not owned by auth user.", "refused sender"},
      {"yandex", FinalDot, "554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
       "deferred upstream; rest: rate 1d; alert first"},
      {"yandex", Auth, "535 5.7.8 Error: authentication failed: This user does not have access rights",
       kLoginFirst},
      {"mailru", Auth,
       "535 5.7.0 NEOBHODIM parol prilozheniya https://help.mail.ru/x / Application password is REQUIRED",
       kPerson},
  });
}

TEST(ProviderReplies, ServicesForPrograms) {
  expect_effects({
      {"sendgrid", Auth, "451 Authentication failed: Could not authenticate", kLoginFirst},
      {"sendgrid", Auth, "451 Authentication failed: Maximum credits exceeded", kLongQuota},
      {"sendgrid", Auth,
       "535 Authentication failed: The provided authorization grant is invalid, expired, or revoked",
       kLoginFirst},
      {"sendgrid", FinalDot, "550 The from address does not match a verified Sender Identity. Mail", kKeep},
      {"sendgrid", FinalDot, "550 Unauthenticated senders not allowed", kKeep},
      {"mailgun", MailFrom,
       "421 Domain x.example is not allowed to send: Please activate your Mailgun account.", kPerson},
      {"mailgun", Data, "421 Domain x.example recipient limit exceeded, try again after Tue, 1 Jan",
       kLongQuota},
      {"mailgun", MailFrom, "550 5.7.1 Relaying denied", kRelogin},
      {"resend", FinalDot, "550 The associated domain with your API key is not verified. Please, create",
       kKeep},
      {"resend", FinalDot, "550 You have reached your daily email sending quota", kQuota},
      {"brevo", Auth, "525 5.7.1 Unauthorized IP address", kPerson},
  });
}

TEST(ProviderReplies, WhatNobodyHasARowForFollowsTheGenericTable) {
  expect_effects({
      {"postmark", FinalDot, "550 5.7.1 no", kRefuseMessage},
      {"custom", FinalDot, "550 Daily quota exceeded", "deferred upstream; rest: rate; alert third"},
      {"qq", RcptTo, "550 no such user here", "refused recipient"},
      {"qq", Auth, "535 something new", kLoginFirst},
  });
}

TEST(ProviderReplies, ARuleThatRefusesIsNotFollowedBeforeMailNorBySilence) {
  ReplyRule rule;
  rule.id = "wrong";
  rule.then = ReplyRule::Then::RefuseMessage;
  rule.codes = {{0, 999}};
  for (const Stage stage : {Connect, Greeting, Ehlo, Auth, Idle, Quit})
    EXPECT_NE(classify({stage, {550, "", "no"}}, {&rule, 1}).rule, "wrong") << stage_name(stage);
  EXPECT_NE(classify({FinalDot, {0, "", "lost"}, true}, {&rule, 1}).rule, "wrong");
  EXPECT_EQ(classify({FinalDot, {250, "", "ok"}, true}, {&rule, 1}).fate, Fate::Delivered);
  EXPECT_EQ(classify({FinalDot, {550, "", "no"}, true}, {&rule, 1}).rule, "wrong");
}

TEST(ProviderReplies, TheWordsOfARuleAreFoundByItsName) {
  const auto own = explanation("qq-login", rules_of("qq"));
  ASSERT_TRUE(own);
  EXPECT_NE(own->words.find("five causes"), std::string::npos);
  EXPECT_NE(own->words_zh.find("五种原因"), std::string::npos);
  EXPECT_EQ(explanation("qq-code-old", rules_of("qq")), explanation("qq-code", rules_of("qq")));
  EXPECT_EQ(explanation("qq-attempts", rules_of("exmail")), explanation("qq-attempts", rules_of("qq")));
  EXPECT_TRUE(explanation("slow-down", rules_of("qq")));
  EXPECT_FALSE(explanation("qq-login", rules_of("gmail")));
}

}  // namespace
}  // namespace mailchute
