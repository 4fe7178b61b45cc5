#include "smtp/path.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

/// The mailbox of a whole argument, or the code and enhanced code of the refusal.
std::string recipient(const std::string& argument, Mailbox::Utf8 utf8 = Mailbox::Utf8::Refused) {
  const auto path = parse_path(argument, Side::Recipient);
  if (!path) return std::to_string(path.error().code) + " " + path.error().enhanced;
  const auto mailbox = parse_address(path->address, Side::Recipient, utf8, "home.test");
  return mailbox ? mailbox->text() : std::to_string(mailbox.error().code) + " " + mailbox.error().enhanced;
}

TEST(Path, TakesAnAddressInBrackets) {
  EXPECT_EQ(recipient("TO:<b@r.test>"), "b@r.test");
  EXPECT_EQ(recipient("to:<b@R.Test>"), "b@r.test");
  EXPECT_EQ(recipient("TO: <b@r.test>"), "b@r.test");
  EXPECT_EQ(recipient("TO:<b@[127.0.0.1]>"), "b@[127.0.0.1]");
}

TEST(Path, TakesQuotedLocalParts) {
  EXPECT_EQ(recipient(R"(TO:<"quoted \"x\" b"@r.test>)"), R"("quoted \"x\" b"@r.test)");
  EXPECT_EQ(recipient(R"(TO:<"a@b"@r>)"), R"("a@b"@r)");
  EXPECT_EQ(recipient(R"(TO:<"a\\"@r>)"), R"("a\\"@r)");
  EXPECT_EQ(recipient(R"(TO:<"a> <b"@r>)"), R"("a> <b"@r)");
}

TEST(Path, DropsASourceRoute) {
  EXPECT_EQ(recipient("TO:<@a.test,@b.test:user@d.test>"), "user@d.test");
  EXPECT_EQ(recipient("TO:<@a:user@d.test>"), "user@d.test");
}

TEST(Path, RefusesABrokenSourceRoute) {
  for (const char* argument :
       {"TO:<@a.test>", "TO:<@>", "TO:<@a,b:u@d>", "TO:<@:u@d>", "TO:<@a:>", "TO:<@a,:u@d>"})
    EXPECT_EQ(recipient(argument), "501 5.1.3") << argument;
}

TEST(Path, RefusesBrokenBrackets) {
  for (const char* argument :
       {"TO:<b@r.test", "TO:<<a@r>>", "TO:<a@r.test>x", "TO:<a@s>>BODY=8BITMIME", "TO:<\"a@r>", "TO:<a@b@c>",
        "TO:<@>", "TO:<a@>", "TO:<>", "TO:<b@x%y@r>", "TO:<a@s >", "TO:< a@s>", "TO:<a..b@r>", "TO:<.a@r>",
        "TO:<a.@r>", "TO:<a@-r>", "TO:<a@r..t>"})
    EXPECT_EQ(recipient(argument), "501 5.1.3") << argument;
}

TEST(Path, RefusesWhatIsNoPathAtAll) {
  for (const char* argument : {"", "TO", "TO:", "TO:a@r.test>", "TO:b@r.test", "TO :<b@r.test>",
                               " TO:<b@r.test>", "FROM:<b@r.test>"})
    EXPECT_EQ(recipient(argument), "501 5.5.4") << argument;
}

TEST(Path, CompletesLocalNamesAndPostmaster) {
  EXPECT_EQ(recipient("TO:<root>"), "root@home.test");
  EXPECT_EQ(recipient("TO:<Postmaster>"), "Postmaster@home.test");
}

TEST(Path, RefusesShellsAndFilesForLocalNames) {
  for (const char* argument :
       {"TO:<|sh>", "TO:</etc/passwd>", "TO:<$(id)>", "TO:<`id`@>", "TO:<;for i in 0 1;do;true;done>"})
    EXPECT_EQ(recipient(argument), "501 5.1.3") << argument;
}

TEST(Path, HoldsTheLimitsOfTheStandard) {
  const std::string local64(64, 'l');

  EXPECT_EQ(recipient("TO:<" + local64 + "@r.test>"), local64 + "@r.test");
  EXPECT_EQ(recipient("TO:<" + local64 + "l@r.test>"), "501 5.1.3");
  EXPECT_EQ(recipient("TO:<@" + std::string(250, 'h') + ":u@d.test>"), "501 5.1.3");
}

TEST(Path, TakesUtf8OnlyWhereItWasAskedFor) {
  const std::string argument = "TO:<用户@例子.测试>";

  EXPECT_EQ(recipient(argument, Mailbox::Utf8::Allowed), "用户@例子.测试");
  EXPECT_EQ(recipient(argument), "553 5.6.7");
  EXPECT_EQ(recipient("TO:<a\xff@r.test>", Mailbox::Utf8::Allowed), "501 5.1.3");
  EXPECT_EQ(recipient("TO:<b\xc2\xa0@r.test>"), "501 5.1.3");
}

TEST(Path, GivesWhatFollowsTheBrackets) {
  EXPECT_EQ(parse_path("FROM:<> SIZE=1  BODY=7BIT", Side::Sender)->parameters, "SIZE=1  BODY=7BIT");
  EXPECT_EQ(parse_path("FROM:<>", Side::Sender)->address, "");
}

}  // namespace
}  // namespace mailchute
