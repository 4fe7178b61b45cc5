#include "base/log_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace mailchute::log {
namespace {

const WallTime kNoon{std::chrono::hours(12)};

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(LogLine, AnIdComesFirstSoThatTheEyeFindsIt) {
  EXPECT_EQ(text_line("deferred", {{"to", "b@r.test"}, {"id", "35EKAP0CKMFS"}, {"code", "451"}}),
            "35EKAP0CKMFS deferred to=b@r.test code=451");
}

TEST(LogLine, WithoutAnIdTheEventComesFirstAndEmptyFieldsAreLeftOut) {
  EXPECT_EQ(text_line("listening", {{"on", "127.0.0.1:25"}, {"id", ""}, {"why", ""}}),
            "listening on=127.0.0.1:25");
}

TEST(LogLine, AValueWithBlanksOrQuotesIsQuoted) {
  EXPECT_EQ(text_line("failed", {{"reply", "550 \"no\" user"}}), R"(failed reply="550 \"no\" user")");
}

TEST(LogLine, JsonHasTheSameFields) {
  EXPECT_EQ(
      json_line(kNoon, Level::Warning, "failed", {{"id", "35EK"}, {"reply", "550 \"no\""}, {"why", ""}}),
      R"({"time":"1970-01-01T12:00:00Z","level":"warning","event":"failed","id":"35EK","reply":"550 \"no\""})");
}

TEST(LogLine, TheJournalGetsThePlainNamesThatOthersLookFor) {
  const std::string datagram = journal_datagram(Level::Warning, "failed",
                                                {{"id", "35EKAP0CKMFS"},
                                                 {"from", "a@s.test"},
                                                 {"to", "b@r.test"},
                                                 {"upstream", "qq"},
                                                 {"attempt", "3"},
                                                 {"code", "550"},
                                                 {"enhanced", "5.1.1"},
                                                 {"reply", "rcpt: 550 5.1.1 no"}});

  for (const char* line : {"PRIORITY=4", "EVENT=failed", "QUEUE_ID=35EKAP0CKMFS", "SENDER=a@s.test",
                           "RECIPIENT=b@r.test", "UPSTREAM=qq", "ATTEMPT=3", "SMTP_CODE=550",
                           "ENHANCED_CODE=5.1.1", "MAILCHUTE_REPLY=rcpt: 550 5.1.1 no"})
    EXPECT_NE(datagram.find("\n" + std::string(line) + "\n"), std::string::npos) << line << " in:\n"
                                                                                 << datagram;
  EXPECT_EQ(datagram.find("MESSAGE=35EKAP0CKMFS failed from=a@s.test"), 0U);
  EXPECT_NE(datagram.find("\nMESSAGE_ID="), std::string::npos);
}

TEST(LogLine, AnEventThatTheCatalogDoesNotKnowHasNoMessageId) {
  EXPECT_EQ(journal_datagram(Level::Info, "something-else", {}).find("MESSAGE_ID"), std::string::npos);
}

TEST(LogLine, WhatAPeerSaidAddsNoLineAndNoField) {
  static constexpr char kEvil[] =
      "x\n2026-01-01T00:00:00Z info 35EK delivered\nPRIORITY=0\r\x1b[2J\0\xE2\x80\xAE";
  const std::string evil(kEvil, sizeof kEvil - 1);

  EXPECT_EQ(lines_in(text_line("failed", {{"reply", evil}})), 0U);
  EXPECT_EQ(lines_in(json_line(kNoon, Level::Info, "failed", {{"reply", evil}})), 0U);
  const std::string datagram = journal_datagram(Level::Info, "failed", {{"reply", evil}});
  EXPECT_EQ(datagram.find("\nPRIORITY=0"), std::string::npos);
  for (const char byte : datagram) EXPECT_TRUE(byte == '\n' || static_cast<unsigned char>(byte) >= 0x20);
  EXPECT_EQ(datagram.find("\xE2\x80\xAE"), std::string::npos) << "text that runs backwards";
}

TEST(LogLine, WhatPrintableMadeIsNotEscapedTwice) {
  const std::string shown = printable("caf\xC3\xA9 \x01");
  EXPECT_EQ(shown, "caf\xC3\xA9 \\x01");
  EXPECT_NE(
      journal_datagram(Level::Info, "failed", {{"reply", shown}}).find("\nMAILCHUTE_REPLY=" + shown + "\n"),
      std::string::npos);
}

TEST(LogLine, NothingMakesALineLongerThanItsBound) {
  const std::string long_text(100'000, 'x');
  const std::string quotes(100'000, '"');
  const std::string wide = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "\xE4\xB8\xAD";
    return text;
  }();
  for (const std::string& value : {long_text, quotes, wide}) {
    const Fields fields = {{"id", value}, {"from", value}, {"to", value}, {"reply", value}, {"next", "soon"}};
    EXPECT_LE(text_line("failed", fields).size(), kLogLineBytes);
    const std::string json = json_line(kNoon, Level::Info, "failed", fields);
    EXPECT_LE(json.size(), kLogLineBytes);
    EXPECT_EQ(json.back(), '}');
    EXPECT_TRUE(valid_utf8(json)) << "cut inside a character";
    EXPECT_TRUE(valid_utf8(text_line("failed", fields)));
  }
}

TEST(LogLine, AShortFieldBehindALongOneIsStillThere) {
  const std::string long_text(100'000, 'x');
  EXPECT_NE(
      text_line("deferred", {{"reply", long_text}, {"next", "2026-01-01T00:00:00Z"}}).find(" next=2026"),
      std::string::npos);
}

}  // namespace
}  // namespace mailchute::log
