#include "settings/aliases.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

std::string resolved(const Settings& settings, const char* name) {
  const auto found = aliases_of(settings).resolve(*Mailbox::parse(name), 100);
  std::string text;
  for (const Mailbox& each : *found) text += (text.empty() ? "" : " ") + each.text();
  return text;
}

class AliasFile : public ::testing::Test {
 protected:
  Loaded load_file(const std::string& aliases, const std::string& more = "") {
    space.write("aliases", aliases);
    return space.load_text("mail_domain: m.test\naliases_file: aliases\n" + more + kUpstream);
  }
  Workspace space;
};

TEST_F(AliasFile, IsReadAsAliasesFilesAreWritten) {
  const auto loaded = load_file(
      "# a comment\n"
      "postmaster: root\n"
      "\n"
      "Web : ann@r.test,\n"
      "\tbob@r.test\n"
      "   # a comment within\n"
      "   , \"c d\"@r.test\n"
      "\"quoted name\": ann@r.test\r\n"
      "root: \\root, me@r.test\n"
      "nobody:\n");
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(resolved(*loaded.settings, "web"), "ann@r.test bob@r.test \"c d\"@r.test");
  EXPECT_EQ(resolved(*loaded.settings, "postmaster"), "me@r.test");
  EXPECT_EQ(loaded.settings->alias_table.at("quoted name").size(), 1u);
  EXPECT_FALSE(loaded.settings->alias_table.contains("nobody"));
}

TEST_F(AliasFile, ProgramsFilesAndIncludesAreRefusedWithTheirPlace) {
  const struct {
    const char* target;
    const char* says;
  } targets[] = {{"|/usr/bin/vacation", "runs a program"},  {"\"|/usr/bin/vacation bob\"", "runs a program"},
                 {"/var/mail/archive", "writes to a file"}, {":include:/etc/list", "takes in another file"},
                 {":fail: no such user", "is a directive"}, {"a b@r.test", "is no address"},
                 {"me@r.test # comment", "is no address"}};
  for (const auto& target : targets) {
    const auto loaded = load_file("ok: a@r.test\nbob: " + std::string(target.target) + "\n");
    EXPECT_FALSE(loaded.settings) << target.target;
    const Diagnostic found = find_message(loaded, target.says);
    EXPECT_EQ(found.line, 2) << target.target;
    EXPECT_EQ(found.file, space.path("aliases"));
  }
}

TEST_F(AliasFile, ALineThatIsNoAliasIsToldOf) {
  EXPECT_EQ(find_message(load_file("just words\n"), "no colon").line, 1);
  EXPECT_EQ(find_message(load_file("bob@r.test: ann@r.test\n"), "somebody on this machine").line, 1);
  const auto twice = load_file("bob: a@r.test\nBOB: b@r.test\n");
  ASSERT_TRUE(twice.settings);
  EXPECT_EQ(find_message(twice, "second time").severity, Diagnostic::Warning);
  EXPECT_EQ(resolved(*twice.settings, "bob"), "a@r.test");
}

TEST_F(AliasFile, ThatIsMissingIsAMistakeOnlyWhereItWasNamed) {
  EXPECT_FALSE(space.load_text("aliases_file: nowhere\n" + kUpstream).settings);
  EXPECT_TRUE(space.load_text(kUpstream).settings);
}

TEST_F(AliasFile, OfTheSystemNeverKeepsTheDaemonFromStarting) {
  space.options.system_aliases = space.path("etc-aliases");
  space.write("etc-aliases", "bob: |/bin/procmail\nann: ann@r.test\n");
  const auto loaded = space.load_text("mail_domain: m.test\n" + kUpstream);
  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(find_message(loaded, "runs a program").severity, Diagnostic::Warning);
  EXPECT_EQ(resolved(*loaded.settings, "ann"), "ann@r.test");
}

TEST_F(AliasFile, TheMapWinsAndTheRootKeyOverAll) {
  const auto loaded = load_file("web: file@r.test\nroot: file@r.test\n",
                                "aliases: { web: \"map@r.test, two@r.test\" }\nroot: me@r.test\n");
  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(resolved(*loaded.settings, "web"), "map@r.test two@r.test");
  EXPECT_EQ(resolved(*loaded.settings, "root"), "me@r.test");
  EXPECT_EQ(resolved(*loaded.settings, "anybody"), "me@r.test");
  EXPECT_FALSE(load_file("", "aliases: { web: \"|sh\" }\n").settings);
}

TEST_F(AliasFile, AChangeOfItIsAChangeOfTheConfiguration) {
  const auto before = load_file("web: a@r.test\n");
  const auto after = load_file("web: b@r.test\n");
  EXPECT_NE(before.content_hash, after.content_hash);
  EXPECT_FALSE(*before.settings == *after.settings);
}

TEST_F(AliasFile, WhatDeliveryNeedsOfTheWholeIsToldToEachUpstream) {
  const auto loaded = space.load_text("mail_domain: m.test\nlimits: { header_size: 32KiB }\n" + kUpstream);
  ASSERT_TRUE(loaded.settings);
  EXPECT_EQ(loaded.settings->upstreams.at(0).mail_domain, "m.test");
  EXPECT_EQ(loaded.settings->upstreams.at(0).header_size, 32u << 10);
}

}  // namespace
}  // namespace mailchute
