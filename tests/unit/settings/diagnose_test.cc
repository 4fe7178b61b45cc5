#include "settings/diagnose.h"

#include <gtest/gtest.h>

#include "settings/report.h"

namespace mailchute {
namespace {

TEST(Diagnose, RendersPlaceSourceLineCaretAndHint) {
  const Diagnostic diagnostic{
      "/etc/m.yaml",    3, 5, "unknown key \"hots\"", "did you mean \"host\"?", "    hots: x",
      Diagnostic::Error};

  EXPECT_EQ(render({diagnostic}),
            "/etc/m.yaml:3:5: error: unknown key \"hots\"\n"
            "  3 |     hots: x\n"
            "    |     ^\n"
            "  hint: did you mean \"host\"?\n");
}

TEST(Diagnose, TheCaretStandsUnderItsColumnBehindChineseText) {
  const Diagnostic diagnostic{"f", 1, 9, "m", "", "中文: 5", Diagnostic::Error};

  EXPECT_NE(render({diagnostic}).find("    |       ^\n"), std::string::npos) << render({diagnostic});
}

TEST(Diagnose, AFileWithoutAPlaceHasNoNumbers) {
  EXPECT_EQ(render({{"f", 0, 0, "cannot read", "", "", Diagnostic::Warning}}), "f: warning: cannot read\n");
}

TEST(Diagnose, TerminalSequencesAreEscapedAndBackslashesAreNot) {
  const std::string text = render({{"f", 1, 1, "bad", "", "path: a\\b\x1b[2J", Diagnostic::Error}});

  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a\\b\\x1b"), std::string::npos);
}

TEST(Diagnose, EditDistanceCountsASwapAsOne) {
  EXPECT_EQ(edit_distance("host", "host"), 0u);
  EXPECT_EQ(edit_distance("hots", "host"), 1u);
  EXPECT_EQ(edit_distance("pasword", "password"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Diagnose, ClosestSuggestsNothingFarAway) {
  EXPECT_EQ(closest("gmial", {"gmail", "qq", "m365"}), "gmail");
  EXPECT_EQ(closest("HOST", {"host", "port"}), "host");
  EXPECT_EQ(closest("zzzzzz", {"gmail", "qq"}), "");
}

TEST(Masking, ValuesOfKeysThatNameASecretAreHidden) {
  EXPECT_EQ(masked_line("a: b", "  password: hunter2"), "  password: ***");
  EXPECT_EQ(masked_line("", "qq: { user: a, \"smtp-passwd\" : x }"), "qq: { user: a, \"smtp-passwd\" : ***");
  EXPECT_EQ(masked_line("password:", "  hunter2"), "***");
  EXPECT_EQ(masked_line("password: |", "  hunter2"), "***");
}

TEST(Masking, FilesAndCommandsForSecretsAreShown) {
  EXPECT_EQ(masked_line("", "password_file: credentials/qq"), "password_file: credentials/qq");
  EXPECT_EQ(masked_line("", "token_command: [a]"), "token_command: [a]");
}

}  // namespace
}  // namespace mailchute
