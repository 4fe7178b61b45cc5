#include "mail/notice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mail/header.h"
#include "mail/notice_status.h"
#include "mail/seven_bit.h"

namespace mailchute {
namespace {

using namespace std::string_literals;
using Action = NoticeRecipient::Action;

NoticeRecipient refused_recipient() {
  NoticeRecipient recipient;
  recipient.recipient.mailbox = Mailbox("bob", "example.org");
  recipient.reply = {550, "5.1.1", "no such user here"};
  recipient.stage = Stage::RcptTo;
  recipient.upstream_host = "smtp.example.com";
  return recipient;
}

NoticeFacts facts_with(NoticeRecipient recipient) {
  NoticeFacts facts;
  facts.notice_id = *MessageId::parse("1A2B3C4D5E6G");
  facts.id = *MessageId::parse("1A2B3C4D5E6F");
  facts.reporting_mta = "relay.test";
  facts.mail_domain = "mail.test";
  facts.to = {Mailbox("ann", "mail.test")};
  facts.sender = Mailbox("ann", "mail.test");
  facts.recipients.push_back(std::move(recipient));
  facts.arrived = WallTime(std::chrono::seconds(1'772'366'400));
  facts.now = WallTime(std::chrono::seconds(1'772'366'460));
  facts.original_header =
      "From: ann@mail.test\r\nTo: bob@example.org\r\nSubject: lunch\r\nMessage-ID: <one@mail.test>\r\n";
  facts.original_subject = "lunch";
  return facts;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The content between the boundaries: what stands before the first, and each part.
std::vector<std::string> parts_of(const std::string& notice) {
  const std::size_t at = notice.find("boundary=\"") + 10;
  const std::string mark = "--" + notice.substr(at, notice.find('"', at) - at);
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = notice.find("\r\n" + mark, begin)) != std::string::npos;
       begin = end + mark.size() + 4)
    parts.push_back(notice.substr(begin, end - begin));
  return parts;
}

/// What holds for every notice, whatever the facts.
void expect_sound(const std::string& notice) {
  EXPECT_TRUE(is_seven_bit(notice)) << notice;
  EXPECT_TRUE(notice.ends_with("--\r\n"));
  EXPECT_EQ(parts_of(notice).size(), 4u) << notice;
  HeaderReader reader(notice);
  int fields = 0;
  while (const auto field = reader.next()) {
    EXPECT_FALSE(field->name.empty());
    EXPECT_FALSE(field->is("Bcc"));
    ++fields;
  }
  EXPECT_GE(fields, 8);
  EXPECT_LE(fields, 10);
}

std::string status_of(Action action, Reply reply, bool expired = false) {
  NoticeRecipient recipient = refused_recipient();
  recipient.action = action;
  recipient.reply = std::move(reply);
  recipient.expired = expired;
  return status_code(recipient);
}

TEST(Notice, IsAReportThatNoVacationProgramAnswers) {
  const std::string notice = write_notice(facts_with(refused_recipient()));

  expect_sound(notice);
  for (const char* field :
       {"From: Mail Delivery System <MAILER-DAEMON@mail.test>\r\n", "To: <ann@mail.test>\r\n",
        "Subject: Undelivered mail: lunch\r\n", "Date: Sun, 01 Mar 2026 12:01:00 +0000\r\n",
        "Message-ID: <1A2B3C4D5E6G@mail.test>\r\n", "In-Reply-To: <one@mail.test>\r\n",
        "Auto-Submitted: auto-replied\r\n",
        "Content-Type: multipart/report; report-type=delivery-status;\r\n"})
    EXPECT_TRUE(holds(notice, field)) << field;
}

TEST(Notice, TellsAPersonWhatHappenedInTheServersOwnWords) {
  const std::string text = parts_of(write_notice(facts_with(refused_recipient())))[1];

  for (const char* words :
       {"bob@example.org\r\n", "smtp.example.com answered:\r\n", "      550 5.1.1 no such user here\r\n",
        "check the address", "Name in the queue: 1A2B3C4D5E6F", "Subject: lunch\r\n"})
    EXPECT_TRUE(holds(text, words)) << words << "\n" << text;
}

TEST(Notice, TellsAProgramTheSame) {
  NoticeRecipient recipient = refused_recipient();
  recipient.recipient.original = "rfc822;Bob+2Bx@example.org";
  NoticeFacts facts = facts_with(recipient);
  facts.envelope_id = "QQ+2B314159";

  EXPECT_EQ(delivery_status(facts),
            "Reporting-MTA: dns; relay.test\r\n"
            "Arrival-Date: Sun, 01 Mar 2026 12:00:00 +0000\r\n"
            "X-Mailchute-Queue-Id: 1A2B3C4D5E6F\r\n"
            "Original-Envelope-Id: QQ+314159\r\n"
            "\r\n"
            "Original-Recipient: rfc822; Bob+x@example.org\r\n"
            "Final-Recipient: rfc822; bob@example.org\r\n"
            "Action: failed\r\n"
            "Status: 5.1.1\r\n"
            "Remote-MTA: dns; smtp.example.com\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user here\r\n");
}

TEST(Notice, ReturnsTheHeaderOfTheMessage) {
  const NoticeFacts facts = facts_with(refused_recipient());

  EXPECT_EQ(
      parts_of(write_notice(facts))[3],
      "Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + facts.original_header);
}

TEST(Notice, EachRecipientHasAGroupOfItsOwn) {
  NoticeFacts facts = facts_with(refused_recipient());
  NoticeRecipient late = refused_recipient();
  late.recipient.mailbox = Mailbox("carol", "example.org");
  late.action = Action::Delayed;
  late.reply = {0, "", "connection refused"};
  late.stage = Stage::Connect;
  late.upstream_host.clear();
  facts.recipients.push_back(late);

  const auto parts = parts_of(write_notice(facts));

  EXPECT_TRUE(holds(parts[1], "will not be tried again"));
  EXPECT_TRUE(holds(parts[1], "is being tried again"));
  EXPECT_TRUE(
      holds(parts[2],
            "\r\n\r\nFinal-Recipient: rfc822; carol@example.org\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
            "Diagnostic-Code: X-mailchute; connection refused\r\n"));
}

TEST(Notice, StatusOfAFailureIsTheServersWhenItsClassAgrees) {
  EXPECT_EQ(status_of(Action::Failed, {550, "5.7.1", ""}), "5.7.1");
  EXPECT_EQ(status_of(Action::Failed, {550, "", ""}), "5.0.0");
  EXPECT_EQ(status_of(Action::Failed, {550, "2.1.0", ""}), "5.0.0");
  EXPECT_EQ(status_of(Action::Failed, {0, "5.6.7", "needs SMTPUTF8"}), "5.6.7");
  EXPECT_EQ(status_of(Action::Failed, {0, "", ""}), "5.0.0");
}

TEST(Notice, GivingUpAfterTemporaryAnswersDoesNotClaimARefusal) {
  EXPECT_EQ(status_of(Action::Failed, {450, "4.2.1", ""}), "4.2.1");
  EXPECT_EQ(status_of(Action::Failed, {450, "", ""}), "4.0.0");
  EXPECT_EQ(status_of(Action::Failed, {450, "4.2.1", ""}, true), "4.4.7");
  EXPECT_EQ(status_of(Action::Failed, {}, true), "4.4.7");
}

TEST(Notice, StatusOfADelayIsAlwaysTemporary) {
  EXPECT_EQ(status_of(Action::Delayed, {421, "4.7.0", ""}), "4.7.0");
  EXPECT_EQ(status_of(Action::Delayed, {535, "5.7.8", ""}), "4.7.8");
  EXPECT_EQ(status_of(Action::Delayed, {535, "", ""}), "4.0.0");
  EXPECT_EQ(status_of(Action::Delayed, {}), "4.0.0");
}

TEST(Notice, StatusOfARelayedMessageIsASuccess) {
  EXPECT_EQ(status_of(Action::Relayed, {250, "2.1.5", ""}), "2.1.5");
  EXPECT_EQ(status_of(Action::Relayed, {250, "", ""}), "2.0.0");
}

TEST(Notice, C035ABrokenEnhancedCodeIsNotRepeatedAsAStatus) {
  for (const char* enhanced :
       {"5.999999.1", "5.1", "5.1.1.1", "5..1", "6.1.1", "5.01.1", "5.1.x", "5.1.1\r\nBcc: x"})
    EXPECT_EQ(status_of(Action::Failed, {550, enhanced, ""}), "5.0.0") << enhanced;
}

TEST(Notice, ADoubtfulDeliveryIsCalledDoubtful) {
  NoticeRecipient recipient = refused_recipient();
  recipient.in_doubt = true;
  recipient.reply = {0, "", "connection lost"};
  const auto parts = parts_of(write_notice(facts_with(recipient)));

  EXPECT_TRUE(holds(parts[1], "Please ask the recipient before"));
  EXPECT_TRUE(holds(parts[2], "Status: 4.4.2\r\n"));
}

TEST(Notice, AnExpiredMessageSaysSo) {
  NoticeRecipient recipient = refused_recipient();
  recipient.expired = true;

  EXPECT_TRUE(holds(parts_of(write_notice(facts_with(recipient)))[1], "time for it ran out"));
}

TEST(Notice, TitlesTellTheWorst) {
  NoticeRecipient recipient = refused_recipient();
  recipient.action = Action::Delayed;
  EXPECT_TRUE(holds(write_notice(facts_with(recipient)), "Subject: Delayed mail: lunch\r\n"));
  recipient.action = Action::Relayed;
  EXPECT_TRUE(holds(write_notice(facts_with(recipient)), "Subject: Mail passed on: lunch\r\n"));
}

TEST(Notice, C036NothingThatAPeerSaidCanLeaveItsPlace) {
  const std::string evil =
      "x\r\nBcc: evil@x\r\n\r\n--=_1A2B3C4D5E6G.1--\r\n\x1B[2J\0\x85\xFF<script>%s{}\nAction: delivered"s;
  NoticeRecipient recipient = refused_recipient();
  recipient.recipient.mailbox = Mailbox(evil, evil);
  recipient.recipient.original = "rfc822;b+0D+0ABcc:+20evil@x";
  recipient.reply = {550, evil, evil};
  recipient.upstream_host = evil;
  NoticeFacts facts = facts_with(recipient);
  facts.to = {Mailbox("a b\r\nBcc: x", "mail.test")};
  facts.sender = facts.to[0];
  facts.reporting_mta = facts.mail_domain = facts.original_subject = evil;
  facts.envelope_id = "a+0D+0Ab";
  facts.original_header = "Message-ID: <a\r\n Bcc:x>\r\nSubject: " + evil;

  const std::string notice = write_notice(facts);

  expect_sound(notice);
  const auto parts = parts_of(notice);
  for (std::size_t part = 0; part < 3; ++part) {  // The fourth is the header as its writer wrote it.
    EXPECT_FALSE(holds(parts[part], "\r\nBcc")) << part;
    EXPECT_FALSE(holds(parts[part], "\r\nAction: delivered")) << part;
  }
  EXPECT_FALSE(holds(notice, "Original-Recipient"));
  EXPECT_FALSE(holds(notice, "Original-Envelope-Id"));
}

TEST(Notice, ABoundaryInTheReturnedHeaderEndsNothing) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original_header = "Subject: x\r\nX-A: y\r\n --=_1A2B3C4D5E6G.1--\r\n --=_1A2B3C4D5E6G.2--\r\n";

  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(holds(parts_of(notice)[3], "1A2B3C4D5E6G.2--"));
}

TEST(Notice, AHeaderInUtf8IsReturnedEncoded) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original_header = "Subject: \xE7\x94\xA8\r\n";
  facts.original_subject = "\xE7\x94\xA8";

  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(holds(notice, "Subject: Undelivered mail: =?UTF-8?B?55So?=\r\n"));
  EXPECT_TRUE(holds(
      parts_of(notice)[3],
      "message/global-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: =E7=94=A8\r\n"));
}

TEST(Notice, AHeaderInAnUnknownCharsetIsReturnedEncodedToo) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original_header = "Subject: \xD3\xC3\r\n";

  EXPECT_TRUE(
      holds(parts_of(write_notice(facts))[3],
            "text/rfc822-headers\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: =D3=C3\r\n"));
}

TEST(Notice, AReplyInChineseIsReadableForThePersonAndEscapedForTheProgram) {
  NoticeRecipient recipient = refused_recipient();
  recipient.reply.text = "\xE7\x94\xA8\xE6\x88\xB7";
  const auto parts = parts_of(write_notice(facts_with(recipient)));

  EXPECT_TRUE(holds(parts[1], "550 5.1.1 =E7=94=A8=E6=88=B7\r\n"));
  EXPECT_TRUE(holds(parts[2], "Diagnostic-Code: smtp; 550 5.1.1 \\xe7\\x94\\xa8\\xe6\\x88\\xb7\r\n"));
}

TEST(Notice, AddressesBeyondAsciiTakeTheFormsForSevenBitMail) {
  NoticeRecipient recipient = refused_recipient();
  recipient.recipient.mailbox = Mailbox("\xE7\x94\xA8", "example.org");
  NoticeFacts facts = facts_with(recipient);
  facts.to = {Mailbox("\xE7\x94\xA8", "mail.test")};

  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(holds(notice, "Final-Recipient: utf-8; \\x{7528}@example.org\r\n"));
  EXPECT_TRUE(holds(notice, "To: =?UTF-8?B?55SoQG1haWwudGVzdA==?= :;\r\n"));
}

TEST(Notice, BareNamesAreCompleted) {
  NoticeRecipient recipient = refused_recipient();
  recipient.recipient.mailbox = Mailbox("root", "");
  NoticeFacts facts = facts_with(recipient);
  facts.to = {Mailbox("www-data", "")};

  const std::string notice = write_notice(facts);

  EXPECT_TRUE(holds(notice, "To: <www-data@mail.test>\r\n"));
  EXPECT_TRUE(holds(notice, "Final-Recipient: rfc822; root@mail.test\r\n"));
}

TEST(Notice, LongRepliesAreFolded) {
  NoticeRecipient recipient = refused_recipient();
  recipient.reply.text.clear();
  for (int i = 0; i < 60; ++i)
    recipient.reply.text += "https://help.example.com/answer/" + std::to_string(i) + "\n";
  const std::string notice = write_notice(facts_with(recipient));

  expect_sound(notice);
  for (std::size_t at = 0, end = 0; (end = notice.find("\r\n", at)) != std::string::npos; at = end + 2)
    EXPECT_LE(end - at, 78u);
}

TEST(Notice, SaysWhoseTroubleItIsUnlessTheReplyIsExplained) {
  NoticeRecipient recipient = refused_recipient();
  recipient.blame = Blame::Sender;
  EXPECT_TRUE(holds(parts_of(write_notice(facts_with(recipient)))[1], "about the address that the message"));

  recipient.explanation = "The provider takes mail from the login address only.";
  const std::string text = parts_of(write_notice(facts_with(recipient)))[1];
  EXPECT_TRUE(holds(text, "    The provider takes mail from the login address only.\r\n"));
  EXPECT_FALSE(holds(text, "about the address that the message"));
}

TEST(Notice, ADelaySaysWhenItIsTriedAgainAndUntilWhen) {
  NoticeRecipient recipient = refused_recipient();
  recipient.action = Action::Delayed;
  recipient.blame = Blame::Upstream;
  recipient.reply = {0, "", "connection refused"};
  recipient.next_attempt = WallTime(std::chrono::seconds(1'772'370'000));
  NoticeFacts facts = facts_with(recipient);
  facts.expires = WallTime(std::chrono::seconds(1'772'798'400));
  const std::string text = parts_of(write_notice(facts))[1];

  for (const char* words : {"until Fri, 06 Mar 2026 12:00:00", "again about Sun, 01 Mar 2026 13:00:00 +0000.",
                            "between this machine and its mail provider", "need not send it"})
    EXPECT_TRUE(holds(text, words)) << words << "\n" << text;
}

TEST(Notice, SeveralReadersShareOneToField) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.to = {Mailbox("ops", "mail.test"), Mailbox("carol", "example.org")};
  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(holds(notice, "To: <ops@mail.test>, <carol@example.org>\r\n"));
  EXPECT_TRUE(holds(notice, "Sent by: ann@mail.test\r\n"));
}

TEST(Notice, ASmallOriginalIsReturnedWhole) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original = facts.original_header + "\r\nthe body\r\n";
  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_EQ(parts_of(notice)[3],
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + facts.original);
}

TEST(Notice, AnOriginalOfEightBitsMakesTheNoticeOneToo) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original = facts.original_header + "\r\n\xE7\x94\xA8\r\n";
  const std::string notice = write_notice(facts);
  const auto parts = parts_of(notice);

  EXPECT_TRUE(holds(parts[0], "Content-Transfer-Encoding: 8bit\r\n"));
  EXPECT_EQ(parts[3],
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + facts.original);
}

TEST(Notice, AnOriginalWithEndlessLinesIsReturnedByItsHeader) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original = facts.original_header + "\r\n" + std::string(999, 'x') + "\r\n";
  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(parts_of(notice)[3].starts_with("Content-Type: text/rfc822-headers"));
}

TEST(Notice, ComingBackToUsItIsKnownAsAutomatic) {
  const std::string notice = write_notice(facts_with(refused_recipient()));
  HeaderReader reader(notice);
  bool automatic = false;
  while (const auto field = reader.next())
    automatic |= field->is("Auto-Submitted") && unfolded(field->value, 40) == "auto-replied";
  EXPECT_TRUE(automatic);
}

TEST(Notice, WithoutAHeaderToReturnIsStillWhole) {
  NoticeFacts facts = facts_with(refused_recipient());
  facts.original_header.clear();
  facts.original_subject.clear();

  const std::string notice = write_notice(facts);

  expect_sound(notice);
  EXPECT_TRUE(holds(notice, "Subject: Undelivered mail\r\n"));
}

}  // namespace
}  // namespace mailchute
