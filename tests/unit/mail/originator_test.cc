#include "mail/originator.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace mailchute {
namespace {

const std::string kReceived =
    "Received: from app.test\r\n\tby relay.test; Sun, 01 Mar 2026 12:00:00 +0000\r\n";
const std::string kRest = "Subject:  x \r\nX-Odd :y\r\n";
const std::string kName = "J\xc3\xbcrgen";

OriginatorRules login() {
  OriginatorRules rules;
  rules.from = Mailbox("10001", "qq.com");
  rules.sender = rules.from;
  rules.mail_domain = "m.test";
  return rules;
}

OriginatorRules keep() {
  OriginatorRules rules;
  rules.sender = Mailbox("a", "s.test");
  rules.mail_domain = "m.test";
  return rules;
}

/// The lines that stand where `from_lines` stood, after rewriting.
std::string rewritten(const std::string& from_lines, const OriginatorRules& rules = login()) {
  const std::string out = with_originator(kReceived + from_lines + kRest, rules);
  EXPECT_TRUE(out.starts_with(kReceived)) << out;
  EXPECT_TRUE(out.ends_with(kRest)) << out;
  return out.substr(kReceived.size(), out.size() - kReceived.size() - kRest.size());
}

struct Form {
  const char* from;
  const char* after;
};

TEST(Originator, FromBecomesTheLoginAndWhatItWasIsKept) {
  const Form forms[] = {
      {"From: <a@s.test>\r\n",
       "From: <10001@qq.com>\r\nReply-To: <a@s.test>\r\nX-Original-From: <a@s.test>\r\n"},
      {"From: Ann Smith <a@s.test>\r\n",
       "From: Ann Smith <10001@qq.com>\r\nReply-To: Ann Smith <a@s.test>\r\nX-Original-From: Ann Smith "
       "<a@s.test>\r\n"},
      {"from:\"Smith, Ann\"\r\n <a@s.test>\r\n",
       "From: \"Smith, Ann\" <10001@qq.com>\r\nReply-To: \"Smith, Ann\" <a@s.test>\r\n"
       "X-Original-From: \"Smith, Ann\" <a@s.test>\r\n"},
      {"From: root (Cron Daemon)\r\n",
       "From: Cron Daemon <10001@qq.com>\r\nReply-To: Cron Daemon <root@m.test>\r\n"
       "X-Original-From: Cron Daemon <root@m.test>\r\n"},
      {"From: root\r\n",
       "From: root <10001@qq.com>\r\nReply-To: <root@m.test>\r\nX-Original-From: <root@m.test>\r\n"},
      {"From: Ann <a@s.test>, Bob <b@s.test>\r\n",
       "From: Ann <10001@qq.com>\r\nReply-To: Ann <a@s.test>, Bob <b@s.test>\r\n"
       "X-Original-From: Ann <a@s.test>, Bob <b@s.test>\r\n"},
      {"From: Team: a@s.test, b@s.test;\r\n",
       "From: <10001@qq.com>\r\nReply-To: <a@s.test>, <b@s.test>\r\nX-Original-From: <a@s.test>, "
       "<b@s.test>\r\n"},
      {"From: a@s.test\r\nFrom: b@s.test\r\n",
       "From: <10001@qq.com>\r\nReply-To: <a@s.test>, <b@s.test>\r\nX-Original-From: <a@s.test>, "
       "<b@s.test>\r\n"},
      // Nothing to answer to; the text is what a person knows the sender by.
      {"From: Backup Job\r\n", "From: Backup Job <10001@qq.com>\r\n"},
      {"From: \"Backup\"\r\n", "From: Backup <10001@qq.com>\r\n"},
      {"From: a@@s.test\r\n", "From: \"a@@s.test\" <10001@qq.com>\r\n"},
      {"From: Ann <a@s test@x>\r\n", "From: \"Ann a@stest@x\" <10001@qq.com>\r\n"},
      {"From: undisclosed:;\r\n", "From: <10001@qq.com>\r\n"},
      {"From: =?utf-8?B?5L2g?=\r\n", "From: =?utf-8?B?5L2g?= <10001@qq.com>\r\n"},
      {"From:\r\n", "From: <10001@qq.com>\r\n"},
      {"", "From: <10001@qq.com>\r\n"},
  };
  for (const Form& form : forms) EXPECT_EQ(rewritten(form.from), form.after) << form.from;
}

TEST(Originator, AFromThatIsRightAlreadyIsNotTouched) {
  for (const char* from :
       {"From: <10001@qq.com>\r\n", "from:Ann  Smith\r\n\t<10001@QQ.COM>\r\n", "From: 10001@qq.com (Ann)\r\n",
        "From: =?utf-8?Q?J=C3=BCrgen?= <10001@qq.com>\r\n"})
    EXPECT_EQ(rewritten(std::string(from) + "DKIM-Signature: v=1; h=from\r\n"),
              std::string(from) + "DKIM-Signature: v=1; h=from\r\n");
}

TEST(Originator, AFormThatProvidersRefuseIsMendedWhereTheAddressIsRight) {
  const Form forms[] = {
      {"From: =?utf-8?B?SsO8cmdlbiA8MTAwMDFAcXEuY29tPg==?=\r\n",
       "From: =?UTF-8?B?SsO8cmdlbg==?= <10001@qq.com>\r\n"},
      {"From: \"=?utf-8?B?QW5uIDwxMDAwMUBxcS5jb20+?=\"\r\n", "From: Ann <10001@qq.com>\r\n"},
      {"From: =?utf-8?Q?10001=40qq.com?=\r\n", "From: <10001@qq.com>\r\n"},
      {"From: Ann 10001@qq.com\r\n", "From: Ann <10001@qq.com>\r\n"},
      {"From: Ann <10001@qq.com\r\n", "From: Ann <10001@qq.com>\r\n"},
      {"From: J\xc3\xbcrgen <10001@qq.com>\r\n", "From: =?UTF-8?B?SsO8cmdlbg==?= <10001@qq.com>\r\n"},
      {"From: 10001@qq.com\r\nFrom: 10001@qq.com\r\n", "From: <10001@qq.com>\r\n"},
  };
  for (const Form& form : forms) {
    const std::string after = rewritten(form.from);
    EXPECT_TRUE(equal_nocase(after, form.after)) << form.from << after;
  }
}

TEST(Originator, AnAddressInsideAnEncodedWordIsFoundInAnyCharset) {
  EXPECT_EQ(rewritten("From: =?gb2312?B?xOO6wyA8YUBzLnRlc3Q+?=\r\n"),
            "From: =?gb2312?B?xOO6ww==?= <10001@qq.com>\r\nReply-To: =?gb2312?B?xOO6ww==?= <a@s.test>\r\n"
            "X-Original-From: =?gb2312?B?xOO6ww==?= <a@s.test>\r\n");
}

TEST(Originator, RawBytesInANameAreEncodedInTheCharsetOfTheText) {
  const std::string raw = "From: \xc4\xe3\xba\xc3 <10001@qq.com>\r\n";
  EXPECT_EQ(rewritten(raw), "From: =?unknown-8bit?B?xOO6ww==?= <10001@qq.com>\r\n");
  EXPECT_EQ(rewritten(raw + "Content-Type: text/plain; charset=\"GBK\"\r\n"),
            "From: =?gbk?B?xOO6ww==?= <10001@qq.com>\r\nContent-Type: text/plain; charset=\"GBK\"\r\n");
}

TEST(Originator, ACharsetThatWouldCutTheNameInTwoIsUnknown) {
  const std::string raw =
      "From: \xc4\xe3\xba\xc3 <10001@qq.com>\r\nContent-Type: text/plain; charset=g:::\r\n";
  const std::string once = rewritten(raw);
  EXPECT_TRUE(once.starts_with("From: =?unknown-8bit?B?xOO6ww==?= <10001@qq.com>\r\n")) << once;
  EXPECT_EQ(rewritten(once), once);
}

TEST(Originator, AReplyToAndAnOriginalFromThatAreThereStay) {
  EXPECT_EQ(rewritten("Reply-To: r@s.test\r\nX-Original-From: o@s.test\r\nFrom: a@s.test\r\n"),
            "Reply-To: r@s.test\r\nX-Original-From: o@s.test\r\nFrom: <10001@qq.com>\r\n");
  // One that is empty is none.
  EXPECT_NE(rewritten("Reply-To: \r\nFrom: a@s.test\r\n").find("Reply-To: <a@s.test>"), std::string::npos);
}

TEST(Originator, SenderFollowsFromAndSignaturesOfTheOldFromGo) {
  EXPECT_EQ(
      rewritten("DKIM-Signature: v=1;\r\n b=x\r\nFrom: a@s.test\r\nARC-Seal: i=1\r\nSender: Root <root>\r\n"),
      "From: <10001@qq.com>\r\nReply-To: <a@s.test>\r\nX-Original-From: <a@s.test>\r\nARC-Seal: i=1\r\n"
      "Sender: Root <10001@qq.com>\r\n");
}

TEST(Originator, ResentFieldsAreLeftAlone) {
  const std::string resent = "Resent-From: root\r\nResent-Sender: r\r\nResent-To: b\r\n";
  EXPECT_TRUE(rewritten(resent + "From: <10001@qq.com>\r\n").starts_with(resent));
  EXPECT_TRUE(rewritten(resent + "From: a@s.test\r\n").starts_with(resent));
}

TEST(Originator, KeepChangesNothingThatIsQualified) {
  for (const char* lines :
       {"From: a@s.test\r\nTo: b@r.test, \"c d\" <c@r.test>\r\n", "From: Backup Job\r\n",
        "From: =?utf-8?B?YUBi?=\r\n",
        "FROM :a@s.test\r\nFrom: J\xc3\xbcrgen <b@s.test>\r\nTo: undisclosed-recipients:;\r\n"})
    EXPECT_EQ(rewritten(lines, keep()), lines);
}

TEST(Originator, KeepCompletesBareNames) {
  EXPECT_EQ(rewritten("From: \"(Cron Daemon)\" <root>\r\nTo: root, b@r.test\r\nCc:bob\r\nSender: root\r\n"
                      "DKIM-Signature: x\r\n",
                      keep()),
            "From: \"(Cron Daemon)\" <root@m.test>\r\nTo: root@m.test, b@r.test\r\nCc:bob@m.test\r\n"
            "Sender: root@m.test\r\n");
}

TEST(Originator, AMissingFromIsTheEnvelopesSender) {
  EXPECT_EQ(rewritten("", keep()), "From: <a@s.test>\r\n");
  OriginatorRules null_sender = keep();
  null_sender.sender.reset();
  EXPECT_EQ(rewritten("", null_sender), "");
  EXPECT_EQ(with_originator("", keep()), "From: <a@s.test>\r\n");
  EXPECT_EQ(with_originator("Received: x", keep()), "Received: x\r\nFrom: <a@s.test>\r\n");
}

TEST(Originator, AStrayLineDoesNotBecomePartOfWhatIsAdded) {
  EXPECT_EQ(with_originator(" stray\r\nSubject: x\r\n", keep()),
            " stray\r\nFrom: <a@s.test>\r\nSubject: x\r\n");
  EXPECT_EQ(with_originator(" stray\r\n", keep()), " stray\r\nFrom: <a@s.test>\r\n");
}

TEST(Originator, WithoutANameOfThisMachineThereIsNothingToAnswerTo) {
  OriginatorRules rules = login();
  rules.mail_domain = "[127.0.0.1]";
  EXPECT_EQ(rewritten("From: root\r\n", rules),
            "From: root <10001@qq.com>\r\nX-Original-From: <root@[127.0.0.1]>\r\n");
  rules.mail_domain.clear();
  EXPECT_EQ(rewritten("From: root\r\n", rules), "From: root <10001@qq.com>\r\n");
}

TEST(Originator, AnAddressBeyondAsciiIsWrittenOnlyWhereSmtpUtf8Goes) {
  const std::string from = "From: " + kName + " <\xc3\xbc@s.test>\r\n";
  OriginatorRules rules = login();
  EXPECT_EQ(rewritten(from, rules),
            "From: =?UTF-8?B?SsO8cmdlbg==?= <10001@qq.com>\r\nX-Original-From: =?UTF-8?B?w7xAcy50ZXN0?=\r\n");
  rules.utf8 = OriginatorRules::Utf8::Allowed;
  EXPECT_EQ(rewritten(from, rules),
            "From: =?UTF-8?B?SsO8cmdlbg==?= <10001@qq.com>\r\nReply-To: =?UTF-8?B?SsO8cmdlbg==?= "
            "<\xc3\xbc@s.test>\r\n"
            "X-Original-From: =?UTF-8?B?SsO8cmdlbg==?= <\xc3\xbc@s.test>\r\n");
}

TEST(Originator, NoLineIsLongerThanAllowedWhateverTheNameIs) {
  for (const std::string& name :
       {std::string(5000, 'x'), std::string(3000, '\xe4'), std::string(3000, '"'), std::string(2000, '\\'),
        std::string(900, ' ') + "x", std::string(400, ',')}) {
    const std::string out = with_originator("From: " + name + " <a@s.test>\r\nTo: b@r.test\r\n", login());
    for (std::string_view line : split(out, '\n')) EXPECT_LE(line.size(), 999u);
    EXPECT_NE(out.find("<10001@qq.com>\r\n"), std::string::npos);
  }
}

}  // namespace
}  // namespace mailchute
