#include "command/sendmail_arguments.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"

namespace mailchute {
namespace {

using Named = SendmailRequest::Named;

/// Words parted by blanks; `''` is an empty one.
std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> all;
  if (line.empty()) return all;
  for (const std::string_view word : split(line, ' ')) all.emplace_back(word == "''" ? "" : word);
  return all;
}

Result<SendmailRequest> parsed(std::string_view line) { return parse_sendmail(words(line)); }

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& each : all) text += each + " ";
  return text;
}

struct Caller {
  const char* name;
  const char* line;
  const char* recipients;
  Named named;
  const char* sender = "none";
  const char* full_name = "none";
};

TEST(SendmailArguments, EveryCallerIsUnderstood) {
  const Caller callers[] = {
      {"cron", "-FCronDaemon -i -B8BITMIME -oem root", "root ", Named::ByArguments, "none", "CronDaemon"},
      {"anacron", "-FAnacron -odi root", "root ", Named::ByArguments, "none", "Anacron"},
      {"at", "-i root", "root ", Named::ByArguments},
      {"systemd-cron", "-i -B8BITMIME root", "root ", Named::ByArguments},
      {"bcron", "-FCronDaemon -i -odi -oem -t", "", Named::ByHeaderToo, "none", "CronDaemon"},
      {"BSD cron", "-FCronDaemon -odi -oem -oi -t", "", Named::ByHeaderToo, "none", "CronDaemon"},
      {"busybox cron", "-t -oem -i", "", Named::ByHeaderToo},
      {"bsd-mailx", "-i -t", "", Named::ByHeaderToo},
      {"bsd-mailx -r", "-i -t -f me@example.com", "", Named::ByHeaderToo, "me@example.com"},
      {"s-nail", "-i -v -f me@x -- a@example.com", "a@example.com ", Named::ByArguments, "me@x"},
      {"mailutils", "-oi -f root@vm -t", "", Named::ByHeaderToo, "root@vm"},
      {"mutt", "-oem -oi -f me@x -N failure,delay -R hdrs -- a@x", "a@x ", Named::ByArguments, "me@x"},
      {"PHP", "-t -i", "", Named::ByHeaderToo},
      {"PHP, fifth argument", "-t -i -fme@example.com", "", Named::ByHeaderToo, "me@example.com"},
      {"PHPMailer", "-oi -fme@example.com -t", "", Named::ByHeaderToo, "me@example.com"},
      {"WordPress", "-oi -t", "", Named::ByHeaderToo},
      {"git send-email", "-i a@x me@x", "a@x me@x ", Named::ByArguments},
      {"git send-email --envelope-sender", "-f me@x -i a@x me@x", "a@x me@x ", Named::ByArguments, "me@x"},
      {"logwatch", "-t", "", Named::ByHeaderToo},
      {"fail2ban", "-f fail2ban@x root@x", "root@x ", Named::ByArguments, "fail2ban@x"},
      {"rkhunter", "root", "root ", Named::ByArguments},
      {"Email::Sender", "-i -f me@x -- a@x b@x", "a@x b@x ", Named::ByArguments, "me@x"},
      {"Email::Sender, a bounce", "-i -f '' -- a@x", "a@x ", Named::ByArguments, ""},
      {"Ruby's mail", "-i -f <me@x> -- <a@x>", "<a@x> ", Named::ByArguments, "<me@x>"},
      {"Request Tracker", "-oi -t -ODeliveryMode=b -OErrorMode=m", "", Named::ByHeaderToo},
      {"Request Tracker, a bounce", "-oi -t -f <>", "", Named::ByHeaderToo, "<>"},
      {"a shell script", "-ti", "", Named::ByHeaderToo},
      {"another one", "-toi -r me@x", "", Named::ByHeaderToo, "me@x"},
  };

  for (const Caller& caller : callers) {
    const auto request = parsed(caller.line);
    ASSERT_TRUE(request) << caller.name << ": " << request.error().text;
    EXPECT_EQ(request->mode, SendmailMode::Deliver) << caller.name;
    EXPECT_EQ(joined(request->recipients), caller.recipients) << caller.name;
    EXPECT_EQ(request->named, caller.named) << caller.name;
    EXPECT_EQ(request->sender.value_or("none"), caller.sender) << caller.name;
    EXPECT_EQ(request->full_name.value_or("none"), caller.full_name) << caller.name;
  }
}

TEST(SendmailArguments, WhatIsSaidOfDeliveryIsKept) {
  const auto request = parsed("-N failure,delay -R HDRS -V job+7 -B8bitmime -v a@x");

  ASSERT_TRUE(request);
  EXPECT_EQ(request->notify, (Notify{.failure = true, .delay = true}));
  EXPECT_EQ(request->ret, Return::Headers);
  EXPECT_EQ(request->envelope_id, "job+2B7");
  EXPECT_EQ(request->body, Body::EightBit);
  EXPECT_EQ(request->talk, SendmailRequest::Talk::Transcript);
  EXPECT_TRUE(parsed("-N never -R full -B 7BIT a@x")->notify.never);
}

