// A disk that is really full: a small file system in memory, made for the test. Needs root, which may mount.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class FullDisk : public QueueTest {
 protected:
  void SetUp() override {
    const auto place = folder_ / "disk";
    std::filesystem::create_directory(place);
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) GTEST_SKIP() << "mounting needs root";
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP()
          << "the root is no mount point, as in a bare chroot: what is mounted here would be seen outside";
    if (mount("none", place.c_str(), "tmpfs", 0, "size=8m") != 0)
      GTEST_SKIP() << "mounting is not allowed here";
    disk_ = place.string();
    options_.path = disk_ + "/queue.db";
    open();
  }

  void TearDown() override {
    close();
    if (!disk_.empty()) umount2(disk_.c_str(), MNT_DETACH);
  }

  /// Takes every byte that is left.
  void fill() {
    std::ofstream filler(disk_ + "/filler", std::ios::binary);
    const std::string block(4096, 'f');
    while (filler.write(block.data(), 4096).flush()) {
    }
  }

  /// Of root, who may fill it all.
  NewMessage message() {
    NewMessage made = QueueTest::message();
    made.source.uid = 0;
    return made;
  }

  int accept_until_refused(const std::string& content) {
    int count = 0;
    while (count < 5000) {
      const auto result = accept(message(), content);
      if (result) {
        ++count;
        continue;
      }
      EXPECT_EQ(result.error().kind, QueueFault::Kind::NoSpace) << result.error().text;
      return count;
    }
    ADD_FAILURE() << "never full";
    return count;
  }

  int deliver_all() {
    for (int delivered = 0;; ++delivered) {
      const auto claimed = claim({lane(1)});
      if (claimed.parcels.empty()) return delivered;
      const auto settled = settle(settlement(claimed.parcels[0], RecipientState::Delivered));
      if (!settled) {
        ADD_FAILURE() << settled.error().text;
        return delivered;
      }
    }
  }

  /// As time goes by and clients come and ask.
  bool opens_again() {
    for (int seconds = 0; seconds < 10; ++seconds) {
      if (queue_->admission() == Admission::Open) return true;
      clock_.advance(Duration(1000));
      queue_->admission();
      drain();
    }
    return queue_->admission() == Admission::Open;
  }

  std::string disk_;
};

TEST_F(FullDisk, FilledByOthersTheQueueDrainsAndOpensWhenThereIsRoom) {  // Q011, Q012
  int waiting = 0;
  for (; waiting < 60; ++waiting) ASSERT_TRUE(accept(message(), std::string(4000, 'x')));
  fill();
  waiting += accept_until_refused(std::string(20'000, 'y'));
  EXPECT_NE(queue_->admission(), Admission::Open);

  EXPECT_EQ(deliver_all(), waiting);

  std::filesystem::remove(disk_ + "/filler");
  EXPECT_TRUE(opens_again());
  EXPECT_TRUE(accept(message()));
}

TEST_F(FullDisk, FilledByItsOwnMailTheQueueGivesTheRoomBackOnceItIsDelivered) {  // Q011
  const int waiting = accept_until_refused(std::string(20'000, 'x'));
  ASSERT_GT(waiting, 50);

  EXPECT_EQ(deliver_all(), waiting);

  EXPECT_TRUE(opens_again());
  EXPECT_TRUE(accept(message()));
}

TEST_F(FullDisk, WhatWasAcceptedIsThereAfterARestartOnTheFullDisk) {
  const int waiting = accept_until_refused(std::string(20'000, 'x'));
  fill();

  reopen();

  EXPECT_EQ(deliver_all(), waiting);
}

}  // namespace
}  // namespace mailchute
