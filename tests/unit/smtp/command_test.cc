#include "smtp/command.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

TEST(Command, KnowsItsWordInAnyCase) {
  EXPECT_EQ(parse_command("ehlo c").verb, Verb::Ehlo);
  EXPECT_EQ(parse_command("EhLo c").verb, Verb::Ehlo);
  EXPECT_EQ(parse_command("STARTTLS").verb, Verb::StartTls);
  EXPECT_EQ(parse_command("TURN").verb, Verb::Unoffered);
}

TEST(Command, TakesNothingElseForAWord) {
  for (const char* line : {"", " ", ".", "..", " NOOP", "NOOPX", "NOO", "MAILFROM:<a@s>", "FOO", "WIZ"})
    EXPECT_EQ(parse_command(line).verb, Verb::Unknown) << line;
}

TEST(Command, GivesTheArgumentWithoutBlanksAtItsEnd) {
  EXPECT_EQ(parse_command("MAIL FROM:<a@s>  \t").argument, "FROM:<a@s>");
  EXPECT_EQ(parse_command("NOOP  ").argument, "");
  EXPECT_EQ(parse_command("MAIL  FROM:<a@s>").argument, " FROM:<a@s>");
}

TEST(Command, SeesATabWhereABlankBelongs) {
  EXPECT_TRUE(parse_command("EHLO\tx").parted_by_tab);
  EXPECT_FALSE(parse_command("EHLO x").parted_by_tab);
  EXPECT_FALSE(parse_command("NOOP\t").parted_by_tab);
}

TEST(Helo, TakesDomainsLiteralsAndMachineNames) {
  for (const char* name : {"c.test", "[127.0.0.1]", "[IPv6:::1]", "[IPv6:fe80::1%eth0]", "localhost", "_x_"})
    EXPECT_TRUE(parse_helo(name)) << name;
}

TEST(Helo, RefusesWhatIsUnsafeToPrint) {
  for (const std::string& name :
       {std::string("a b c"), std::string("<script>"), std::string("${run{id}}"),
        std::string("';drop table queue;--"), std::string("\xff\xfe"), std::string("a\0b", 3),
        std::string("a\x1b[2Jb"), std::string(256, 'a'), std::string()})
    EXPECT_EQ(parse_helo(name).error().code, 501) << name;
}

TEST(Bdat, ReadsSizeAndLast) {
  EXPECT_EQ(parse_bdat("5")->bytes, 5u);
  EXPECT_EQ(parse_bdat("5")->last, ChunkSize::Last::No);
  EXPECT_EQ(parse_bdat("0 LAST")->last, ChunkSize::Last::Yes);
  EXPECT_EQ(parse_bdat("18446744073709551615 last")->bytes, UINT64_MAX);
}

TEST(Bdat, RefusesEverythingElse) {
  for (const char* argument :
       {"", "x", "-1", "+5", "5x", "5 FIRST", "5 LAST x", "18446744073709551616", "LAST"})
    EXPECT_EQ(parse_bdat(argument).error().code, 501) << argument;
}

}  // namespace
}  // namespace mailchute
