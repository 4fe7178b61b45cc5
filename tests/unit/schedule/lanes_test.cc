#include "schedule/lanes.h"

#include <gtest/gtest.h>

#include <map>

#include "fake/fake_loop.h"

namespace mailchute {
namespace {

constexpr WallTime kNow = fake::FakeLoop::kStart;

class LanesTest : public testing::Test {
 protected:
  LanesTest() {
    lanes_.set_routes({"office,qq", "qq"});
    offers_["office"] = {true, 4, 10};
    offers_["qq"] = {true, 2, 100};
  }

  std::vector<Lane> plan(Lane::Takes takes, WallTime now = kNow) {
    auto lanes = lanes_.plan(now, [this](const std::string& name) { return offers_.at(name); });
    std::erase_if(lanes, [takes](const Lane& lane) { return lane.takes != takes; });
    return lanes;
  }
  std::vector<Lane> plan(WallTime now = kNow) { return plan(Lane::Takes::All, now); }
  std::optional<WallTime> next_due() const {
    return lanes_.next_due([this](const std::string& name) { return offers_.at(name).usable; });
  }
  /// A claim that finds nothing.
  void run_dry(std::optional<WallTime> next = std::nullopt) {
    Claimed nothing;
    nothing.next_due = next;
    for (auto asked = plan(); !asked.empty(); asked = plan()) lanes_.learn(asked, nothing);
  }
  static Claimed parcels(const std::string& upstream, std::size_t count) {
    Claimed claimed;
    claimed.parcels.resize(count);
    for (Parcel& parcel : claimed.parcels) parcel.upstream = upstream;
    return claimed;
  }

  Lanes lanes_;
  std::map<std::string, Offer> offers_;
};

TEST_F(LanesTest, AtStartEveryRouteIsAskedThroughItsFirstUpstream) {
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].route, "office,qq");
  EXPECT_EQ(asked[0].upstream, "office");
  EXPECT_EQ(asked[0].parcels_max, 4u);
  EXPECT_EQ(asked[0].recipients_max, 10u);
  EXPECT_EQ(asked[1].route, "qq");
  EXPECT_EQ(asked[1].upstream, "qq");
}

TEST_F(LanesTest, ARouteThatIsAddedIsAskedToo) {
  lanes_.add_route("office");
  lanes_.add_route("qq");  // Known already.
  run_dry();
  offers_["qq"].usable = false;
  lanes_.may_be_due("office");

  std::vector<std::string> asked;
  for (auto lanes = plan(); !lanes.empty(); lanes = plan()) {
    for (const Lane& lane : lanes) asked.push_back(lane.route);
    lanes_.learn(lanes, Claimed{});
  }

  EXPECT_EQ(asked, (std::vector<std::string>{"office,qq", "office"}));
}

TEST_F(LanesTest, AnUpstreamThatIsNotUsableIsPassedOver) {
  offers_["office"] = {};
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].upstream, "qq");
}

TEST_F(LanesTest, AFullUpstreamIsWaitedForRatherThanPassedOver) {
  offers_["office"] = {true, 0, 10};
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].route, "qq");
}

TEST_F(LanesTest, RoutesThatShareAnUpstreamTakeTurns) {
  offers_["office"] = {};
  const auto first = plan();
  lanes_.learn(first, parcels("qq", 2));
  const auto second = plan();

  ASSERT_EQ(first.size(), 1u);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_NE(first[0].route, second[0].route);
}

TEST_F(LanesTest, ADryRouteIsNotAskedAgain) {
  lanes_.learn(plan(), Claimed{});
  EXPECT_TRUE(plan().empty());
}

TEST_F(LanesTest, ARouteThatGaveAllThatWasAskedIsAskedAgain) {
  lanes_.learn(plan(), parcels("office", 4));
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].route, "office,qq");
}

TEST_F(LanesTest, NewMailDuringAClaimIsNotLost) {
  const auto asked = plan();
  lanes_.all_may_be_due();
  lanes_.learn(asked, Claimed{});

  EXPECT_EQ(plan().size(), 2u);
}

TEST_F(LanesTest, AFailedClaimIsAskedAgain) {
  lanes_.unlearn(plan());
  EXPECT_EQ(plan().size(), 2u);
}

