#include "schedule/route.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

std::vector<RouteSettings> routes() {
  return {
      {"*@corp.example", "*", {"office", "qq"}}, {"*", "*@Partner.Example", {"office"}}, {"*", "*", {"qq"}}};
}

std::string route_of(const std::string& sender, const std::string& recipient) {
  const auto from = sender.empty() ? std::nullopt : std::optional(*Mailbox::parse(sender));
  return choose_route(routes(), from, *Mailbox::parse(recipient));
}

TEST(Route, FirstMatchWins) {
  EXPECT_EQ(route_of("a@corp.example", "b@partner.example"), "office,qq");
  EXPECT_EQ(route_of("a@home.example", "b@partner.example"), "office");
  EXPECT_EQ(route_of("a@home.example", "b@home.example"), "qq");
}

TEST(Route, CaseOfTheDomainDoesNotMatter) {
  EXPECT_EQ(route_of("a@CORP.Example", "b@x.example"), "office,qq");
}

TEST(Route, TheNullSenderMatchesTheStar) { EXPECT_EQ(route_of("", "b@home.example"), "qq"); }

TEST(Route, ThePatternMustMatchTheWholeAddress) {
  EXPECT_EQ(route_of("a@corp.example.net", "b@x.example"), "qq");
}

TEST(Route, NoRouteIsAnEmptyName) {
  EXPECT_EQ(choose_route({{"x@*", "*", {"qq"}}}, std::nullopt, *Mailbox::parse("a@b.example")), "");
}

TEST(Route, EachRouteIsListedOnceInFileOrder) {
  auto settings = routes();
  settings.push_back({"z@*", "*", {"office"}});

  EXPECT_EQ(all_routes(settings), (std::vector<std::string>{"office,qq", "office", "qq"}));
}

TEST(Route, TheFingerprintKnowsPatternsOrderAndUpstreams) {
  const std::string before = routing_fingerprint(routes());
  auto reordered = routes();
  std::swap(reordered[0], reordered[1]);
  auto other_pattern = routes();
  other_pattern[0].from = "*@corp.exampl";
  other_pattern[0].to = "e*";
  auto other_upstream = routes();
  other_upstream[2].via = {"office"};

  EXPECT_EQ(before.size(), 16u);
  EXPECT_EQ(before, routing_fingerprint(routes()));
  EXPECT_NE(before, routing_fingerprint(reordered));
  EXPECT_NE(before, routing_fingerprint(other_pattern));
  EXPECT_NE(before, routing_fingerprint(other_upstream));
}

}  // namespace
}  // namespace mailchute
