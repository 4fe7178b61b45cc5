#include "command/typed_address.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

struct Typed {
  const char* word;
  const char* addresses;
};

TEST(TypedAddress, TakesTheFormsThatPeopleAndProgramsType) {
  const Typed forms[] = {
      {"root", "root "},
      {"a@r.test", "a@r.test "},
      {"<a@r.test>", "a@r.test "},
      {"Ann <a@r.test>", "a@r.test "},
      {"\"Smith, Ann\" <a@r.test>", "a@r.test "},
      {"a@r.test,b@r.test", "a@r.test b@r.test "},
      {"a@r.test, root", "a@r.test root "},
      {"\"a b\"@r.test", "\"a b\"@r.test "},
      {"-f@r.test", "-f@r.test "},
      {"用户@例子.测试", "用户@例子.测试 "},
  };

  for (const Typed& form : forms) {
    const auto mailboxes = typed_recipients(form.word);
    ASSERT_TRUE(mailboxes) << form.word << ": " << mailboxes.error().text;
    std::string all;
    for (const Mailbox& mailbox : *mailboxes) all += mailbox.text() + " ";
    EXPECT_EQ(all, form.addresses) << form.word;
  }
}

TEST(TypedAddress, RefusesWhatIsNone) {
  for (const char* word :
       {"", "-x", "|sh", "/etc/passwd", "$(id)", "$(id)@r.test", "a@r.test (Ann)", "a@", "@r.test",
        "a@r.test b@r.test", "a@r.test, ", "Ann", "<>", "Ann <a@r.test> x", "a@r.test,b@"}) {
    const auto mailboxes = typed_recipients(word);
    const std::string text = word;
    const bool fine = text == "Ann" || text == "a@r.test, ";  // A bare name, and a comma too many.
    EXPECT_EQ(mailboxes ? 0 : mailboxes.error().code, fine ? 0 : 67) << word;
  }
}

TEST(TypedAddress, RefusesBytesThatNoAddressHas_M005) {
  for (const std::string& word :
       {std::string("a@r.test\nBcc: b@r.test"), std::string("a\r@r.test"), std::string("a\x80@r.test"),
        std::string("\x9f"), std::string("a\xC2\x85@r.test"), std::string("a\x7f@r.test"),
        std::string("a\x1b[2J@r.test")}) {
    const auto mailboxes = typed_recipients(word);
    ASSERT_FALSE(mailboxes) << word;
    EXPECT_EQ(mailboxes.error().code, 65) << word;
    EXPECT_EQ(mailboxes.error().text.find_first_of("\n\r\x1b"), std::string::npos);
  }
}

TEST(TypedAddress, ASenderIsOneOrNobody) {
  EXPECT_FALSE(typed_sender("")->has_value());
  EXPECT_FALSE(typed_sender("<>")->has_value());
  EXPECT_EQ((*typed_sender("<a@s.test>"))->text(), "a@s.test");
  EXPECT_EQ((*typed_sender("Ann <a@s.test>"))->text(), "a@s.test");
  for (const char* word :
       {"a@s.test, b@s.test", "a\" -X/tmp/pwn.php -OQueueDirectory=/tmp @s.test", "a@s.test\n"}) {
    const auto sender = typed_sender(word);
    ASSERT_FALSE(sender) << word;
    EXPECT_EQ(sender.error().code, 65) << word;
  }
}

}  // namespace
}  // namespace mailchute
