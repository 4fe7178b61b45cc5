#include "mail/header_recipients.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailchute {
namespace {

std::string named_by(std::string_view section) {
  std::string all;
  for (const Mailbox& mailbox : header_recipients(section).mailboxes) all += mailbox.text() + " ";
  return all;
}

struct Section {
  const char* text;
  const char* named;
};

TEST(HeaderRecipients, AreThoseOfToCcAndBccInEveryFormThatIsWritten_M003) {
  const Section sections[] = {
      {"To: a@r.test\r\n", "a@r.test "},
      {"To: root\r\n", "root "},
      {"to: a@r.test\r\nCC: b@r.test\r\nbcc: c@r.test\r\n", "a@r.test b@r.test c@r.test "},
      {"To: Ann <a@r.test>,\r\n\tBob <b@r.test>\r\n", "a@r.test b@r.test "},
      {"To: \"Smith, Ann\" <a@r.test>, b@r.test (Bob, the other)\r\n", "a@r.test b@r.test "},
      {"To: friends: a@r.test, Bob <b@r.test>; , c@r.test\r\n", "a@r.test b@r.test c@r.test "},
      {"To: undisclosed-recipients:;\r\nBcc: a@r.test\r\n", "a@r.test "},
      {"To: a@r.test, a@r.test\r\nCc: A <a@R.test>\r\n", "a@r.test "},
      {"To: =?utf-8?Q?J=C3=BCrgen=2C?= <j@r.test>\r\n", "j@r.test "},
      {"Subject: To: x@r.test\r\nX-To: y@r.test\r\nReply-To: z@r.test\r\n", ""},
      {"To : a@r.test\r\n", "a@r.test "},
      {"To:\r\n b@r.test\r\n", "b@r.test "},
      {"To:\r\n", ""},
      {"To: a@r.test", "a@r.test "},
      {"", ""},
  };

  for (const Section& section : sections) {
    EXPECT_EQ(named_by(section.text), section.named) << section.text;
    EXPECT_TRUE(header_recipients(section.text).wrong.empty()) << section.text;
  }
}

TEST(HeaderRecipients, AFoldThatLooksLikeAFieldIsNone_M008) {
  const auto found = header_recipients("To: a@r.test\r\n\tBcc: z@r.test\r\n");

  EXPECT_TRUE(found.mailboxes.empty());
  ASSERT_EQ(found.wrong.size(), 1u);
}

TEST(HeaderRecipients, WhatCanBeReadInTwoWaysIsNoAddress) {
  for (const char* value :
       {"a@r.test b@r.test", "Ann a@r.test", "Ann <a@r.test", "Ann", "a@", "@r.test", "a@@r.test", "|sh",
        "/etc/passwd", "a@r.test> , <b", "Ann Smith", "a@b@c:d@r.test;"}) {
    const auto found = header_recipients("To: " + std::string(value) + "\r\n");
    const bool lone_name = std::string_view(value) == "Ann";
    EXPECT_EQ(found.wrong.empty(), lone_name) << value;
  }
}

TEST(HeaderRecipients, AResentMessageGoesToThoseOfTheLastResending) {
  const char* section =
      "Resent-Date: Sun, 01 Mar 2026 12:00:00 +0000\r\nResent-From: me@s.test\r\nResent-To: new@r.test\r\n"
      "Resent-Bcc: blind@r.test\r\n"
      "Resent-Date: Sat, 28 Feb 2026 12:00:00 +0000\r\nResent-From: other@s.test\r\nResent-To: old@r.test\r\n"
      "From: first@s.test\r\nTo: a@r.test\r\nCc: b@r.test\r\n";

  EXPECT_EQ(named_by(section), "new@r.test blind@r.test ");
}

TEST(HeaderRecipients, BlindCopiesAreTakenOutWithTheirFolds) {
  const char* section =
      "To: a@r.test\r\nBcc: b@r.test,\r\n\tc@r.test\r\nSubject: Bcc: no\r\nBCC : d@r.test\r\n"
      "Resent-Bcc: e@r.test\r\nX-Bcc: stays\r\n";

  EXPECT_EQ(without_blind_copies(section), "To: a@r.test\r\nSubject: Bcc: no\r\nX-Bcc: stays\r\n");
}

TEST(HeaderRecipients, WithoutBlindCopiesNoByteChanges) {
  const std::string section = "To: a@r.test\r\nno field\r\nSubject:\r\n\t x \r\n";

  EXPECT_EQ(without_blind_copies(section), section);
}

TEST(HeaderRecipients, ManyAreReadInTimeThatGrowsWithThem) {
  std::string section = "To: ";
  for (int i = 0; i < 50'000; ++i) section += "user" + std::to_string(i) + "@r.test,\r\n ";
  section += "last@r.test\r\n";

  EXPECT_EQ(header_recipients(section).mailboxes.size(), 50'001u);
}

}  // namespace
}  // namespace mailchute