struct Asked {
  const char* line;
  SendmailMode mode;
};

TEST(SendmailArguments, OtherModesAreAskedForByALetter) {
  const Asked cases[] = {
      {"-bs", SendmailMode::SpeakSmtp},
      {"-bp", SendmailMode::ListQueue},
      {"-bi", SendmailMode::CheckAliases},
      {"-I", SendmailMode::CheckAliases},
      {"-bv root", SendmailMode::ShowWay},
      {"-q", SendmailMode::TryNow},
      {"-qf", SendmailMode::TryNow},
      {"-qI0ABC", SendmailMode::TryNow},
      {"-qRexample.com", SendmailMode::TryNow},
      {"-bm root", SendmailMode::Deliver},
      {"-b s", SendmailMode::SpeakSmtp},
  };

  for (const Asked& each : cases) {
    const auto request = parsed(each.line);
    ASSERT_TRUE(request) << each.line;
    EXPECT_EQ(request->mode, each.mode) << each.line;
  }
  EXPECT_EQ(parsed("-qI0ABC")->queue_id, "0ABC");
  EXPECT_EQ(parsed("-qRexample.com")->queue_recipient, "example.com");
  EXPECT_EQ(parsed("-qSme@x")->queue_sender, "me@x");
}

TEST(SendmailArguments, WhatOldProgramsSayBesideTheMatterIsPassedOver_M002) {
  for (const char* line : {"-oem -oi -odb -oee",
                           "-OQueueDirectory=/tmp",
                           "-O Timeout=1s",
                           "-oQ/tmp",
                           "-Ac",
                           "-Am",
                           "-C/etc/shadow",
                           "-C /etc/shadow",
                           "-d0.1",
                           "-d",
                           "-h 3",
                           "-L tag",
                           "-m",
                           "-n",
                           "-p smtp",
                           "-U",
                           "-X/tmp/x",
                           "-X /tmp/x",
                           "-G",
                           "-em",
                           "-e q",
                           "-bm",
                           "-o i"}) {
    const auto request = parsed(std::string(line) + " root");
    ASSERT_TRUE(request) << line << ": " << request.error().text;
    EXPECT_EQ(joined(request->recipients), "root ") << line;
  }
}

TEST(SendmailArguments, WhatIsNotDoneHereIsRefused_M002) {
  for (const char* line : {"-bd",          "-bD",
                           "-bt",          "-bh",
                           "-bH",          "-be ${run{id}}",
                           "-D/tmp/x",     "-z",
                           "-q30m",        "-q1h",
                           "-qI",          "-Q",
                           "--help",       "-bsx",
                           "-b",           "-f",
                           "-F",           "-N",
                           "-N sometimes", "-N never,delay",
                           "-R some",      "-B BINARYMIME",
                           "-o",           "-X",
                           "-tf"}) {
    const auto request = parsed(line);
    ASSERT_FALSE(request) << line;
    EXPECT_EQ(request.error().code, 64) << line;
    EXPECT_NE(request.error().text.find("next: "), std::string::npos) << line;
  }
}

TEST(SendmailArguments, ARecipientIsNeverTakenForAFlagNorTheOtherWay_M006) {
  EXPECT_EQ(joined(parsed("-t -- -f@x")->recipients), "-f@x ");
  EXPECT_FALSE(parsed("-t -- -f@x")->sender);
  EXPECT_EQ(joined(parsed("-- -X/tmp/x -t")->recipients), "-X/tmp/x -t ");

  for (const char* line : {"root -X/tmp/x", "root -t", "a@x -fme@x", "-i a@x --", "-"}) {
    const auto request = parsed(line);
    ASSERT_FALSE(request) << line;
    EXPECT_EQ(request.error().code, 64) << line;
  }
}

TEST(SendmailArguments, AFlagInsideAValueIsPartOfTheValue_M001) {
  const auto request = parse_sendmail({"-f", "a\" -X/tmp/pwn.php -OQueueDirectory=/tmp @s.test", "b@r.test"});

  ASSERT_TRUE(request);
  EXPECT_EQ(*request->sender, "a\" -X/tmp/pwn.php -OQueueDirectory=/tmp @s.test");
  EXPECT_EQ(joined(request->recipients), "b@r.test ");
}

TEST(SendmailArguments, ControlCharactersInANameAreRefused_M015) {
  for (const auto& word : {"-Fx\nBcc: y@z", "-Fx\ry", "-F\x7f", "-Vx\ny"}) {
    const auto request = parse_sendmail({word, "root"});
    ASSERT_FALSE(request) << word;
    EXPECT_EQ(request.error().code, 65) << word;
  }
  EXPECT_EQ(parse_sendmail({"-FName\" <evil@x>", "root"})->full_name, "Name\" <evil@x>");
}

TEST(SendmailArguments, AnEnvelopeIdHasABound) {
  EXPECT_TRUE(parse_sendmail({"-V", std::string(100, 'x'), "root"}));
  EXPECT_EQ(parse_sendmail({"-V", std::string(101, 'x'), "root"}).error().code, 65);
}

}  // namespace
}  // namespace mailchute
