#include "accept/admission.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

Source user(std::uint32_t uid) {
  Source source;
  source.kind = "smtp";
  source.address = "127.0.0.1:50000";
  source.uid = uid;
  return source;
}

Source machine(int number, const std::string& login = {}) {
  Source source;
  source.kind = "smtp";
  source.address = "192.0.2." + std::to_string(number) + ":50000";
  source.login = login;
  return source;
}

TEST(ConnectionCount, OneUserMayNotTakeAllPlaces) {
  ConnectionCount count;
  for (int i = 0; i < 3; ++i) count.came(user(1000));

  EXPECT_EQ(count.refusal(user(1000), 10, 3)->enhanced, "4.7.0");
  EXPECT_FALSE(count.refusal(user(1001), 10, 3));
  EXPECT_EQ(count.refusal(user(1001), 3, 3)->enhanced, "4.3.2");
  count.left(user(1000));
  EXPECT_FALSE(count.refusal(user(1000), 10, 3));
}

TEST(ConnectionCount, StrangersLeaveHalfOfThePlacesToThisMachine) {
  ConnectionCount count;
  for (int i = 0; i < 5; ++i) count.came(machine(i));

  EXPECT_EQ(count.refusal(machine(6), 10, 3)->enhanced, "4.3.2");
  EXPECT_FALSE(count.refusal(user(1000), 10, 3));
  count.left(machine(0));
  EXPECT_FALSE(count.refusal(machine(6), 10, 3));
}

TEST(ConnectionCount, OneMachineMayNotTakeAllPlacesOfStrangers) {
  ConnectionCount count;
  for (int i = 0; i < 3; ++i) count.came(machine(1));

  EXPECT_EQ(count.refusal(machine(1), 10, 3)->enhanced, "4.7.0");
  EXPECT_FALSE(count.refusal(machine(2), 10, 3));
}

TEST(ConnectionCount, WhoLogsInCountsAsTheLoginWhereverItComesFrom) {
  ConnectionCount count;
  for (int i = 0; i < 5; ++i) count.came(machine(i));

  EXPECT_FALSE(count.logs_in(machine(0), machine(0, "scanner"), 2));
  EXPECT_FALSE(count.logs_in(machine(1), machine(1, "scanner"), 2));
  EXPECT_EQ(count.logs_in(machine(2), machine(2, "scanner"), 2)->enhanced, "4.7.0");
  EXPECT_FALSE(count.logs_in(machine(2), machine(2, "printer"), 2));
  EXPECT_FALSE(count.refusal(machine(6), 10, 2));

  count.left(machine(0, "scanner"));
  EXPECT_FALSE(count.logs_in(machine(3), machine(3, "scanner"), 2));
}

}  // namespace
}  // namespace mailchute
