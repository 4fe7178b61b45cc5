#include "command/given_message.h"

#include <gtest/gtest.h>

#include <string>

#include "command/calling_user.h"

namespace mailchute {
namespace {

constexpr GivenLimits kLimits{1 << 20, 16 << 10};

std::string all_of(Spool& spool) {
  std::string all;
  for (std::string piece = *spool.next_piece(); !piece.empty(); piece = *spool.next_piece()) all += piece;
  return all;
}

struct Given {
  const char* what;
  std::string text;
  std::string header;
  std::string rest;
};

TEST(GivenMessage, TellsTheHeaderFromTheRestWhateverEndsTheLines_M009) {
  const Given cases[] = {
      {"LF", "To: a\nSubject: x\n\nhi\n", "To: a\r\nSubject: x\r\n", "\r\nhi\r\n"},
      {"CRLF", "To: a\r\n\r\nhi\r\n", "To: a\r\n", "\r\nhi\r\n"},
      {"mixed", "To: a\r\nSubject: x\n\r\nhi\n", "To: a\r\nSubject: x\r\n", "\r\nhi\r\n"},
      {"a lone CR", "To: a\n\nhi\rho\n", "To: a\r\n", "\r\nhi\r\nho\r\n"},
      {"a lone dot", "To: a\n\nhi\n.\nho\n", "To: a\r\n", "\r\nhi\r\n.\r\nho\r\n"},
      {"dots", "To: a\n\n..\n.x", "To: a\r\n", "\r\n..\r\n.x\r\n"},
      {"no end", "To: a\n\nhi", "To: a\r\n", "\r\nhi\r\n"},
      {"a header alone", "To: a\nSubject: x", "To: a\r\nSubject: x\r\n", ""},
      {"text", "the disk is full\nreally\n", "", "\r\nthe disk is full\r\nreally\r\n"},
      {"an empty header", "\nhi\n", "", "\r\nhi\r\n"},
      {"nothing", "", "", ""},
      {"a word", "x", "", "\r\nx\r\n"},
      {"folds", "To: a,\n\tb\n\nhi\n", "To: a,\r\n\tb\r\n", "\r\nhi\r\n"},
      {"an mbox line", "From root Sun Mar  1 12:00:00 2026\nTo: a\n\nhi\n", "To: a\r\n", "\r\nhi\r\n"},
      {"a sentence like one", "From here on all is well.\nReally.\n", "",
       "\r\nFrom here on all is well.\r\nReally.\r\n"},
      {"such a sentence alone", "From here on", "", "\r\nFrom here on\r\n"},
      {"a field like one", "From : a\n\nhi\n", "From : a\r\n", "\r\nhi\r\n"},
  };

  for (const Given& given : cases) {
    for (std::size_t at = 0; at <= given.text.size(); ++at) {
      GivenMessage message(kLimits);
      ASSERT_TRUE(message.take(std::string_view(given.text).substr(0, at))) << given.what;
      ASSERT_TRUE(message.take(std::string_view(given.text).substr(at))) << given.what;
      ASSERT_TRUE(message.finish()) << given.what;
      EXPECT_EQ(message.header(), given.header) << given.what << " at " << at;
      EXPECT_EQ(all_of(message.rest()), given.rest) << given.what << " at " << at;
    }
  }
}

TEST(GivenMessage, WhatIsTooLargeIsToldWithTheLimit_M007) {
  GivenMessage message(kLimits);
  const std::string line = std::string(70, 'x') + "\n";
  Result<void> taken = message.take("To: a\n\n");
  for (int i = 0; taken && i < 20'000; ++i) taken = message.take(line);

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, 65);
  EXPECT_NE(taken.error().text.find("limits.message_size, which is 1.0M"), std::string::npos)
      << taken.error().text;
}

TEST(GivenMessage, AHeaderWithoutEndIsNotKept_M007) {
  GivenMessage message(kLimits);
  Result<void> taken = message.take("To: a@r.test");
  for (int i = 0; taken && i < 20'000; ++i) taken = message.take(",\n a@r.test");

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, 65);
  EXPECT_NE(taken.error().text.find("limits.header_size"), std::string::npos) << taken.error().text;
}

TEST(GivenMessage, ANulIsRefused) {
  GivenMessage message(kLimits);

  const auto taken = message.take(std::string_view("To: a\n\nx\0y\n", 11));

  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, 65);
}

TEST(GivenMessage, BytesBeyondAsciiAreNoticedWhereverTheyStand) {
  for (const auto& [text, eight_bit] :
       {std::pair{"To: a\n\nhi\n", false}, std::pair{"Subject: \xC3\xA9\n\nhi\n", true},
        std::pair{"To: a\n\n\xFF\n", true}}) {
    GivenMessage message(kLimits);
    ASSERT_TRUE(message.take(text));
    ASSERT_TRUE(message.finish());
    EXPECT_EQ(message.eight_bit(), eight_bit) << text;
  }
}

TEST(Spool, GivesBackWhatItTookFromMemoryAndFromItsFile) {
  for (const std::size_t memory : {std::size_t{0}, std::size_t{10}, std::size_t{1} << 20}) {
    Spool spool(memory);
    std::string all;
    for (int i = 0; i < 30'000; ++i) {
      const std::string bytes = std::to_string(i) + "\n";
      ASSERT_TRUE(spool.append(bytes));
      all += bytes;
    }
    EXPECT_EQ(spool.size(), all.size());
    EXPECT_EQ(all_of(spool), all) << memory;
    EXPECT_EQ(*spool.next_piece(), "");
  }
}

TEST(CallingUser, ALoginNameBecomesALocalName) {
  EXPECT_EQ(mailbox_of_user("www-data").text(), "www-data");
  EXPECT_EQ(mailbox_of_user("CORP\\ann").text(), "CORP_ann");
  EXPECT_EQ(mailbox_of_user("host$").text(), "host_");
  EXPECT_EQ(mailbox_of_user("-x").text(), "_-x");
  EXPECT_EQ(mailbox_of_user("ann@corp").text(), "ann_corp");
  EXPECT_EQ(mailbox_of_user(std::string(90, 'a')).text().size(), 64u);
  for (const char* login : {"www-data", "CORP\\ann", "host$", "-x", "a..b", ""})
    EXPECT_TRUE(Mailbox::parse(mailbox_of_user(login).text())) << login;
}

TEST(CallingUser, ThePersonsNameIsTheFirstPartOfTheComment) {
  EXPECT_EQ(name_in_comment("Ann Smith,Room 5,,", "ann"), "Ann Smith");
  EXPECT_EQ(name_in_comment("& Smith", "ann"), "Ann Smith");
  EXPECT_EQ(name_in_comment(",,,", "ann"), "");
  EXPECT_EQ(name_in_comment("x\ny", "ann"), "");
}

}  // namespace
}  // namespace mailchute
