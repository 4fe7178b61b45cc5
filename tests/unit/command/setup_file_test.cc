#include "command/setup_file.h"
#include "fake/source_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace mailchute {
namespace {

const SetupLines kQq = {"ops@example.com", "qq", {{"user", "1@qq.com"}, {"password_file", "credentials/qq"}}};

std::string edited(const std::string& before, const SetupLines& lines = kQq,
                   Handwritten handwritten = Handwritten::Keep) {
  const auto text = with_setup(before, lines, handwritten);
  return text ? *text : "refused: " + text.error().text;
}

constexpr char kOurs[] =
    "root: ops@example.com  # setup\n"
    "upstreams:\n"
    "  qq:  # setup\n"
    "    user: 1@qq.com  # setup\n"
    "    password_file: credentials/qq  # setup\n";

TEST(SetupFile, ANewFileHasAFewLinesAndSaysWhoseTheyAre) {
  const std::string text = edited("");

  EXPECT_TRUE(text.starts_with("# The configuration of mailchute."));
  EXPECT_TRUE(text.ends_with(kOurs)) << text;
}

TEST(SetupFile, TheSameAnswersChangeNothing) {
  for (const std::string& before : {std::string(), std::string("# mine\nqueue: { reserve: 1MiB }\n")}) {
    const std::string once = edited(before);
    EXPECT_EQ(edited(once), once);
  }
}

TEST(SetupFile, OtherAnswersReplaceItsOwnLinesWhereTheyStand) {
  const std::string before =
      "# first\n" + edited("").substr(edited("").find("root:")) + "# last\nlog: { level: info }\n";
  const SetupLines other = {"me@163.com", "163", {{"user", "me@163.com"}}};

  EXPECT_EQ(edited(before, other),
            "# first\nroot: me@163.com  # setup\nupstreams:\n  163:  # setup\n    user: me@163.com  # setup\n"
            "# last\nlog: { level: info }\n");
}

TEST(SetupFile, CommentsAndKeysOfAPersonStay) {
  const std::string before = "# mine\n" + std::string("root: a@b.test  # setup\n") +
                             "# about upstreams\nupstreams:\n  # inside\n  old:  # setup\n"
                             "    # kept\n    user: x@y.test  # setup\nretry: { first: 2m }\n";

  const std::string text = edited(before);

  for (const char* kept :
       {"# mine\n", "# about upstreams\n", "  # inside\n", "    # kept\n", "retry: { first: 2m }\n"})
    EXPECT_NE(text.find(kept), std::string::npos) << text;
  EXPECT_EQ(text.find("old:"), std::string::npos);
  EXPECT_EQ(text.find("x@y.test"), std::string::npos);
}

TEST(SetupFile, AnUpstreamOfAPersonBesideItsOwnStays) {
  const std::string before = std::string(kOurs) + "  office:\n    host: smtp.example.com\n";

  EXPECT_EQ(edited(before), before);
}

TEST(SetupFile, RootBelowTheUpstreamsStaysThere) {
  const std::string before =
      "upstreams:\n  old:  # setup\n    user: a@b.test  # setup\nroot: a@b.test  # setup\n";

  EXPECT_EQ(
      edited(before),
      "upstreams:\n  qq:  # setup\n    user: 1@qq.com  # setup\n    password_file: credentials/qq  # setup\n"
      "root: ops@example.com  # setup\n");
}

TEST(SetupFile, WhatAPersonWroteIsRefusedWithItsLine) {
  EXPECT_EQ(edited("# x\nroot: me@example.com\n"), "refused: line 2 has root, which setup did not write");
  for (const char* before :
       {"upstreams:\n  office: { host: a.test }\n", "upstreams: { office: { host: a.test } }\n",
        "upstreams:\n\n  # c\n  a:\n", "\"upstreams\": {}\n", "upstreams :\n  a: {}\n"})
    EXPECT_EQ(edited(before), "refused: line 1 has upstreams, which setup did not write") << before;
}

TEST(SetupFile, WithLeaveItBecomesAComment) {
  const std::string before =
      "root: me@example.com\nupstreams: {\n  office: { host: a.test }\n}\n# about the log\nlog: { level: "
      "info }\n";

  EXPECT_EQ(edited(before, kQq, Handwritten::Override),
            "#before setup# root: me@example.com\n#before setup# upstreams: {\n"
            "#before setup#   office: { host: a.test }\n#before setup# }\n# about the log\n"
            "root: ops@example.com  # setup\nlog: { level: info }\n"
            "upstreams:\n  qq:  # setup\n    user: 1@qq.com  # setup\n    password_file: credentials/qq  # "
            "setup\n");
}

TEST(SetupFile, TheShippedFileGetsItsLinesWhereItsExamplesStand) {
  std::ifstream file(fake::source_file("config/mailchute.yaml"));
  const std::string shipped{std::istreambuf_iterator<char>(file), {}};

  const std::string text = edited(shipped);

  EXPECT_NE(text.find("#root: ops@example.com\nroot: ops@example.com  # setup\n"), std::string::npos);
  EXPECT_NE(text.find("\nupstreams:\n  qq:  # setup\n"), std::string::npos);
  EXPECT_EQ(text.size(), shipped.size() + std::string(kOurs).size() - std::string("upstreams:\n").size());
}

TEST(SetupFile, AFileWithReturnsAndWithoutALastNewlineIsNoTrouble) {
  EXPECT_EQ(edited("queue:\r\n  reserve: 1MiB"),
            "root: ops@example.com  # setup\nqueue:\r\n  reserve: 1MiB\nupstreams:\n"
            "  qq:  # setup\n    user: 1@qq.com  # setup\n"
            "    password_file: credentials/qq  # setup\n");
  EXPECT_EQ(edited("root: a@b.test  # setup\r\nupstreams:\r\n").substr(0, 31),
            "root: ops@example.com  # setup\n");
}

}  // namespace
}  // namespace mailchute
