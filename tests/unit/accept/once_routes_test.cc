#include "accept/once_routes.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

constexpr SteadyTime kNow{Duration{1'000'000}};

TEST(OnceRoutes, AWordIsGoodForOneMessage) {
  OnceRoutes routes;
  routes.expect("<a@b.test>", "qq", kNow);

  EXPECT_EQ(routes.take("<other@b.test>", kNow), std::nullopt);
  EXPECT_EQ(routes.take(" <a@b.test>", kNow), "qq");
  EXPECT_EQ(routes.take("<a@b.test>", kNow), std::nullopt);
}

TEST(OnceRoutes, AWordIsGoodForAFewMinutes) {
  OnceRoutes routes;
  routes.expect("<a@b.test>", "qq", kNow);
  routes.expect("<c@b.test>", "office", kNow + Duration{1});

  EXPECT_EQ(routes.take("<a@b.test>", kNow + OnceRoutes::kPatience), std::nullopt);
  EXPECT_EQ(routes.take("<c@b.test>", kNow + OnceRoutes::kPatience), "office");
}

TEST(OnceRoutes, OfTooManyTheOldestIsForgotten) {
  OnceRoutes routes;
  for (std::size_t i = 0; i <= OnceRoutes::kMost; ++i)
    routes.expect("<" + std::to_string(i) + ">", "qq", kNow);

  EXPECT_EQ(routes.take("<0>", kNow), std::nullopt);
  EXPECT_EQ(routes.take("<1>", kNow), "qq");
}

}  // namespace
}  // namespace mailchute
