#include "command/mistyped.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

CommandShape command(const std::string& name, std::vector<CommandShape> below = {}) {
  CommandShape shape;
  shape.name = name;
  shape.commands = std::move(below);
  return shape;
}

CommandShape program() {
  return command("mailchute",
                 {command("status"), command("setup"), command("queue", {command("list"), command("show")})});
}

std::string said(const std::vector<std::string>& words) {
  const auto error = mistyped_command(program(), words);
  return error ? error->text : "";
}

TEST(Mistyped, TheNearestCommandIsNamed) {
  EXPECT_EQ(said({"statsu"}), "no command \"statsu\"; did you mean status?; next: mailchute --help");
  EXPECT_EQ(said({"queue", "lst"}),
            "no command \"queue lst\"; did you mean queue list?; next: mailchute queue --help");
  EXPECT_EQ(mistyped_command(program(), {"statsu"})->code, 64);
}

TEST(Mistyped, WhatIsNearNothingIsNamedAlone) {
  EXPECT_EQ(said({"xyzzy\x1b"}), "no command \"xyzzy\\x1b\"; next: mailchute --help");
}

TEST(Mistyped, WhereNothingWasTypedAllAreNamed) {
  EXPECT_EQ(said({}), "which command? one of status, setup, queue; next: mailchute --help");
  EXPECT_EQ(said({"queue", "--json"}), "which command? one of list, show; next: mailchute queue --help");
}

TEST(Mistyped, ACommandThatIsThereIsNotMeant) {
  EXPECT_EQ(said({"status", "--jsno"}), "");
  EXPECT_EQ(said({"queue", "show"}), "");
}

}  // namespace
}  // namespace mailchute
