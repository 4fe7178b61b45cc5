#include "mail/mailbox.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

using namespace std::string_literals;
using Utf8 = Mailbox::Utf8;

constexpr char kUtf8Address[] = "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B\xE5\xAD\x90.\xE6\xB5\x8B\xE8\xAF\x95";

/// The text of what parse makes of `text`, or its error in brackets.
std::string reparsed(std::string_view text, Utf8 utf8 = Utf8::Refused) {
  const auto mailbox = Mailbox::parse(text, utf8);
  return mailbox ? mailbox->text() : "{" + mailbox.error().text + "}";
}

bool refused(std::string_view text, Utf8 utf8 = Utf8::Refused) { return !Mailbox::parse(text, utf8); }

TEST(Mailbox, TakesWhatIsCommon) {
  for (const char* text :
       {"a@b", "john.smith@example.com", "o'brien+tag=x@mail-1.example.co.uk", "12345678@qq.com",
        "!#$%&'*+-/=?^_`{|}~@r.test", "b%x@r", "a@1.2.3.4", "a--b@x--y.test", "user@xn--fsqu00a.test"})
    EXPECT_EQ(reparsed(text), text);
}

TEST(Mailbox, KeepsTheCaseOfTheLocalPartAndLowersTheDomain) {
  const auto mailbox = Mailbox::parse("John.Smith@EXAMPLE.Com");

  ASSERT_TRUE(mailbox);
  EXPECT_EQ(mailbox->local(), "John.Smith");
  EXPECT_EQ(mailbox->domain(), "example.com");
  EXPECT_EQ(*mailbox, *Mailbox::parse("John.Smith@example.COM"));
  EXPECT_NE(*mailbox, *Mailbox::parse("john.smith@example.com"));
}

TEST(Mailbox, S044ABareNameIsTakenAndCompleted) {
  const auto mailbox = Mailbox::parse("root");

  ASSERT_TRUE(mailbox);
  EXPECT_TRUE(mailbox->bare());
  EXPECT_EQ(mailbox->text(), "root");
  EXPECT_EQ(mailbox->completed("Example.NET").text(), "root@example.net");
  EXPECT_EQ(Mailbox::parse("a@b")->completed("example.net").text(), "a@b");
  EXPECT_EQ(reparsed("www-data"), "www-data");
  EXPECT_EQ(reparsed("Postmaster"), "Postmaster");
}

