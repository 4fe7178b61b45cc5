#include "store/route_text.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

using Names = std::vector<std::string>;

TEST(RouteText, NamesComeApartAgain) {
  EXPECT_EQ(route_upstreams("office,qq"), (Names{"office", "qq"}));
  EXPECT_TRUE(route_upstreams("").empty());
  EXPECT_TRUE(route_refusers("office,qq").empty());
}

TEST(RouteText, WhoCannotTakeItIsKnownAndKeepsItsPlace) {
  const std::string once = narrowed("office,qq,ses", "qq");

  EXPECT_EQ(once, "office,!qq,ses");
  EXPECT_EQ(route_upstreams(once), (Names{"office", "ses"}));
  EXPECT_EQ(route_refusers(once), (Names{"qq"}));
  EXPECT_EQ(narrowed(once, "office"), "!office,!qq,ses");
  EXPECT_EQ(widened("!office,!qq,ses"), "office,qq,ses");
  EXPECT_EQ(widened("office,qq"), "office,qq");
}

TEST(RouteText, TheLastOneLeftIsNotTakenAway) {
  EXPECT_EQ(narrowed("qq", "qq"), "");
  EXPECT_EQ(narrowed("!office,qq", "qq"), "");
}

TEST(RouteText, WhoIsNotOfItChangesNothing) {
  EXPECT_EQ(narrowed("office,qq", "ses"), "");
  EXPECT_EQ(narrowed("!office,qq,ses", "office"), "");
  EXPECT_EQ(narrowed("", "qq"), "");
}

}  // namespace
}  // namespace mailchute
