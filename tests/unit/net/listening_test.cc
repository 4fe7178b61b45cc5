#include "net/listening.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/exit_codes.h"

namespace mailchute {
namespace {

// Of a network that is kept for documentation: no machine has it.
constexpr char kElsewhere[] = "192.0.2.1:0";

TEST(Listening, AnAddressThatIsNotHereIsPassedOverWhileAnotherWorks) {
  const auto sockets = listen_on_each({kElsewhere, "127.0.0.1:0"});

  ASSERT_TRUE(sockets) << sockets.error().text;
  EXPECT_EQ(sockets->size(), 1U);
}

TEST(Listening, WithoutAnyAddressThatIsHereItFails) {
  const auto sockets = listen_on_each({kElsewhere});

  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().code, exit_code::kNoSuchAddress);
}

TEST(Listening, NoAddressAtAllIsNoFailure) {
  const auto sockets = listen_on_each({});

  ASSERT_TRUE(sockets);
  EXPECT_TRUE(sockets->empty());
}

TEST(Listening, OneThatIsTakenFailsForAll) {
  const auto first = listen_on_each({"127.0.0.1:0"});
  ASSERT_TRUE(first);

  const auto both = listen_on_each({"127.0.0.1:0", local_name(first->front().get())});

  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, exit_code::kCannotCreate);
}

TEST(Listening, WhatIsNoAddressSaysHowToWriteOne) {
  const auto sockets = listen_on_each({"localhost"});

  ASSERT_FALSE(sockets);
  EXPECT_EQ(sockets.error().code, exit_code::kConfiguration);
  EXPECT_NE(sockets.error().text.find("[::1]:25"), std::string::npos);
}

TEST(Listening, ASocketsFileHasItsModeFromTheBeginningWhateverTheUmask) {
  char folder[] = "/tmp/mailchute-net-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/submit.sock";
  const mode_t usual = umask(0077);

  const auto socket = listen_on_path(path, 0666);

  EXPECT_EQ(umask(usual), 0077U);
  ASSERT_TRUE(socket) << socket.error().text;
  struct stat facts {};
  EXPECT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode, S_IFSOCK | 0666U);
  unlink(path.c_str());
  rmdir(folder);
}

}  // namespace
}  // namespace mailchute
