#include "control/presence.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace mailchute {
namespace {

class PresenceTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/mailchute-presence-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    path_ = folder_ + "/control.sock";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
};

TEST_F(PresenceTest, ADaemonIsPresentAsLongAsItAnnouncesItself) {
  EXPECT_FALSE(daemon_is_present(path_));

  std::optional<Presence> presence(std::move(*Presence::announce(path_)));
  EXPECT_TRUE(daemon_is_present(path_));
  EXPECT_TRUE(daemon_is_present(path_));

  presence.reset();
  EXPECT_FALSE(daemon_is_present(path_));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(PresenceTest, ItsFileNamesTheProcessAndAnybodyMayReadIt) {
  const auto presence = Presence::announce(path_);
  ASSERT_TRUE(presence);

  std::ifstream file(path_ + ".pid");
  pid_t number = 0;
  file >> number;
  EXPECT_EQ(number, ::getpid());
  struct stat facts {};
  ASSERT_EQ(::stat((path_ + ".pid").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0644u);
}

TEST_F(PresenceTest, WhatAKilledDaemonLeftBehindMeansNothingAndIsReplaced) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto presence = Presence::announce(path_);
    ::_exit(presence && daemon_is_present(path_) ? 0 : 1);  // No destructor runs, as after kill -9.
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(path_ + ".pid"));
  EXPECT_FALSE(daemon_is_present(path_));

  const auto presence = Presence::announce(path_);

  EXPECT_TRUE(daemon_is_present(path_));
}

TEST_F(PresenceTest, AFifoOrALinkInItsPlaceMeansNothing) {
  ASSERT_EQ(::mkfifo((path_ + ".pid").c_str(), 0644), 0);
  EXPECT_FALSE(daemon_is_present(path_));
  std::filesystem::remove(path_ + ".pid");

  const auto other = Presence::announce(folder_ + "/other.sock");
  ASSERT_EQ(::symlink((folder_ + "/other.sock.pid").c_str(), (path_ + ".pid").c_str()), 0);
  EXPECT_FALSE(daemon_is_present(path_));
}

TEST_F(PresenceTest, AFolderThatIsNotThereIsAnErrorThatSaysWhatFollows) {
  const auto presence = Presence::announce(folder_ + "/nowhere/control.sock");

  ASSERT_FALSE(presence);
  EXPECT_EQ(presence.error().code, 73);
  EXPECT_NE(presence.error().text.find("take the daemon for stopped"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
