#include "base/program_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace mailchute {
namespace {

/// KiB of code that this process has mapped, of its program and its libraries (proc(5), smaps).
long code_kib() {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool is_code = false;
  long total = 0;
  while (std::getline(maps, line)) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first.back() != ':') is_code = second == "r-xp";
    if (is_code && first == "Rss:") total += std::stol(second);
  }
  return total;
}

TEST(ProgramText, WhatRanOnceIsLetGoAndComesBackWhenItRunsAgain) {
  const long before = code_kib();
  ASSERT_GT(before, 0);

  let_go_of_program_text();
  const long after = code_kib();

  EXPECT_LT(after, before);
}

}  // namespace
}  // namespace mailchute
