#include "smtp/client_commands.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

OutgoingMessage message_to(Mailbox recipient) {
  OutgoingMessage message;
  message.sender = Mailbox("a", "s.test");
  message.recipients.push_back({std::move(recipient), {}, ""});
  message.bytes = 100;
  return message;
}

Extensions everything() {
  Extensions offered;
  offered.pipelining = offered.eight_bit = offered.smtputf8 = offered.dsn = true;
  offered.size = 1000;
  return offered;
}

TEST(ClientCommands, OnlyAValidNameIsSaidInEhlo) {
  EXPECT_EQ(ehlo_word("relay.example.net"), "relay.example.net");
  EXPECT_EQ(ehlo_word("[192.0.2.1]"), "[192.0.2.1]");
  EXPECT_EQ(ehlo_word("[IPv6:2001:db8::1]"), "[IPv6:2001:db8::1]");
  for (const char* name : {"", "my_host", "b\xc3\xbc.example", "a b", "x\r\nMAIL", "-a.example", "a..b", "[]",
                           "[1 2]", "a.example."})
    EXPECT_EQ(ehlo_word(name), "[127.0.0.1]") << name;
}

TEST(ClientCommands, ParametersAreSaidOnlyWhenOffered) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.body = Body::EightBit;
  message.ret = Return::Headers;
  message.envelope_id = "QQ314159";

  EXPECT_EQ(mail_command(message, {}), "MAIL FROM:<a@s.test>");
  EXPECT_EQ(mail_command(message, everything()),
            "MAIL FROM:<a@s.test> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=QQ314159");
}

TEST(ClientCommands, TheNullSenderHasEmptyBrackets) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.sender.reset();
  EXPECT_EQ(mail_command(message, {}), "MAIL FROM:<>");
}

TEST(ClientCommands, ARecipientCarriesItsDsnWords) {
  Recipient recipient{Mailbox("b", "r.test"), {}, "rfc822;b@r.test"};
  recipient.notify.failure = recipient.notify.delay = true;

  EXPECT_EQ(recipient_command(recipient, {}), "RCPT TO:<b@r.test>");
  EXPECT_EQ(recipient_command(recipient, everything()),
            "RCPT TO:<b@r.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b@r.test");

  recipient.notify.never = true;
  EXPECT_EQ(recipient_command(recipient, everything()),
            "RCPT TO:<b@r.test> NOTIFY=NEVER ORCPT=rfc822;b@r.test");
}

TEST(ClientCommands, AParameterThatCannotBeRightIsLeftOut) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.envelope_id = "x\r\nRSET";
  message.recipients[0].original = "rfc822;b RET=FULL";

  EXPECT_EQ(mail_command(message, everything()), "MAIL FROM:<a@s.test> SIZE=100");
  EXPECT_EQ(recipient_command(message.recipients[0], everything()), "RCPT TO:<b@r.test>");
}

TEST(ClientCommands, UnsafeAddressesAreNotSent) {
  for (const Mailbox& bad :
       {Mailbox("a\r\nDATA", "r.test"), Mailbox("a\nb", "r.test"), Mailbox("a", "r.test>\r\nX"),
        Mailbox("a", "r test"), Mailbox("a", "r.test> X=<y"), Mailbox("a\x01", "r.test"),
        Mailbox(std::string("a\0", 2), "r.test"), Mailbox("a", "r\x7f.test")}) {
    const auto refusal = refusal_before_sending(message_to(bad), everything());
    ASSERT_TRUE(refusal) << bad.text();
    EXPECT_EQ(refusal->code, 0);
    EXPECT_EQ(refusal->text, "unsafe address");
  }
}

TEST(ClientCommands, AnUnsafeSenderIsNotSent) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.sender = Mailbox("a", "s.test> SIZE=1");
  EXPECT_TRUE(refusal_before_sending(message, everything()));
}

TEST(ClientCommands, PathsAreSafeOrNot) {
  for (const char* safe :
       {"a@b", "\"a b\"@c", "\"a>b\"@c", "\"a\\\"b\"@c", "root", "a@[IPv6:::1]", "\xc3\xbc@c"})
    EXPECT_TRUE(is_safe_path(safe)) << safe;
  for (const char* unsafe : {"", "a b@c", "a>@c", "<a@c", "\"a@c", "\"a\\\"@c", "\"a\"b@c", "\"a\" @c",
                             "\"a\"@c>", "\"a\rb\"@c", "a\"b@c", "a\t@c"})
    EXPECT_FALSE(is_safe_path(unsafe)) << unsafe;
}

TEST(ClientCommands, AMessageOverTheOfferedSizeIsRefusedHere) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.bytes = 1001;

  const auto refusal = refusal_before_sending(message, everything());

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, 552);
  EXPECT_EQ(refusal->enhanced, "5.3.4");
  EXPECT_NE(refusal->text.find("limit is 1000"), std::string::npos);
}

TEST(ClientCommands, AMessageOverTheSizeThatIsKnownIsRefusedWhateverIsOffered) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.bytes = 600;
  message.bytes_max = 500;

  const auto refusal = refusal_before_sending(message, everything());

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->enhanced, "5.3.4");
  EXPECT_NE(refusal->text.find("message_size is 500"), std::string::npos);
  message.bytes = 500;
  EXPECT_FALSE(refusal_before_sending(message, everything()));
}

TEST(ClientCommands, ASizeOfZeroOrNoneIsNoLimit) {
  auto message = message_to(Mailbox("b", "r.test"));
  message.bytes = 1ull << 40;
  auto offered = everything();

  offered.size = 0;
  EXPECT_FALSE(refusal_before_sending(message, offered));
  offered.size.reset();
  EXPECT_FALSE(refusal_before_sending(message, offered));
}

TEST(ClientCommands, SmtpUtf8IsNeededForAnAddressOrByRequest) {
  auto message = message_to(Mailbox("b\xc3\xbc", "r.test"));
  EXPECT_EQ(mail_command(message, everything()), "MAIL FROM:<a@s.test> SIZE=100 SMTPUTF8");

  const auto refusal = refusal_before_sending(message, {});
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, 550);
  EXPECT_EQ(refusal->enhanced, "5.6.7");

  auto asked = message_to(Mailbox("b", "r.test"));
  asked.smtputf8 = true;
  EXPECT_TRUE(refusal_before_sending(asked, {}));
  EXPECT_FALSE(refusal_before_sending(asked, everything()));
}

}  // namespace
}  // namespace mailchute
