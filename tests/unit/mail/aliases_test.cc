#include "mail/aliases.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

Mailbox box(std::string_view text) { return *Mailbox::parse(text); }

LocalNames names(AliasTable table = {}, const char* root = "me@example.com") {
  LocalNames made;
  made.table = std::move(table);
  if (*root != 0) made.root = box(root);
  made.mail_domain = "example.net";
  made.hostname = "relay.example.org";
  return made;
}

/// The addresses, with blanks between them.
std::string resolved(const LocalNames& local, std::string_view address, std::size_t most = 10) {
  const auto found = Aliases(local).resolve(box(address), most);
  if (!found) return "too many";
  std::string text;
  for (const Mailbox& each : *found) text += (text.empty() ? "" : " ") + each.text();
  return text;
}

TEST(Aliases, WhatIsNotOfThisMachineIsItself) {
  for (const char* address : {"bob@example.com", "root@elsewhere.test", "postmaster@r.test",
                              "bob@example.net", "bob@relay.example.org"})
    EXPECT_EQ(resolved(names(), address), address);
}

TEST(Aliases, RootReadsWhatNobodyElseDoes) {
  for (const char* address :
       {"root", "ROOT", "root@example.net", "root@relay.example.org", "root@localhost", "postmaster",
        "Postmaster@example.net", "mailer-daemon@localhost", "www-data", "bob@localhost"})
    EXPECT_EQ(resolved(names(), address), "me@example.com") << address;
}

TEST(Aliases, WithoutRootABareNameGetsOurDomainAndNoOther) {
  const LocalNames without = names({}, "");
  EXPECT_EQ(resolved(without, "root"), "root@example.net");
  EXPECT_EQ(resolved(without, "www-data"), "www-data@example.net");
  EXPECT_EQ(resolved(without, "bob@localhost"), "bob@example.net");
  EXPECT_EQ(resolved(without, "postmaster@example.net"), "postmaster@example.net");
}

TEST(Aliases, AreFollowedToTheirEndWhateverTheirCase) {
  const LocalNames local = names({{"web", {box("admins"), box("web@r.test")}},
                                  {"admins", {box("Ann"), box("root")}},
                                  {"ann", {box("ann@r.test")}}});
  EXPECT_EQ(resolved(local, "WEB"), "ann@r.test me@example.com web@r.test");
  EXPECT_EQ(resolved(local, "web@example.net"), "ann@r.test me@example.com web@r.test");
  EXPECT_EQ(resolved(local, "web@elsewhere.test"), "web@elsewhere.test");
}

TEST(Aliases, ALoopEndsAndLosesNothing) {
  const LocalNames local =
      names({{"a", {box("b")}}, {"b", {box("a")}}, {"bob", {box("bob"), box("bob@r.test")}}});
  EXPECT_EQ(resolved(local, "a"), "me@example.com");
  EXPECT_EQ(resolved(local, "bob"), "bob@r.test");
  EXPECT_EQ(resolved(names({{"a", {box("a@example.net")}}}, ""), "a"), "a@example.net");
  EXPECT_EQ(resolved(names({{"root", {box("root")}}}, ""), "root"), "root@example.net");
  EXPECT_EQ(resolved(names({}, "root@example.net"), "root"), "root@example.net");
}

TEST(Aliases, ALoopThatGoesByRootToStillLeadsSomewhere) {
  const AliasTable circle = {
      {"postmaster", {box("keeper")}}, {"keeper", {box("postmaster")}}, {"root", {box("postmaster")}}};
  EXPECT_EQ(resolved(names(circle, ""), "postmaster"), "postmaster@example.net");
  EXPECT_EQ(resolved(names(circle, ""), "keeper"), "keeper@example.net");
  EXPECT_EQ(resolved(names(circle, ""), "root"), "root@example.net");
}

TEST(Aliases, TheRootKeyWinsAndWithoutItTheTablesRootReadsPostmastersMail) {
  const AliasTable table = {{"root", {box("old@r.test")}}};
  EXPECT_EQ(resolved(names(table), "root"), "me@example.com");
  EXPECT_EQ(resolved(names(table, ""), "root"), "old@r.test");
  EXPECT_EQ(resolved(names(table, ""), "postmaster"), "old@r.test");
  EXPECT_EQ(resolved(names(table, ""), "www-data"), "www-data@example.net");
}

TEST(Aliases, EachAddressComesOnceAndNoMoreThanAllowed) {
  AliasTable table = {{"all", {box("a@r.test"), box("a@R.TEST"), box("both")}},
                      {"both", {box("a@r.test"), box("b@r.test")}}};
  EXPECT_EQ(resolved(names(table), "all", 2), "a@r.test b@r.test");
  EXPECT_EQ(resolved(names(table), "all", 1), "too many");
  // Each name of a long chain is followed once.
  for (int i = 0; i < 5000; ++i)
    table["n" + std::to_string(i)] = {box("n" + std::to_string(i + 1)), box("n" + std::to_string(i / 2))};
  EXPECT_EQ(resolved(names(table), "n0"), "me@example.com");
}

}  // namespace
}  // namespace mailchute
