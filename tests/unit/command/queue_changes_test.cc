#include "command/queue_changes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace mailchute {
namespace {

using namespace std::chrono_literals;

class QueueChangesTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/mailchute-changes-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    path_ = folder_ + "/queue.db";
    std::ofstream(path_) << "x";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Duration waited(QueueChanges& changes, Duration most) {
    const auto before = std::chrono::steady_clock::now();
    changes.wait(most);
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - before);
  }

  std::string folder_;
  std::string path_;
};

TEST_F(QueueChangesTest, AWriteBesideTheQueueEndsTheWait) {
  QueueChanges changes(path_);
  std::thread writer([this] { std::ofstream(path_ + "-wal", std::ios::app) << "commit"; });

  EXPECT_LT(waited(changes, 60s), 900ms);

  writer.join();
}

TEST_F(QueueChangesTest, WhatWasWrittenSinceTheLastWaitIsNotMissed) {
  QueueChanges changes(path_);
  std::ofstream(path_, std::ios::app) << "commit";

  EXPECT_LT(waited(changes, 60s), 900ms);
}

TEST_F(QueueChangesTest, WithoutNewsItEndsInTime) {
  QueueChanges changes(path_);

  EXPECT_LT(waited(changes, 0s), 500ms);
  EXPECT_GE(waited(changes, 120ms), 100ms);
}

TEST_F(QueueChangesTest, AFolderThatMayNotBeWatchedIsLookedAtAgainAndAgain) {
  QueueChanges changes(folder_ + "/nowhere/queue.db");

  EXPECT_LT(waited(changes, 60s), 900ms);
}

}  // namespace
}  // namespace mailchute
