// What the YAML in a configuration may not be, told with its exact place.
#include <gtest/gtest.h>

#include "unit/settings/workspace.h"

namespace mailchute {
namespace {

struct Refusal {
  const char* name;
  std::string text;
  int line;
  int column;
  const char* message;
};

class YamlRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(YamlRefusal, IsToldWithItsExactPlace) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(GetParam().text);

  EXPECT_FALSE(loaded.settings);
  const Diagnostic error = find_message(loaded, GetParam().message);
  EXPECT_EQ(error.severity, Diagnostic::Error);
  EXPECT_EQ(error.line, GetParam().line) << render(loaded.diagnostics);
  EXPECT_EQ(error.column, GetParam().column) << render(loaded.diagnostics);
}

const Refusal kRefusals[] = {
    {"DuplicateKey_K003", "root: a@b.c\nroot: d@e.f\n", 2, 1, "is here twice"},
    {"DuplicateKeyDeepInside", "queue:\n  path: /a\n  path: /b\n", 3, 3, "is here twice"},
    {"TabIndentation_K008", "queue:\n\tpath: /a\n", 2, 1, "a tab indents"},
    {"TabBehindAColon", "root:\ta@b.c\n", 1, 6, "a tab stands outside quotes"},
    {"Utf16_K008", std::string("\xFF\xFEr\0o\0o\0t\0", 10), 1, 1, "UTF-16"},
    {"Utf16WithoutMark", std::string("r\0o\0o\0t\0:\0", 10), 1, 2, "control byte"},
    {"NotUtf8", "root: a@b.c\n# caf\xE9\n", 2, 1, "not UTF-8"},
    {"Anchor_K009", "queue:\n  path: &here /a\n", 2, 9, "anchors"},
    {"Alias_K009", "queue:\n  path: *here\n", 2, 9, "aliases"},
    {"UnquotedPattern", "routes:\n  - { from: *@corp.example, via: [qq] }\n", 2, 13, "aliases"},
    {"Tag_K010", "root: !!python/object:os.system x\n", 1, 7, "tags"},
    {"LocalTag_K010", "root: !secret x\n", 1, 7, "tags"},
    {"MergeKey_K010", "queue:\n  <<: { path: /a }\n", 2, 3, "merge keys"},
    {"SecondDocument_K011", "root: a@b.c\n---\nroot: d@e.f\n", 2, 1, "one document"},
    {"DocumentEnd_K011", "root: a@b.c\n...\nroot: d@e.f\n", 2, 1, "one document"},
    {"Directive", "%YAML 1.2\n---\nroot: a@b.c\n", 1, 1, "directives"},
    {"UnclosedDoubleQuote", "hostname: \"relay\nroot: a@b.c\n", 1, 11, "not closed"},
    {"UnclosedSingleQuote", "hostname: 'relay\nroot: a@b.c\n", 1, 11, "not closed"},
    {"UnclosedQuoteInBraces", "log: { level: \"info, format: text }\n", 1, 15, "not closed"},
    {"QuoteNeverOpened", "hostname: relay\"\n", 1, 16, "never opened"},
    {"TextBehindAQuote", "hostname: \"relay\"x\n", 1, 18, "follows a closing quote"},
    {"UnclosedBrace", "log: { level: info\nroot: a@b.c\n", 1, 6, "never closed"},
    {"BlockText", "hostname: |\n  relay\n", 1, 11, "several lines"},
    {"ReservedSign", "hostname: @relay\n", 1, 11, "for itself"},
    {"NotAMap", "- a\n- b\n", 1, 1, "a map of keys"},
    {"NestedBrackets_K012", "root: " + std::string(100'000, '['), 1, 1, "longer than"},
    {"NestedBracketsOverLines_K012",
     [] {
       std::string text = "root: ";
       for (int i = 0; i < 100'000; ++i) text += "[\n";
       return text;
     }(),
     21, 1, "nested too deeply"},
};

INSTANTIATE_TEST_SUITE_P(Yaml, YamlRefusal, testing::ValuesIn(kRefusals),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Yaml, DeepBlockListsEndInAnErrorAndNotInAnOverflow) {
  const Workspace workspace;
  std::string text = "root:\n  ";
  for (int i = 0; i < 4'000; ++i) text += "- ";

  EXPECT_FALSE(workspace.load_text(text + "x\n").settings);
}

TEST(Yaml, ManyBlockLevelsOverLinesEndInAnError) {
  const Workspace workspace;
  std::string text;
  for (int i = 0; i < 900; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";

  EXPECT_FALSE(workspace.load_text(text).settings);
}

TEST(Yaml, AnyNumberOfMistakesEndsInABoundedNumberOfMessages) {
  const Workspace workspace;
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "k" + std::to_string(i) + ": 1\n";

  const Loaded loaded = workspace.load_text(text);

  EXPECT_FALSE(loaded.settings);
  EXPECT_LT(loaded.diagnostics.size(), 600u);
  EXPECT_EQ(find_message(loaded, "more than 10000 values").severity, Diagnostic::Error);
  EXPECT_NE(find_message(loaded, "more are not shown").message, "");
}

TEST(Yaml, CrLfAndAByteOrderMarkAreFine) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text("\xEF\xBB\xBFroot: ops@example.com\r\n" +
                                            kUpstream.substr(0, kUpstream.size() - 1) + "\r\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->root, "ops@example.com");
}

TEST(Yaml, OneDocumentMarkAtTheTopIsFine) {
  const Workspace workspace;

  EXPECT_TRUE(workspace.load_text("# mail\n---\n" + kUpstream).settings);
}

TEST(Yaml, CommentsQuotesAndFlowOverSeveralLinesAreFine) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(
      "upstreams: {   # \"not closed in a comment is fine\n"
      "  \"qq\": { user: 'it''s@qq.com', password_file: \"se\\x63ret\" }  # 'same\n"
      "}\n"
      "routes:\n- { from: \"*@corp.example\", via: [qq] }\n");

  ASSERT_TRUE(loaded.settings) << render(loaded.diagnostics);
  EXPECT_EQ(loaded.settings->upstreams[0].user, "it's@qq.com");
  EXPECT_EQ(loaded.settings->upstreams[0].password_file, workspace.path("secret"));
}

TEST(Yaml, ScalarsThatYamlTurnsIntoSomethingElseStayTheTextTheyAre) {
  const Workspace workspace;
  for (const std::string user : {"no", "123456", "1e5", "0x1F", "007", "on", "12:30:45"}) {
    const Loaded loaded = workspace.load_text("upstreams: { x: { host: h.example, user: " + user +
                                              ", password_file: secret } }\n");
    ASSERT_TRUE(loaded.settings) << user << render(loaded.diagnostics);
    EXPECT_EQ(loaded.settings->upstreams[0].user, user);
  }
}

TEST(Yaml, NullWhereAValueBelongsIsAnError) {
  const Workspace workspace;
  for (const std::string value : {"~", "null", ""}) {
    const Loaded loaded = workspace.load_text("hostname: " + value + "\n" + kUpstream);
    EXPECT_EQ(first_error(loaded).message, "hostname has no value") << value;
    EXPECT_EQ(first_error(loaded).line, 1);
  }
}

TEST(Yaml, EveryMistakeOfAFileIsToldInOneRun) {
  const Workspace workspace;

  const Loaded loaded = workspace.load_text(
      "root: nobody\n"
      "hostname: \"relay\n"
      "queue:\n"
      "  lifetime: 5\n"
      "\treserve: 1MiB\n"
      "  max_bytes: &x 10M\n"
      "  lifetime: 6d\n"
      "quue: 5\n");

  for (const auto message : {"has no domain", "not closed", "needs a unit", "a tab", "anchors", "has no unit",
                             "is here twice", "unknown key \"quue\""})
    EXPECT_EQ(find_message(loaded, message).severity, Diagnostic::Error) << message << "\n"
                                                                         << render(loaded.diagnostics);
  EXPECT_NE(find_message(loaded, "anchors").line, 0);
  EXPECT_EQ(find_message(loaded, "no upstreams").line, 0) << "what could not be read is not missing";
  EXPECT_EQ(count_errors(loaded), 8) << render(loaded.diagnostics);
}

}  // namespace
}  // namespace mailchute
