#include "accept/doorkeeper.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

constexpr SteadyTime kStart{std::chrono::hours(100)};
constexpr char kFar[] = "192.0.2.7:50000";
constexpr char kNear[] = "127.0.0.1:50000";

Source client(const std::string& address) {
  Source source;
  source.kind = "smtp";
  source.address = address;
  return source;
}

DoorRules rules(DoorRules::Strangers strangers = DoorRules::Strangers::LogIn) {
  DoorRules rules;
  rules.strangers = strangers;
  rules.logins.add("scanner", Secret(std::string("open sesame")));
  rules.put_tls_on = [](std::unique_ptr<Stream> plain) { return plain; };
  return rules;
}

ServerOptions offered(const Doorkeeper& doorkeeper, const Source& source) {
  ServerOptions options;
  doorkeeper.offer(source, options);
  return options;
}

Reply judge(Doorkeeper& doorkeeper, const std::string& name, const std::string& password,
            const std::string& address = kFar) {
  return doorkeeper.judge(client(address), name, Secret(std::string(password)), kStart);
}

TEST(Doorkeeper, WhoIsNotOnLoopbackIsAStranger) {
  for (const char* near : {"127.0.0.1:1", "127.255.0.9:1", "[::1]:1", ""})
    EXPECT_FALSE(is_stranger(client(near))) << near;
  for (const char* far : {"192.0.2.7:1", "128.0.0.1:1", "10.0.0.1:1", "[::2]:1", "[fe80::1]:1", "no address"})
    EXPECT_TRUE(is_stranger(client(far))) << far;
}

TEST(Doorkeeper, OfIpv6ANetworkCountsAsOneAndOfIpv4AMachine) {
  EXPECT_EQ(party(client("[2001:db8:0:1::1]:1")), party(client("[2001:db8:0:1:ffff::2]:2")));
  EXPECT_NE(party(client("[2001:db8:0:1::1]:1")), party(client("[2001:db8:0:2::1]:1")));
  EXPECT_EQ(party(client("192.0.2.7:1")), party(client("192.0.2.7:2")));
  EXPECT_NE(party(client("192.0.2.7:1")), party(client("192.0.2.8:1")));
}

TEST(Doorkeeper, LetsNoStrangerInUnlessToldTo) {
  Doorkeeper unasked;
  Doorkeeper loopback_only;
  loopback_only.change(rules(DoorRules::Strangers::Refused));

  EXPECT_EQ(unasked.refusal(client(kFar))->code, 554);
  EXPECT_EQ(loopback_only.refusal(client(kFar))->code, 554);
  EXPECT_FALSE(unasked.refusal(client(kNear)));
  EXPECT_FALSE(loopback_only.refusal(client(kNear)));
}

TEST(Doorkeeper, WithoutACertificateStrangersArePutOffAndOthersGoOn) {
  Doorkeeper doorkeeper;
  DoorRules without = rules();
  without.put_tls_on = nullptr;
  doorkeeper.change(std::move(without));

  EXPECT_EQ(doorkeeper.refusal(client(kFar))->code, 421);
  EXPECT_FALSE(doorkeeper.refusal(client(kNear)));
  EXPECT_EQ(offered(doorkeeper, client(kNear)).starttls, ServerOptions::StartTls::None);
  EXPECT_EQ(offered(doorkeeper, client(kNear)).logins, ServerOptions::Logins::None);
}

TEST(Doorkeeper, DemandsALoginOfStrangersAndOffersItToOthers) {
  Doorkeeper doorkeeper;
  doorkeeper.change(rules());
  Source submit;
  submit.kind = "submit";

  EXPECT_EQ(offered(doorkeeper, client(kFar)).logins, ServerOptions::Logins::Required);
  EXPECT_EQ(offered(doorkeeper, client(kNear)).logins, ServerOptions::Logins::Offered);
  EXPECT_EQ(offered(doorkeeper, client(kNear)).starttls, ServerOptions::StartTls::Offered);
  EXPECT_EQ(offered(doorkeeper, submit).starttls, ServerOptions::StartTls::None);
  EXPECT_EQ(offered(doorkeeper, submit).logins, ServerOptions::Logins::None);
}

TEST(Doorkeeper, SaysTheSameOfAWrongNameAndAWrongPassword) {
  Doorkeeper doorkeeper;
  doorkeeper.change(rules());

  const Reply wrong_password = judge(doorkeeper, "scanner", "open");
  const Reply wrong_name = judge(doorkeeper, "printer", "open sesame");
  const Reply name_in_capitals = judge(doorkeeper, "SCANNER", "open sesame");

  EXPECT_EQ(wrong_password.code, 535);
  EXPECT_EQ(wrong_name.text, wrong_password.text);
  EXPECT_EQ(wrong_name.enhanced, wrong_password.enhanced);
  EXPECT_EQ(name_in_capitals.code, 535);
  EXPECT_EQ(judge(doorkeeper, "scanner", "open sesame").code, 235);
  EXPECT_EQ(judge(doorkeeper, "scanner", "open sesame more").code, 535);
  EXPECT_EQ(judge(doorkeeper, "scanner", "").code, 535);
}

TEST(Doorkeeper, HearsNoMorePasswordsAfterTenWrongOnesAndTellsNamesApartByNothing) {
  Doorkeeper doorkeeper;
  doorkeeper.change(rules());
  for (const char* name : {"scanner", "printer"}) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(judge(doorkeeper, name, "guess").code, 535);
    EXPECT_EQ(judge(doorkeeper, name, "guess").code, 454) << name;
  }

  EXPECT_EQ(judge(doorkeeper, "scanner", "open sesame").code, 454);
  EXPECT_EQ(judge(doorkeeper, "scanner", "open sesame", "192.0.2.8:1").code, 235);
}

TEST(Doorkeeper, PutsIntoTheLogNoNameThatMayBeAPassword) {
  Doorkeeper doorkeeper;
  doorkeeper.change(rules());

  EXPECT_EQ(doorkeeper.loggable("scanner"), "scanner");
  EXPECT_EQ(doorkeeper.loggable("open sesame"), "a name that nobody has");
}

TEST(Doorkeeper, TheNewRulesHoldAtOnce) {
  Doorkeeper doorkeeper;
  doorkeeper.change(rules());
  DoorRules fresh = rules();
  fresh.logins = Logins();
  fresh.logins.add("scanner", Secret(std::string("another")));
  fresh.put_tls_on = doorkeeper.keep_tls();

  doorkeeper.change(std::move(fresh));

  EXPECT_EQ(judge(doorkeeper, "scanner", "open sesame").code, 535);
  EXPECT_EQ(judge(doorkeeper, "scanner", "another").code, 235);
  EXPECT_FALSE(doorkeeper.refusal(client(kFar)));
}

}  // namespace
}  // namespace mailchute
