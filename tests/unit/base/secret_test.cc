#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

namespace mailchute {
namespace {

template <typename T>
concept Streams = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST(Secret, CannotBePrintedByAccident) {
  EXPECT_FALSE(Streams<Secret>);
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string>));
  EXPECT_FALSE((std::is_convertible_v<Secret, std::string_view>));
}

TEST(Secret, RevealsItsBytesOnRequest) {
  const Secret secret("hunter2");

  EXPECT_EQ(secret.reveal(), "hunter2");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, MovingLeavesNothingBehind) {
  for (const std::string& bytes : {std::string("short"), std::string(200, 'x')}) {
    Secret source{bytes};

    Secret moved(std::move(source));

    EXPECT_EQ(moved.reveal(), bytes);
    EXPECT_TRUE(source.empty());
  }
}

TEST(Secret, MoveAssignmentReplacesAndEmptiesTheSource) {
  Secret target("old");
  Secret source("new");

  target = std::move(source);

  EXPECT_EQ(target.reveal(), "new");
  EXPECT_TRUE(source.empty());
}

TEST(Secret, AssigningItToItselfKeepsIt) {
  Secret secret("same");
  Secret& alias = secret;

  secret = alias;
  secret = std::move(alias);

  EXPECT_EQ(secret.reveal(), "same");
}

TEST(Secret, WipeOverwritesTheWholeBufferNotOnlyTheText) {
  std::string bytes = "a long enough secret to live on the heap";
  const char* buffer = bytes.data();
  const std::size_t capacity = bytes.capacity();
  bytes.resize(3);

  Secret::wipe(bytes);

  EXPECT_TRUE(bytes.empty());
  ASSERT_EQ(bytes.data(), buffer);
  ASSERT_EQ(bytes.capacity(), capacity);
  // The text is empty, but its buffer is still there and may be read.
  EXPECT_EQ(std::count(buffer, buffer + capacity, '\0'), static_cast<std::ptrdiff_t>(capacity));
}

TEST(Secret, EqualWhenTheBytesAre) {
  EXPECT_TRUE(Secret("a") == Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
}

}  // namespace
}  // namespace mailchute
