#include "accept/login_tries.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(100)};

/// Wrong passwords until no more are heard; how many that were.
int tries(LoginTries& tries, const std::string& client, const std::string& name, SteadyTime now) {
  int count = 0;
  for (; tries.allowed(client, name, now) && count < 1000; ++count) tries.failed(client, name, now);
  return count;
}

TEST(LoginTries, EndAfterTenWrongOnesForANameAndComeBackOneAMinute) {
  LoginTries login;

  EXPECT_EQ(tries(login, "ip4 1", "scanner", kStart), 10);
  EXPECT_FALSE(login.allowed("ip4 1", "scanner", kStart + std::chrono::seconds(59)));
  EXPECT_EQ(tries(login, "ip4 1", "scanner", kStart + std::chrono::seconds(61)), 1);
  EXPECT_EQ(tries(login, "ip4 1", "scanner", kStart + std::chrono::hours(24)), 10);
}

TEST(LoginTries, AWrongPasswordKeepsNobodyElseOut) {
  LoginTries login;
  tries(login, "ip4 1", "scanner", kStart);

  EXPECT_TRUE(login.allowed("ip4 1", "printer", kStart));
  EXPECT_TRUE(login.allowed("ip4 2", "scanner", kStart));
}

TEST(LoginTries, AClientThatTriesManyNamesIsHeardAHundredTimes) {
  LoginTries login;
  int count = 0;
  for (int name = 0; name < 100; ++name) count += tries(login, "ip4 1", std::to_string(name), kStart);

  EXPECT_EQ(count, 100);
  EXPECT_FALSE(login.allowed("ip4 1", "new", kStart));
  EXPECT_TRUE(login.allowed("ip4 1", "new", kStart + std::chrono::seconds(7)));
}

TEST(LoginTries, ARightPasswordForgivesItsNameAndNotTheOthers) {
  LoginTries login;
  for (int i = 0; i < 9; ++i) login.failed("ip4 1", "scanner", kStart);
  for (int i = 0; i < 9; ++i) login.failed("ip4 1", "printer", kStart);

  login.succeeded("ip4 1", "scanner");

  EXPECT_EQ(tries(login, "ip4 1", "scanner", kStart), 10);
  EXPECT_EQ(tries(login, "ip4 1", "printer", kStart), 1);
}

TEST(LoginTries, ClientsWithoutNumberAreForgottenFromTheLeastOn) {
  LoginTries login;
  tries(login, "ip4 1", "scanner", kStart);

  for (int i = 0; i < 5'000; ++i) login.failed("ip6 " + std::to_string(i), "x", kStart);

  EXPECT_FALSE(login.allowed("ip4 1", "scanner", kStart));
}

}  // namespace
}  // namespace mailchute
