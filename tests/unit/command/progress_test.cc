#include "command/progress.h"

#include <gtest/gtest.h>

#include <csignal>

namespace mailchute {
namespace {

/// What becomes of SIGINT at the moment.
auto handler_of_interrupt() {
  struct sigaction now {};
  ::sigaction(SIGINT, nullptr, &now);
  return now.sa_handler;
}

TEST(Interruptible, CtrlCIsNoticedAndLaterDoesWhatItDidBefore) {
  std::signal(SIGINT, SIG_DFL);
  {
    const Interruptible interruptible;
    EXPECT_FALSE(Interruptible::interrupted());
    std::raise(SIGINT);
    EXPECT_TRUE(Interruptible::interrupted());
  }

  EXPECT_EQ(handler_of_interrupt(), SIG_DFL);
}

TEST(Interruptible, WhatIsIgnoredStaysIgnored) {
  std::signal(SIGINT, SIG_IGN);
  {
    const Interruptible interruptible;
    std::raise(SIGINT);
    EXPECT_FALSE(Interruptible::interrupted());
  }

  EXPECT_EQ(handler_of_interrupt(), SIG_IGN);
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace
}  // namespace mailchute
