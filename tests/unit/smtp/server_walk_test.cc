// S147: sessions of random commands, held against a second, much smaller model of what may follow what.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fake/server_driver.h"

namespace mailchute {
namespace {

/// The order of commands and nothing else (RFC 5321 4.1.4, RFC 3030 2). Knows three facts.
class Model {
 public:
  /// The code that `command` gets.
  int expect(const std::string& command) {
    if (command == "EHLO c") return hello();
    if (command == "MAIL FROM:<a@s>") return mail();
    if (command == "MAIL FROM:<") return !hello_said_ || stage_ != Stage::None ? 503 : 501;
    if (command == "RCPT TO:<b@r>") return rcpt(250);
    if (command == "RCPT TO:<>") return rcpt(501);
    if (command == "DATA") return data();
    if (command == "BDAT 2\r\nhi") return bdat(Stage::Chunks);
    if (command == "BDAT 2 LAST\r\nhi") return bdat(Stage::None);
    if (command == "RSET") stage_ = Stage::None;
    return command == "FOO" ? 500 : 250;
  }

 private:
  enum class Stage { None, Sender, Recipients, Chunks };

  int hello() {
    hello_said_ = true;
    stage_ = Stage::None;
    return 250;
  }

  int mail() {
    if (!hello_said_ || stage_ != Stage::None) return 503;
    stage_ = Stage::Sender;
    return 250;
  }

  int rcpt(int code) {
    if (stage_ == Stage::None || stage_ == Stage::Chunks) return 503;
    if (code == 250) stage_ = Stage::Recipients;
    return code;
  }

  int data() {
    if (stage_ == Stage::None || stage_ == Stage::Chunks) return 503;
    if (stage_ == Stage::Sender) return 554;
    stage_ = Stage::None;
    return 354;
  }

  int bdat(Stage next) {
    if (stage_ == Stage::None) return 503;
    if (stage_ == Stage::Sender) return 554;
    stage_ = next;
    return 250;
  }

  bool hello_said_ = false;
  Stage stage_ = Stage::None;
};

/// Always the same numbers: a failure can be repeated.
class Dice {
 public:
  std::size_t throw_one(std::size_t sides) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33) % sides;
  }

 private:
  std::uint64_t state_ = 20210101;
};

const std::vector<std::string> kCommands = {
    "EHLO c",       "MAIL FROM:<a@s>",   "MAIL FROM:<", "RCPT TO:<b@r>", "RCPT TO:<>", "DATA",
    "BDAT 2\r\nhi", "BDAT 2 LAST\r\nhi", "RSET",        "NOOP",          "FOO"};

int last_code(const std::string& said) {
  const auto line = said.rfind("\r\n", said.size() - 3);
  return std::stoi(said.substr(line == std::string::npos ? 0 : line + 2, 3));
}

void walk(Dice& dice) {
  test::ServerDriver driver({});
  Model model;
  driver.greet();
  driver.take_said();
  // Fewer steps than errors are forgiven, so that only the order of commands decides.
  for (int i = 0; i < 18; ++i) {
    const auto& command = kCommands[dice.throw_one(kCommands.size())];
    const int expected = model.expect(command);
    driver.hear(command + (command.starts_with("BDAT") ? "" : "\r\n"));
    ASSERT_EQ(last_code(driver.take_said()), expected) << command;
    if (expected != 354) continue;
    driver.hear("text\r\n.\r\n");
    ASSERT_EQ(last_code(driver.take_said()), 250);
  }
  ASSERT_FALSE(driver.closed());
}

TEST(ServerSession, AnswersRandomCommandsAsTheModelOfTheirOrderDoes) {
  Dice dice;

  for (int i = 0; i < 10'000 && !testing::Test::HasFatalFailure(); ++i) walk(dice);
}

}  // namespace
}  // namespace mailchute
