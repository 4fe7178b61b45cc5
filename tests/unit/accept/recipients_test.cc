#include "accept/recipients.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

Recipient to(const char* address, const char* original = "") {
  Recipient recipient;
  recipient.mailbox = *Mailbox::parse(address);
  recipient.original = original;
  recipient.notify.delay = true;
  return recipient;
}

Aliases aliases() {
  LocalNames names;
  names.table["both"] = {*Mailbox::parse("a@r.test"), *Mailbox::parse("b@r.test")};
  names.root = *Mailbox::parse("me@example.com");
  names.mail_domain = names.hostname = "m.test";
  return Aliases(std::move(names));
}

std::string texts(const Recipients& recipients) {
  std::string text;
  for (const Recipient& each : recipients.all())
    text +=
        (text.empty() ? "" : " ") + each.mailbox.text() + (each.original.empty() ? "" : "=" + each.original);
  return text;
}

TEST(Recipients, AnAliasStandsForItsAddressesAndIsRememberedAsTheOriginal) {
  Recipients recipients;
  EXPECT_FALSE(recipients.add(to("root"), aliases(), 10));
  EXPECT_FALSE(recipients.add(to("both"), aliases(), 10));
  EXPECT_FALSE(recipients.add(to("c@r.test"), aliases(), 10));
  EXPECT_EQ(texts(recipients),
            "me@example.com=rfc822;root@m.test a@r.test=rfc822;both@m.test "
            "b@r.test=rfc822;both@m.test c@r.test");
  EXPECT_TRUE(recipients.all()[1].notify.delay);
}

TEST(Recipients, WhatTheAppGaveAsTheOriginalStays) {
  Recipients recipients;
  recipients.add(to("root", "rfc822;other@r.test"), aliases(), 10);
  EXPECT_EQ(texts(recipients), "me@example.com=rfc822;other@r.test");
}

TEST(Recipients, AnAddressComesOnceWhateverNamesItHas) {
  Recipients recipients;
  for (const char* name : {"a@r.test", "both", "root", "postmaster", "me@example.com", "www-data"})
    EXPECT_FALSE(recipients.add(to(name), aliases(), 10));
  EXPECT_EQ(recipients.all().size(), 3u);
}

TEST(Recipients, TooManyAreRefusedForNowAndNoneOfThemIsTaken) {
  Recipients recipients;
  EXPECT_FALSE(recipients.add(to("c@r.test"), aliases(), 2));
  const auto refusal = recipients.add(to("both"), aliases(), 2);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, 452);
  EXPECT_EQ(texts(recipients), "c@r.test");
  EXPECT_FALSE(recipients.add(to("d@r.test"), aliases(), 2));
  Recipients fresh;
  EXPECT_EQ(fresh.add(to("both"), aliases(), 1)->code, 452);
}

TEST(Recipients, WithoutAliasesABareNameStaysWhatItIs) {
  Recipients recipients;
  recipients.add(to("bob"), Aliases(), 10);
  EXPECT_EQ(texts(recipients), "bob");
}

}  // namespace
}  // namespace mailchute
