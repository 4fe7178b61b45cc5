// What an upstream of its route cannot take goes on with another one, and the queue remembers which.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Narrowed : public QueueTest {
 protected:
  Narrowed() { open(); }

  static Lane lane_of(const std::string& route, const std::string& upstream) {
    return {.route = route, .upstream = upstream, .parcels_max = 10, .recipients_max = 100};
  }
  std::size_t waiting(const std::string& route, const std::string& upstream) {
    auto parcels = claim({lane_of(route, upstream)}).parcels;
    for (const Parcel& parcel : parcels) queue_->give_back(parcel);
    drain();
    return parcels.size();
  }
  Parcel parcel() { return claim({lane_of("office,qq", "office")}).parcels.at(0); }

  /// office cannot take it.
  MessageId refuse(const Parcel& given) {
    Settlement end = settlement(given, RecipientState::Queued);
    for (RecipientSettlement& each : end.recipients) each.route = "!office,qq";
    EXPECT_TRUE(settle(end));
    return given.id;
  }
  MessageId refused() {
    accepted(message({"bob@example.org"}, "office,qq"));
    return refuse(parcel());
  }
};

TEST_F(Narrowed, AParcelKnowsTheRouteThatItWasClaimedWith) {
  accepted(message({"bob@example.org"}, "office,qq"));
  EXPECT_EQ(parcel().route, "office,qq");
}

TEST_F(Narrowed, ItGoesOnWithTheOtherUpstreamAndNotWithThisOne) {
  refused();

  EXPECT_EQ(waiting("office,qq", "office"), 0u);
  EXPECT_EQ(waiting("office,qq", "qq"), 0u);
  EXPECT_EQ(waiting("!office,qq", "qq"), 1u);
}

TEST_F(Narrowed, OnlyTheRecipientsThatWereRefusedGoOn) {
  accepted(message({"a@example.org", "b@example.org"}, "office,qq"));
  Settlement end = settlement(parcel(), RecipientState::Queued);
  end.recipients[1].route = "!office,qq";

  ASSERT_TRUE(settle(end));

  EXPECT_EQ(waiting("office,qq", "office"), 1u);
  EXPECT_EQ(waiting("!office,qq", "qq"), 1u);
}

TEST_F(Narrowed, AStartFindsTheRoutesOfWhatWaitsAndOfWhatIsHeld) {
  EXPECT_TRUE(queue_->upstreams().narrowed_routes.empty());
  accepted(message({"plain@example.org"}, "office,qq"));
  refuse(parcel());
  accepted(message({"other@example.org"}, "zzz"));
  reopen();
  EXPECT_EQ(queue_->upstreams().narrowed_routes, (std::vector<std::string>{"!office,qq"}));

  operate(Operation::Hold);
  reopen();

  EXPECT_EQ(queue_->upstreams().narrowed_routes, (std::vector<std::string>{"!office,qq"}));
}

TEST_F(Narrowed, ARouteThatStandsKeepsWhatIsKnown) {
  refused();
  reroute({"office,qq"}, "one", "office,qq");
  EXPECT_EQ(reroute({"office,qq"}, "one", "office,qq"), 0u);
  EXPECT_EQ(reroute({"office,qq", "qq"}, "two", "office,qq"), 0u);

  EXPECT_EQ(waiting("!office,qq", "qq"), 1u);
}

TEST_F(Narrowed, AnotherRouteForgetsIt) {
  refused();

  EXPECT_EQ(reroute({"office,ses"}, "two", "office,ses"), 1u);

  EXPECT_EQ(waiting("office,ses", "office"), 1u);
}

TEST_F(Narrowed, WhoWasGivenAnotherRouteMeanwhileFollowsThat) {
  accepted(message({"bob@example.org"}, "office,qq"));
  const Parcel under_way = parcel();
  ASSERT_EQ(reroute({"office,ses"}, "two", "office,ses"), 1u);

  refuse(under_way);

  EXPECT_EQ(waiting("office,ses", "office"), 1u);
}

TEST_F(Narrowed, ARetryAsksEverybodyAgain) {
  refused();
  EXPECT_EQ(operate(Operation::Retry), 1u);
  EXPECT_EQ(waiting("office,qq", "office"), 1u);
}

TEST_F(Narrowed, AnotherLifeOfAFailedMessageBeginsWithAllOfThem) {
  options_.history_bodies = std::chrono::hours(1);
  reopen();
  const MessageId id = refused();
  const Parcel given = claim({lane_of("!office,qq", "qq")}).parcels.at(0);
  ASSERT_TRUE(settle(settlement(given, RecipientState::Failed)));

  EXPECT_EQ(operate(Operation::Retry, only(&Selection::ids, {id})), 1u);

  EXPECT_EQ(waiting("office,qq", "office"), 1u);
}

TEST_F(Narrowed, AnOperatorFindsItByWhoeverIsLeft) {
  refused();
  EXPECT_EQ(operate(Operation::Hold, only(&Selection::upstream, "ses")), 0u);
  EXPECT_EQ(operate(Operation::Hold, only(&Selection::upstream, "office")), 0u);
  EXPECT_EQ(operate(Operation::Hold, only(&Selection::upstream, "qq")), 1u);
}

}  // namespace
}  // namespace mailchute
