#include "mail/intake.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "mail/header.h"
#include "mail/seven_bit.h"
#include "unit/split.h"

namespace mailchute {
namespace {

using namespace std::string_literals;

constexpr std::size_t kHeaderBytes = 4096;
constexpr char kReceived[] =
    "Received: from c.test ([127.0.0.1]) (uid 1000)\r\n"
    "\tby relay.test (mailchute) with ESMTP id 1A2B3C4D5E6F;\r\n"
    "\tSun, 01 Mar 2026 12:00:00 +0000\r\n";
constexpr char kDate[] = "Date: Sun, 01 Mar 2026 12:00:00 +0000\r\n";
constexpr char kMessageId[] = "Message-ID: <1A2B3C4D5E6F@mail.test>\r\n";

TraceFacts facts() {
  TraceFacts facts;
  facts.id = *MessageId::parse("1A2B3C4D5E6F");
  facts.by = "relay.test";
  facts.helo = "c.test";
  facts.peer = "127.0.0.1";
  facts.uid = 1000;
  facts.protocol = "ESMTP";
  facts.received = WallTime(std::chrono::seconds(1'772'366'400));
  facts.mail_domain = "mail.test";
  return facts;
}

/// Feeds `content` in every way it can be cut and expects the same to be stored each time.
void expect_stored(const std::string& content, const std::string& stored,
                   std::size_t header_bytes = kHeaderBytes) {
  test::for_every_split(content, [&](const test::Pieces& pieces) {
    Intake intake(facts(), header_bytes);
    std::string out;
    for (std::string_view piece : pieces) out += intake.take(piece);
    out += intake.finish();

    ASSERT_EQ(out, stored);
    ASSERT_FALSE(intake.refusal());
  });
}

void expect_refused(const std::string& content, int code, const std::string& enhanced,
                    std::size_t header_bytes = kHeaderBytes, const std::string& token = "") {
  test::for_every_split(content, [&](const test::Pieces& pieces) {
    TraceFacts ours = facts();
    ours.token = token;
    Intake intake(ours, header_bytes);
    std::string out;
    for (std::string_view piece : pieces) out += intake.take(piece);
    out += intake.finish();

    ASSERT_TRUE(intake.refusal());
    ASSERT_EQ(intake.refusal()->code, code);
    ASSERT_EQ(intake.refusal()->enhanced, enhanced);
    ASSERT_EQ(out, "");
  });
}

HeaderSummary summary_of(const std::string& content) {
  Intake intake(facts(), kHeaderBytes);
  intake.take(content);
  intake.finish();
  return intake.summary();
}

std::string first_field_of(const TraceFacts& trace) {
  Intake intake(trace, kHeaderBytes);
  const std::string stored = intake.take("\r\n");
  HeaderReader reader(stored);
  return std::string(reader.next()->raw);
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Intake, PutsItsTraceOnTopAndChangesNothingOfACompleteMessage) {
  const std::string content =
      "Date: x\r\nMessage-ID: <a@b>\r\nSubject: hi\r\n\r\nbody\r\n\r\n more: text\r\n";

  expect_stored(content, kReceived + content);
}

TEST(Intake, S136AddsDateAndMessageIdAtTheEndOfTheHeader) {
  expect_stored("From: a@b\r\nTo: c@d\r\n\r\nbody\r\n",
                kReceived + "From: a@b\r\nTo: c@d\r\n"s + kDate + kMessageId + "\r\nbody\r\n");
  expect_stored("date : x\r\n\r\nbody\r\n", kReceived + "date : x\r\n"s + kMessageId + "\r\nbody\r\n");
  expect_stored("MESSAGE-ID:\r\n <a@b>\r\n\r\nbody\r\n",
                kReceived + "MESSAGE-ID:\r\n <a@b>\r\n"s + kDate + "\r\nbody\r\n");
}

TEST(Intake, FieldsOfTheBodyCountForNothing) {
  expect_stored("From: a@b\r\n\r\nDate: x\r\nMessage-ID: y\r\n",
                kReceived + "From: a@b\r\n"s + kDate + kMessageId + "\r\nDate: x\r\nMessage-ID: y\r\n");
}

TEST(Intake, AFoldThatLooksLikeAFieldIsNone) {
  expect_stored("From: a@b\r\n Date: x\r\n\r\n",
                kReceived + "From: a@b\r\n Date: x\r\n"s + kDate + kMessageId + "\r\n");
}

TEST(Intake, AnEmptyMessageIsLegal) { expect_stored("", kReceived + std::string(kDate) + kMessageId); }

TEST(Intake, AnEmptyHeaderIsLegal) {
  expect_stored("\r\nbody: of it\r\n", kReceived + std::string(kDate) + kMessageId + "\r\nbody: of it\r\n");
}

TEST(Intake, AMessageThatEndsInsideItsHeaderIsLegal) {
  expect_stored("From: a@b\r\nSubject: hi\r\n",
                kReceived + "From: a@b\r\nSubject: hi\r\n"s + kDate + kMessageId);
  expect_stored("Subject: hi", kReceived + "Subject: hi\r\n"s + kDate + kMessageId);
  expect_stored("Date: x\r\nMessage-ID: y", kReceived + "Date: x\r\nMessage-ID: y"s);
}

TEST(Intake, ABodyWithoutHeaderIsKeptFromBeingReadAsOne) {
  const std::string header = kReceived + std::string(kDate) + kMessageId + "\r\n";
  for (const char* content :
       {"hello there\r\nSubject: not one\r\n\r\nmore\r\n", "hello", "a", " Subject: folded\r\n", ": x\r\n",
        "From app@host Sun Mar  1 12:00:00 2026\r\nSubject: x\r\n\r\nbody\r\n", "\xE7\x94\xA8: x\r\n", "\r"})
    expect_stored(content, header + content);
}

TEST(Intake, ALineThatIsNoFieldSendsOurFieldsToTheTop) {
  const std::string content = "Content-Type: multipart/mixed;\r\nboundary=\"x\"\r\nTo: a@b\r\n\r\nbody\r\n";

  expect_stored(content, kReceived + std::string(kDate) + kMessageId + content);
}

TEST(Intake, ALongBodyLinePassesWithoutBeingHeld) {
  Intake intake(facts(), kHeaderBytes);
  intake.take("Subject: x\r\n\r\n");
  const std::string line(100'000, 'x');

  EXPECT_EQ(intake.take(line), line);
  EXPECT_EQ(intake.take(line), line);
  EXPECT_EQ(intake.finish(), "");
}

TEST(Intake, AFirstLineWithoutEndIsTextOnceItCannotBeAField) {
  Intake intake(facts(), kHeaderBytes);
  std::string out;
  for (int i = 0; i < 1100; ++i) out += intake.take("x");

  EXPECT_TRUE(out.ends_with("\r\n\r\n" + std::string(1100, 'x')));
}

TEST(Intake, S139AMessageThatHasBeenInThisQueueBeforeIsALoop) {
  const std::string token = "0123456789ab";
  TraceFacts before = facts();
  before.token = token;
  Intake earlier(before, kHeaderBytes);
  std::string once = earlier.take("Subject: x\r\n\r\nhi\r\n");
  once += earlier.finish();
  ASSERT_NE(once.find("by relay.test (mailchute 0123456789ab) with"), std::string::npos) << once;

  expect_refused("Received: from elsewhere by provider.test; Sun, 01 Mar 2026 12:00:01 +0000\r\n" + once, 554,
                 "5.4.6", kHeaderBytes, token);
  expect_refused("Received: by relay.test (mailchute\r\n 0123456789ab)\r\n\r\n", 554, "5.4.6", kHeaderBytes,
                 token);
}

TEST(Intake, AnotherQueuesTraceLineAndOurTokenElsewhereAreNoLoop) {
  for (const char* content :
       {"Received: by relay.test (mailchute ba9876543210) with SMTP\r\n\r\nhi\r\n",
        "X-Note: 0123456789ab\r\n\r\nhi\r\n", "Subject: x\r\n\r\nReceived: 0123456789ab\r\n"}) {
    TraceFacts ours = facts();
    ours.token = "0123456789ab";
    Intake intake(ours, kHeaderBytes);
    intake.take(content);
    intake.finish();
    EXPECT_FALSE(intake.refusal()) << content;
  }
}

TEST(Intake, MtPriorityAboveZeroIsUrgent) {
  const auto urgent = [](const std::string& field) {
    Intake intake(facts(), kHeaderBytes);
    intake.take(field + "\r\n\r\nhi\r\n");
    return intake.summary().urgent;
  };

  for (const char* above : {"MT-Priority: 3", "MT-Priority: +9", "mt-priority:  1 "})
    EXPECT_TRUE(urgent(above)) << above;
  for (const char* not_above :
       {"MT-Priority: 0", "MT-Priority: -4", "MT-Priority: 10", "MT-Priority: high", "MT-Priority:"})
    EXPECT_FALSE(urgent(not_above)) << not_above;
}

TEST(Intake, S138AHundredTraceLinesPassAndOneMoreIsALoop) {
  std::string content;
  for (int i = 0; i < limits::kReceivedLines; ++i) content += "Received: x\r\n";

  Intake passing(facts(), kHeaderBytes);
  passing.take(content + "\r\n");
  EXPECT_FALSE(passing.refusal());
  expect_refused("RECEIVED : x\r\n" + content + "\r\nbody\r\n", 554, "5.4.6");
  expect_refused("Received: x\r\n" + content, 554, "5.4.6");
}

TEST(Intake, AHeaderOfTheAllowedSizePassesAndOneByteMoreDoesNot) {
  constexpr std::size_t kAllowed = 100;
  const std::string fits = "Subject: " + std::string(kAllowed - 11, 'x') + "\r\n";
  ASSERT_EQ(fits.size(), kAllowed);
  const std::string too_large = "S" + fits;

  expect_stored(fits + "\r\nbody", kReceived + fits + kDate + kMessageId + "\r\nbody", kAllowed);
  expect_stored(fits, kReceived + fits + kDate + kMessageId, kAllowed);
  expect_refused(too_large + "\r\nbody", 552, "5.3.4", kAllowed);
  expect_refused(too_large, 552, "5.3.4", kAllowed);
}

TEST(Intake, AHeaderWithoutEndIsRefusedWhileItComesAndNoMoreIsHeld) {
  Intake intake(facts(), kHeaderBytes);
  intake.take("A: b\r\n");
  for (int i = 0; i < 1000 && !intake.refusal(); ++i)
    intake.take("X-Field: " + std::string(60, 'x') + "\r\n");

  ASSERT_TRUE(intake.refusal());
  EXPECT_EQ(intake.refusal()->code, 552);
  EXPECT_EQ(intake.take("\r\nbody"), "");
  EXPECT_EQ(intake.finish(), "");
}

TEST(Intake, SummaryIsUnfoldedAndBounded) {
  const HeaderSummary summary = summary_of(
      "subject: a\r\n folded line \r\nFrom : Ann <a@b>\r\nMessage-Id: <x@y>\r\n\r\nSubject: no\r\n");

  EXPECT_EQ(summary.subject, "a folded line");
  EXPECT_EQ(summary.from, "Ann <a@b>");
  EXPECT_EQ(summary.message_id, "<x@y>");
  EXPECT_FALSE(summary.automatic);
  EXPECT_EQ(summary_of("Subject: " + std::string(2000, 'x') + "\r\n\r\n").subject, std::string(512, 'x'));
}

TEST(Intake, SummaryTellsTheMessageIdThatWasAdded) {
  EXPECT_EQ(summary_of("From: a@b\r\n\r\n").message_id, "<1A2B3C4D5E6F@mail.test>");
  EXPECT_EQ(summary_of("no header at all\r\n").message_id, "<1A2B3C4D5E6F@mail.test>");
}

TEST(Intake, SummaryKnowsAutomaticMail) {
  for (const char* field :
       {"Auto-Submitted: auto-generated", "auto-submitted: auto-replied (vacation)",
        "Auto-Submitted: auto-notified; x=y", "Precedence: bulk", "Precedence: JUNK", "precedence: list"})
    EXPECT_TRUE(summary_of(field + "\r\n\r\n"s).automatic) << field;
  for (const char* field : {"Auto-Submitted: no", "Auto-Submitted: No (really)",
                            "Auto-Submitted:", "Precedence: first-class", "X: bulk"})
    EXPECT_FALSE(summary_of(field + "\r\n\r\n"s).automatic) << field;
}

TEST(Trace, S140TellsPeerUidProtocolAndId) { EXPECT_EQ(first_field_of(facts()), kReceived); }

TEST(Trace, SaysSoWhenTheUidIsUnknown) {
  TraceFacts trace = facts();
  trace.uid.reset();

  EXPECT_NE(first_field_of(trace).find("(uid unknown)"), std::string::npos);
}

TEST(Trace, NamesWhoLoggedIn) {
  TraceFacts remote = facts();
  remote.uid.reset();
  remote.login = "scanner@office";
  remote.protocol = "ESMTPSA";
  TraceFacts local = facts();
  local.login = "evil) (uid 0\r\nBcc: x";

  EXPECT_TRUE(
      first_field_of(remote).starts_with("Received: from c.test ([127.0.0.1]) (login scanner@office)\r\n"
                                         "\tby relay.test (mailchute) with ESMTPSA id 1A2B3C4D5E6F;"));
  EXPECT_TRUE(holds(first_field_of(local), "(uid 1000, login evil???uid?0??Bcc??x)\r\n"));
}

TEST(Trace, OfTheSendmailSocketHasNoPeer) {
  TraceFacts trace = facts();
  trace.helo.clear();
  trace.peer.clear();
  trace.protocol = "local";

  EXPECT_TRUE(first_field_of(trace).starts_with(
      "Received: (uid 1000)\r\n\tby relay.test (mailchute) with local id 1A2B3C4D5E6F;\r\n"));
}

TEST(Trace, AnIpv6PeerIsALiteral) {
  TraceFacts trace = facts();
  trace.peer = "::1";

  EXPECT_TRUE(first_field_of(trace).starts_with("Received: from c.test ([IPv6:::1]) (uid 1000)\r\n"));
}

TEST(Trace, S019TheNameAClientGaveItselfCannotLeaveItsPlace) {
  for (const std::string& helo :
       {"x\r\nBcc: evil@x\r\n\r\n"s, "<script>"s, "${run{id}}"s, "';drop table queue;--"s, "a) (uid 0"s,
        "a\0b"s, "\xE2\x80\xAE"s, std::string(40, '(')}) {
    TraceFacts trace = facts();
    trace.helo = helo;

    const std::string field = first_field_of(trace);
    EXPECT_TRUE(is_seven_bit(field));
    EXPECT_TRUE(holds(field, "(uid 1000)")) << field;
    EXPECT_TRUE(holds(field, " id 1A2B3C4D5E6F;\r\n")) << field;
    EXPECT_EQ(field.find_first_of("<>{}';$\""), field.find(';')) << field;
    EXPECT_EQ(std::count(field.begin(), field.end(), '('), 3) << field;
  }
}

TEST(Trace, AnEndlessNameIsCut) {
  TraceFacts trace = facts();
  trace.helo = std::string(5000, 'h');

  const std::string field = first_field_of(trace);
  EXPECT_TRUE(is_seven_bit(field));
  EXPECT_TRUE(holds(field, "\r\n\t(uid 1000)\r\n"));
  EXPECT_EQ(std::count(field.begin(), field.end(), 'h'), 255 + 2);
}

TEST(Trace, LinesStayWithin78BytesForNamesOfCommonLength) {
  TraceFacts trace = facts();
  trace.helo = "a-host-name-of-forty-characters.example.net";
  trace.by = "another-host-name-of-some-length.example.net";
  trace.peer = "2001:db8:1234:5678:9abc:def0:1234:5678";

  const std::string field = first_field_of(trace);
  for (std::size_t at = 0, end = 0; (end = field.find("\r\n", at)) != std::string::npos; at = end + 2)
    EXPECT_LE(end - at, 78u) << field;
}

}  // namespace
}  // namespace mailchute