TEST(Mailbox, S045WhatAShellWouldRunIsNoAddress) {
  for (const char* text :
       {";for i in 0 1;do;true;done", "`id`@", "$(id)", "|sh", "/etc/passwd", "-oQ/tmp", "`id`", "$HOME"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, S046S048PunctuationIsPlainTextOrRefused) {
  EXPECT_TRUE(refused("${run{\\x2fbin\\x2fid}}@localhost"));
  EXPECT_TRUE(refused("x');DELETE FROM messages;--@r.test"));
  EXPECT_EQ(reparsed("\"x' OR 1=1\"@r"), "\"x' OR 1=1\"@r");
}

TEST(Mailbox, S047NoAngleBracketGetsIn) {
  for (const char* text : {"a@r.test>", "<a@r.test", "<a@r>", "a@r.test>x", "a@<r>", "a<b@r"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, S051QuotesAreUndoneAndPutBackWhereNeeded) {
  EXPECT_EQ(Mailbox::parse("\"quoted \\\"x\\\" b\"@r.test")->local(), "quoted \"x\" b");
  EXPECT_EQ(reparsed("\"quoted \\\"x\\\" b\"@r.test"), "\"quoted \\\"x\\\" b\"@r.test");
  EXPECT_EQ(Mailbox::parse("\"a@b\"@r")->local(), "a@b");
  EXPECT_EQ(reparsed("\"a@b\"@r"), "\"a@b\"@r");
  EXPECT_EQ(Mailbox::parse("\"a\\\\\"@r")->local(), "a\\");
  EXPECT_EQ(reparsed("\"a\\\\\"@r"), "\"a\\\\\"@r");
  EXPECT_EQ(reparsed("\"a..b\"@r"), "\"a..b\"@r");
  EXPECT_EQ(reparsed("\"\"@r"), "\"\"@r");
}

TEST(Mailbox, QuotesThatSayNothingAreDropped) {
  EXPECT_EQ(reparsed("\"john.smith\"@r"), "john.smith@r");
  EXPECT_EQ(reparsed("\"\\j\\o\"@r"), "jo@r");
  EXPECT_EQ(*Mailbox::parse("\"john\"@r"), *Mailbox::parse("john@r"));
  EXPECT_EQ(reparsed("\"root\""), "root");
}

TEST(Mailbox, BrokenQuotesAreRefused) {
  for (const char* text : {"\"", "\"a", "\"a@r", "\"a\\\"@r", "\"a\"b@r", "\"a\".b@r", "a\"b\"@r", "\"a\"@",
                           "\"\"", "\"a b\"", "\"a\\"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, S052MisplacedDotsAndHyphensAreRefused) {
  for (const char* text :
       {"a..b@r", ".a@r", "a.@r", "a@-r", "a@r-", "a@r..t", "a@r.test.", "a@.r", "a@.", "a@r_x", "a@r!"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, S053LengthsAreBounded) {
  const std::string local64(64, 'l');
  const std::string label63(63, 'd');
  const std::string long_domain = label63 + "." + label63 + "." + label63;

  EXPECT_FALSE(refused(local64 + "@r.test"));
  EXPECT_TRUE(refused(local64 + "l@r.test"));
  EXPECT_FALSE(refused("a@" + label63 + ".test"));
  EXPECT_TRUE(refused("a@" + label63 + "d.test"));
  EXPECT_FALSE(refused(std::string(254 - 1 - long_domain.size(), 'l') + "@" + long_domain));
  EXPECT_TRUE(refused(std::string(255 - 1 - long_domain.size(), 'l') + "@" + long_domain));
  EXPECT_TRUE(refused(std::string(100'000, 'a')));
}

TEST(Mailbox, ALocalPartIsMeasuredAsItIsWritten) {
  EXPECT_FALSE(refused("\"" + std::string(62, ' ') + "\"@r"));
  EXPECT_TRUE(refused("\"" + std::string(63, ' ') + "\"@r"));
}

TEST(Mailbox, S055ExactlyOneAtSignWithTextOnBothSides) {
  for (const char* text : {"a@b@c", "@", "a@", "@b", "", "@@"}) EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, S057RoutesInTheLocalPartAreNoRoutes) {
  EXPECT_TRUE(refused("b@x%y@r"));
  EXPECT_EQ(Mailbox::parse("b%x@r")->local(), "b%x");
  EXPECT_TRUE(refused("@relay.test:b@r"));
}

TEST(Mailbox, S058Utf8NeedsPermission) {
  EXPECT_TRUE(refused(kUtf8Address));
  EXPECT_EQ(reparsed(kUtf8Address, Utf8::Allowed), kUtf8Address);
  EXPECT_TRUE(Mailbox::parse(kUtf8Address, Utf8::Allowed)->needs_utf8());
  EXPECT_TRUE(Mailbox::parse("a@\xE4\xBE\x8B.test", Utf8::Allowed)->needs_utf8());
  EXPECT_FALSE(Mailbox::parse("a@r.test", Utf8::Allowed)->needs_utf8());
}

TEST(Mailbox, BytesThatAreNotUtf8AreRefusedAlsoWithPermission) {
  for (const char* text : {"\xFF@r", "a\xC0\xAF@r", "a@\xED\xA0\x80", "\"\xC3\"@r", "\xC3@r"})
    EXPECT_TRUE(refused(text, Utf8::Allowed)) << text;
}

TEST(Mailbox, S060ToS062NoControlByteGetsIn) {
  for (int byte = 0; byte < 0x20; ++byte) {
    const std::string c(1, static_cast<char>(byte));
    EXPECT_TRUE(refused("a" + c + "b@r.test")) << byte;
    EXPECT_TRUE(refused("\"a" + c + "b\"@r.test")) << byte;
    EXPECT_TRUE(refused("\"a\\" + c + "b\"@r.test")) << byte;
    EXPECT_TRUE(refused("b@r" + c + "test")) << byte;
    EXPECT_TRUE(refused("b@r.test" + c)) << byte;
  }
  EXPECT_TRUE(refused("a\x7F@r"));
  EXPECT_TRUE(refused("\"b\r\n x\"@r"));
}

TEST(Mailbox, S080WhatCannotBeSeenIsRefused) {
  for (const char* mark : {" ", "\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\xAE", "\xEF\xBB\xBF", "\xC2\xAD",
                           "\xC2\x85", "\xE3\x80\x80"}) {
    EXPECT_TRUE(refused("b@r.test"s + mark, Utf8::Allowed)) << mark;
    EXPECT_TRUE(refused("b"s + mark + "@r.test", Utf8::Allowed)) << mark;
    EXPECT_TRUE(refused(mark + "b@r.test"s, Utf8::Allowed)) << mark;
  }
  EXPECT_TRUE(refused("\"a\xE2\x80\xAE\"@r", Utf8::Allowed));
}

TEST(Mailbox, FullStopsOfOtherScriptsAreNoDots) {
  // Ideographic, full width, half width; one, two and three dots as one character; small.
  for (const char* stop : {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1", "\xE2\x80\xA4", "\xE2\x80\xA5",
                           "\xE2\x80\xA6", "\xEF\xB9\x92"})
    EXPECT_TRUE(refused("a@b"s + stop + "test", Utf8::Allowed)) << stop;
}

TEST(Mailbox, AddressLiterals) {
  EXPECT_EQ(reparsed("a@[127.0.0.1]"), "a@[127.0.0.1]");
  EXPECT_EQ(reparsed("a@[IPv6:::1]"), "a@[IPv6:::1]");
  EXPECT_EQ(reparsed("a@[ipv6:2001:DB8::F]"), "a@[IPv6:2001:db8::f]");
  EXPECT_EQ(reparsed("a@[IPv6:::ffff:1.2.3.4]"), "a@[IPv6:::ffff:1.2.3.4]");
  for (const char* text :
       {"a@[]", "a@[", "a@]", "a@[127.0.0.1", "a@[127.0.0.256]", "a@[127.0.0]", "a@[1.2.3.4.5]",
        "a@[0001.2.3.4]", "a@[::1]", "a@[IPv6:]", "a@[IPv6:::g]", "a@[IPv6:1::2::3]", "a@[IPv6:::1%lo]",
        "a@[x-tag:y]", "a@[127.0.0.1].test", "a@x[127.0.0.1]", "a@[ 127.0.0.1]"})
    EXPECT_TRUE(refused(text)) << text;
}

TEST(Mailbox, ErrorsCarryTheExitStatusOfABadAddressAndNoneOfItsBytes) {
  const auto failed = Mailbox::parse("secret..name@r");

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, 67);
  EXPECT_EQ(failed.error().text.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
