#include "command/completion_words.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mailchute {
namespace {

std::string asked_config;

std::vector<Candidate> there_are(const std::string& kind, const std::string& config) {
  asked_config = config;
  if (kind == "NAME") return {{"qq", "QQ"}, {"office", ""}};
  if (kind == "ID") return {{"06ABCDEFGHJK", "queued"}};
  if (kind == "PROVIDER") return {{"gmail", ""}};
  return {};
}

std::vector<std::string> words(const std::vector<std::string>& typed) {
  std::vector<std::string> found;
  for (const Candidate& each : complete(command_shape(), typed, &there_are).candidates)
    found.push_back(each.word);
  return found;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

TEST(Completion, BeginsWithTheCommands) {
  const auto all = words({""});
  for (const char* command : {"run", "status", "queue", "doctor", "explain", "completion"})
    EXPECT_TRUE(has(all, command)) << command;
  EXPECT_EQ(words({"que"}), std::vector<std::string>{"queue"});
  EXPECT_EQ(words({"queue", "re"}), (std::vector<std::string>{"retry", "release", "remove"}));
}

TEST(Completion, OffersFlagsOnceAndOnlyWhenOneIsBegun) {
  EXPECT_TRUE(has(words({"queue", "list", "--"}), "--state"));
  EXPECT_FALSE(has(words({"queue", "list", "--state", "held", "--"}), "--state"));
  EXPECT_FALSE(has(words({"status", ""}), "--json"));
}

TEST(Completion, KnowsWhatStandsBehindAFlag) {
  EXPECT_EQ(words({"queue", "list", "--state", "he"}), std::vector<std::string>{"held"});
  EXPECT_EQ(words({"queue", "list", "--upstream", ""}), (std::vector<std::string>{"qq", "office"}));
  EXPECT_EQ(words({"explain", "--provider", ""}), std::vector<std::string>{"gmail"});
  EXPECT_TRUE(words({"queue", "list", "--from", ""}).empty());
}

TEST(Completion, KnowsWhatStandsBehindACommand) {
  EXPECT_EQ(words({"upstream", "resume", "q"}), std::vector<std::string>{"qq"});
  EXPECT_TRUE(words({"upstream", "resume", "qq", ""}).empty());
  EXPECT_EQ(words({"queue", "show", "06a"}), std::vector<std::string>{"06ABCDEFGHJK"});
  EXPECT_EQ(words({"queue", "hold", "06ABCDEFGHJK", ""}), std::vector<std::string>{"06ABCDEFGHJK"});
  EXPECT_EQ(words({"explain", ""}).size(), 3U);
  EXPECT_TRUE(has(words({"completion", ""}), "fish"));
}

TEST(Completion, LooksWithTheConfigurationThatWasTyped) {
  words({"upstream", "pause", "--config", "/x.yaml", ""});
  EXPECT_EQ(asked_config, "/x.yaml");
}

TEST(Completion, LeavesFilesToTheShell) {
  EXPECT_EQ(complete(command_shape(), {"backup", ""}, &there_are).files, Completion::Files::Yes);
  EXPECT_EQ(complete(command_shape(), {"check", "--config", ""}, &there_are).files, Completion::Files::Yes);
  EXPECT_EQ(complete(command_shape(), {"status", ""}, &there_are).files, Completion::Files::No);
}

TEST(Completion, OfNonsenseIsNothing) {
  EXPECT_TRUE(words({"nonsense", "x"}).empty());
  EXPECT_TRUE(words({"--nonsense", "-x"}).empty());
  EXPECT_FALSE(complete(command_shape(), {}, &there_are).candidates.empty());
}

}  // namespace
}  // namespace mailchute