TEST_F(LanesTest, ADueTimeWakesItsRouteAndNoEarlier) {
  run_dry(kNow + Duration{1000});

  EXPECT_EQ(next_due(), kNow + Duration{1000});
  EXPECT_TRUE(plan(kNow + Duration{999}).empty());
  EXPECT_EQ(plan(kNow + Duration{1000}).size(), 2u);
}

TEST_F(LanesTest, ADueTimeToldDuringAClaimIsNotLost) {
  run_dry();
  lanes_.may_be_due("office");
  const auto asked = plan();
  lanes_.due_at("office", kNow + Duration{500});
  lanes_.learn(asked, Claimed{});

  EXPECT_EQ(next_due(), kNow + Duration{500});
}

TEST_F(LanesTest, TheEarliestDueTimeCounts) {
  run_dry(kNow + Duration{1000});
  lanes_.due_at("qq", kNow + Duration{2000});
  EXPECT_EQ(next_due(), kNow + Duration{1000});

  lanes_.due_at("qq", kNow + Duration{300});
  EXPECT_EQ(next_due(), kNow + Duration{300});
}

TEST_F(LanesTest, MailOfAnUpstreamThatCoolsWaitsForNoTime) {
  run_dry(kNow + Duration{1000});
  offers_["office"] = offers_["qq"] = {};

  EXPECT_FALSE(next_due());
}

TEST_F(LanesTest, NewsOfAnUpstreamTouchOnlyItsRoutes) {
  run_dry();
  lanes_.may_be_due("office");
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].route, "office,qq");
}

TEST_F(LanesTest, NewRoutesMayBeDueAndOldOnesKeepWhatIsKnown) {
  run_dry();
  offers_["third"] = {true, 1, 1};
  lanes_.set_routes({"qq", "third"});
  const auto asked = plan();

  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].route, "third");
}

TEST_F(LanesTest, ANarrowedRouteIsAskedForWhoIsLeftAndStaysAsLongAsItsRouteDoes) {
  offers_["third"] = {true, 1, 1};
  lanes_.set_routes({"office,qq"});
  lanes_.add_route("!office,qq");
  run_dry();
  lanes_.set_routes({"office,qq", "third"});

  lanes_.may_be_due("qq");
  std::vector<std::string> asked;
  for (auto lanes = plan(); !lanes.empty(); lanes = plan())
    for (const Lane& lane : lanes) asked.push_back(lane.route + " by " + lane.upstream);

  EXPECT_EQ(std::count(asked.begin(), asked.end(), "!office,qq by qq"), 1);
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "!office,qq by office"), 0);

  lanes_.set_routes({"qq"});
  lanes_.all_may_be_due();
  EXPECT_EQ(plan().size(), 1u);
  EXPECT_TRUE(plan().empty());
}

TEST_F(LanesTest, ARouteThatIsAddedAgainMayBeDueAgain) {
  run_dry();
  lanes_.add_route("qq");
  EXPECT_EQ(plan().size(), 1u);
}

TEST_F(LanesTest, AnswersForARouteThatIsGoneAreIgnored) {
  const auto asked = plan();
  lanes_.set_routes({"qq"});
  lanes_.learn(asked, parcels("office", 4));
  lanes_.unlearn(asked);

  EXPECT_EQ(plan().size(), 1u);
}

TEST_F(LanesTest, WithoutRoutesNothingIsAsked) {
  lanes_.set_routes({});
  EXPECT_TRUE(plan().empty());
}

TEST_F(LanesTest, WhatOnlyALaterUpstreamMayCarryIsAskedForOnceAndAgainAfterNews) {
  lanes_.set_routes({"office,qq"});

  const auto bound = plan(Lane::Takes::Bound);
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound[0].upstream, "qq");
  EXPECT_TRUE(plan(Lane::Takes::Bound).empty());

  lanes_.may_be_due("qq");
  EXPECT_EQ(plan(Lane::Takes::Bound).size(), 1u);
}

TEST_F(LanesTest, WhatOnlyALaterUpstreamMayCarryWaitsForRoomThere) {
  lanes_.set_routes({"office,qq"});
  offers_["qq"] = {true, 0, 100};
  EXPECT_TRUE(plan(Lane::Takes::Bound).empty());

  offers_["qq"] = {true, 2, 100};

  EXPECT_EQ(plan(Lane::Takes::Bound).size(), 1u);
}

}  // namespace
}  // namespace mailchute
