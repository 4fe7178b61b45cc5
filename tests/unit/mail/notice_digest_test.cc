#include "mail/notice_digest.h"

#include <gtest/gtest.h>

#include <string>

#include "mail/seven_bit.h"

namespace mailchute {
namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

DigestFacts facts_with(std::size_t entries) {
  DigestFacts facts;
  facts.notice_id = *MessageId::parse("1A2B3C4D5E6G");
  facts.reporting_mta = "relay.test";
  facts.mail_domain = "mail.test";
  facts.to = {Mailbox("ops", "mail.test")};
  facts.sender = Mailbox("shop", "mail.test");
  facts.since = WallTime(std::chrono::seconds(1'772'366'400));
  facts.now = WallTime(std::chrono::seconds(1'772'370'000));
  for (std::size_t i = 0; i < entries; ++i) {
    DigestFacts::Entry entry;
    entry.id = MessageId{static_cast<std::int64_t>(i) + 1};
    entry.subject = "order " + std::to_string(i);
    entry.envelope_id = "e" + std::to_string(i);
    entry.recipient.recipient.mailbox = Mailbox("r" + std::to_string(i), "example.org");
    entry.recipient.recipient.original = "rfc822;o" + std::to_string(i) + "@example.org";
    entry.recipient.reply = {550, "5.1.1", "no such user"};
    entry.recipient.blame = Blame::Recipient;
    facts.entries.push_back(entry);
  }
  facts.count = entries;
  return facts;
}

TEST(NoticeDigest, ListsEachFailureForThePersonAndForTheProgram) {
  const std::string digest = write_digest(facts_with(2));

  EXPECT_TRUE(is_seven_bit(digest));
  for (const char* words :
       {"Subject: Undelivered mail: 2 more of a kind\r\n", "To: <ops@mail.test>\r\n",
        "Auto-Submitted: auto-replied\r\n", "000000000002 to r1@example.org\r\n", "Subject: order 1\r\n",
        "    550 5.1.1 no such user\r\n", "Sent by: shop@mail.test\r\n", "Please check the address",
        "\r\n\r\nOriginal-Recipient: rfc822; o1@example.org\r\nFinal-Recipient: rfc822; r1@example.org\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
        "X-Mailchute-Queue-Id: 000000000002\r\nX-Mailchute-Envelope-Id: e1\r\n"})
    EXPECT_TRUE(holds(digest, words)) << words << "\n" << digest;
  EXPECT_FALSE(holds(digest, "And "));
}

TEST(NoticeDigest, SaysHowManyItDoesNotList) {
  DigestFacts facts = facts_with(3);
  facts.count = 1003;
  const std::string digest = write_digest(facts);

  EXPECT_TRUE(holds(digest, "And 1000 more."));
  EXPECT_TRUE(holds(digest, "mailchute queue list --state failed --from shop@mail.test"));
}

TEST(NoticeDigest, NothingThatAPeerSaidCanLeaveItsPlace) {
  const std::string evil = "x\r\nBcc: evil@x\r\n\r\n--=_1A2B3C4D5E6G.1--\r\nAction: delivered";
  DigestFacts facts = facts_with(1);
  facts.entries[0].subject = evil;
  facts.entries[0].envelope_id = "a+0D+0AAction:+20delivered";
  facts.entries[0].recipient.recipient.mailbox = Mailbox(evil, "example.org");
  facts.entries[0].recipient.recipient.original = "rfc822;b+0D+0ABcc:+20evil@x";
  facts.entries[0].recipient.reply = {550, evil, evil};
  facts.sender = Mailbox(evil, "mail.test");
  const std::string digest = write_digest(facts);

  EXPECT_TRUE(is_seven_bit(digest));
  EXPECT_FALSE(holds(digest, "\r\nBcc"));
  EXPECT_FALSE(holds(digest, "\r\nAction: delivered"));
}

}  // namespace
}  // namespace mailchute
