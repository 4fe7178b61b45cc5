#include "settings/read_file.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

// It has no size and many pages, so it is read in more pieces than one.
constexpr char kSizeless[] = "/proc/self/smaps";

TEST(ReadSmallFile, AFileThatDoesNotTellItsSizeIsReadToItsEnd) {
  const auto file = read_small_file(kSizeless, 16 << 20);

  ASSERT_TRUE(file) << file.error().text;
  EXPECT_GT(file->bytes.size(), 8192U);
  EXPECT_EQ(file->bytes.find('\0'), std::string::npos);
  EXPECT_TRUE(file->bytes.ends_with('\n'));
}

TEST(ReadSmallFile, ButNotBeyondTheBound) {
  for (const std::size_t bytes_max : {1U, 4095U, 4096U, 4097U, 8191U, 8192U}) {
    const auto file = read_small_file(kSizeless, bytes_max);

    ASSERT_FALSE(file) << bytes_max;
    EXPECT_NE(file.error().text.find("larger than " + std::to_string(bytes_max)), std::string::npos);
  }
}

// A heap full of what the largest file might have needed was three times the rest of an idle daemon.
TEST(ReadSmallFile, ItTakesNoMoreRoomThanItNeeds) {
  const auto file = read_small_file("/etc/passwd", 1 << 20);

  ASSERT_TRUE(file) << file.error().text;
  EXPECT_LE(file->bytes.capacity(), file->bytes.size() + 4096);
}

}  // namespace
}  // namespace mailchute
