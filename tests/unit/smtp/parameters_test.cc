#include "smtp/parameters.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

Dialect dialect() { return {"home.test", 1000, true, true, false}; }

Parsed<Envelope> mail(const std::string& parameters) {
  return parse_mail("FROM:<a@s.test> " + parameters, dialect());
}
Parsed<Recipient> rcpt(const std::string& parameters) {
  return parse_rcpt("TO:<b@r.test> " + parameters, dialect(), {});
}

template <typename T>
std::string refusal(const Parsed<T>& parsed) {
  return parsed ? "accepted" : std::to_string(parsed.error().code) + " " + parsed.error().enhanced;
}

TEST(MailParameters, AreKeptInTheEnvelope) {
  const auto envelope = mail("SIZE=17 body=8bitmime SMTPUTF8 RET=HDRS ENVID=q+2Bx");

  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->sender->text(), "a@s.test");
  EXPECT_EQ(envelope->declared_bytes, 17u);
  EXPECT_EQ(envelope->body, Body::EightBit);
  EXPECT_TRUE(envelope->smtputf8);
  EXPECT_EQ(envelope->ret, Return::Headers);
  EXPECT_EQ(envelope->envelope_id, "q+2Bx");
}

TEST(MailParameters, TheNullSenderIsNoMailbox) { EXPECT_FALSE(parse_mail("FROM:<>", dialect())->sender); }

TEST(MailParameters, SizeIsANumberWithinTheLimit) {
  EXPECT_EQ(refusal(mail("SIZE=0")), "accepted");
  EXPECT_EQ(refusal(mail("SIZE=1000")), "accepted");
  EXPECT_EQ(refusal(mail("SIZE=1001")), "552 5.3.4");
  EXPECT_EQ(refusal(mail("SIZE=99999999999999999999")), "552 5.3.4");
  for (const char* wrong :
       {"SIZE", "SIZE=", "SIZE=-1", "SIZE=1e9", "SIZE=10 SIZE=20", "SIZE=000000000000000000001"})
    EXPECT_EQ(refusal(mail(wrong)), "501 5.5.4") << wrong;
}

TEST(MailParameters, BodyIsSevenOrEightBit) {
  EXPECT_EQ(mail("BODY=7BIT")->body, Body::SevenBit);
  EXPECT_EQ(refusal(mail("BODY=BINARYMIME")), "555 5.5.4");
  EXPECT_EQ(refusal(mail("BODY=x")), "501 5.5.4");
  EXPECT_EQ(refusal(mail("BODY")), "501 5.5.4");
}

TEST(MailParameters, UnknownOnesAreNotRecognized) {
  for (const char* unknown : {"FOO=1", "FOO", "AUTH=x+0D+0AX-Inject:+20y", "NOTIFY=NEVER", "XYZZY=a"})
    EXPECT_EQ(refusal(mail(unknown)), "555 5.5.4") << unknown;
}

TEST(MailParameters, MalformedOnesAreRefused) {
  for (const std::string& wrong :
       {std::string("=x"), std::string("\"=="), std::string(2000, '"'), std::string("ENVID=a+0D+0Ab"),
        std::string("ENVID=a=b"), std::string("ENVID=+4"), std::string("RET=ALL"), std::string("SMTPUTF8=1"),
        std::string("ENVID=") + std::string(101, 'x'), std::string("A\tB=1"), std::string("F\xc3\xb6=1")})
    EXPECT_EQ(refusal(mail(wrong)), "501 5.5.4") << wrong;
}

TEST(MailParameters, NoneIsAllowedAfterHelo) {
  Dialect plain = dialect();
  plain.extended = false;

  EXPECT_EQ(refusal(parse_mail("FROM:<a@s> SIZE=10", plain)), "555 5.5.4");
  EXPECT_EQ(refusal(parse_mail("FROM:<a@s>", plain)), "accepted");
}

TEST(MailParameters, Smtputf8IsUnknownWhereItIsNotOffered) {
  Dialect ascii = dialect();
  ascii.smtputf8 = false;

  EXPECT_EQ(refusal(parse_mail("FROM:<a@s> SMTPUTF8", ascii)), "555 5.5.4");
}

TEST(MailParameters, AuthIsReadAndForgottenWhereLoginsExist) {
  Dialect with_logins = dialect();
  with_logins.logins = true;

  EXPECT_EQ(refusal(parse_mail("FROM:<a@s> AUTH=<>", with_logins)), "accepted");
  EXPECT_EQ(refusal(parse_mail("FROM:<a@s> AUTH=e+2Bmc2@example.com", with_logins)), "accepted");
  EXPECT_EQ(refusal(parse_mail("FROM:<a@s> AUTH=x+0D+0AX-Inject:+20y", with_logins)), "501 5.5.4");
}

TEST(MailParameters, Smtputf8LetsUtf8AddressesIn) {
  EXPECT_EQ(parse_mail("FROM:<用户@例子.测试> SMTPUTF8", dialect())->sender->text(), "用户@例子.测试");
  EXPECT_EQ(refusal(parse_mail("FROM:<用户@例子.测试>", dialect())), "553 5.6.7");
}

TEST(RcptParameters, AreKeptWithTheRecipient) {
  const auto recipient = rcpt("NOTIFY=success,DELAY ORCPT=rfc822;b+2Bx@example.org");

  ASSERT_TRUE(recipient);
  EXPECT_EQ(recipient->notify, (Notify{false, true, false, true}));
  EXPECT_EQ(recipient->original, "rfc822;b+2Bx@example.org");
  EXPECT_TRUE(rcpt("NOTIFY=NEVER")->notify.never);
}

TEST(RcptParameters, MalformedOnesAreRefused) {
  for (const std::string& wrong :
       {std::string("NOTIFY"), std::string("NOTIFY="), std::string("NOTIFY=NEVER,DELAY"),
        std::string("NOTIFY=SUCCESS,"), std::string("NOTIFY=x"), std::string("ORCPT=rfc822;b+0Aevil"),
        std::string("ORCPT=rfc822"), std::string("ORCPT=;x"), std::string("ORCPT=rfc822;"),
        std::string("ORCPT=rfc822;") + std::string(500, 'x'), std::string("NOTIFY=NEVER NOTIFY=NEVER")})
    EXPECT_EQ(refusal(rcpt(wrong)), "501 5.5.4") << wrong;
  EXPECT_EQ(refusal(rcpt("SIZE=1")), "555 5.5.4");
}

}  // namespace
}  // namespace mailchute
