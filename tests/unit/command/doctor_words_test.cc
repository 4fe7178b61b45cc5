#include "command/doctor_words.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mailchute {
namespace {

using namespace std::chrono_literals;

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 11 / 19) + 14h);

TEST(DoctorWords, AHostNameIsFullOrHasAFault) {
  EXPECT_EQ(fault_of_host_name("relay.example.net").english, "");
  for (const char* name :
       {"", "[127.0.0.1]", "relay", "localhost", "relay.localdomain", "relay.LOCAL", "web.lan"})
    EXPECT_NE(fault_of_host_name(name).english, "") << name;
}

TEST(DoctorWords, AMailDomainCanBeAnsweredOrHasAFault) {
  EXPECT_EQ(fault_of_mail_domain("example.net").english, "");
  for (const char* name : {"", "localhost", "[127.0.0.1]", "host.localdomain", "x.invalid"})
    EXPECT_NE(fault_of_mail_domain(name).english, "") << name;
}

TEST(DoctorWords, AClockIsComparedWithWhatTheQueueHasSeen) {
  EXPECT_EQ(fault_of_clock(kNow, std::nullopt).english, "");
  EXPECT_EQ(fault_of_clock(kNow, kNow + 1min).english, "");
  EXPECT_NE(fault_of_clock(kNow, kNow + 2h).english, "");
  EXPECT_NE(fault_of_clock(WallTime{}, std::nullopt).english.find("1970"), std::string::npos);
}

TEST(DoctorWords, PropertiesAreReadLineByLine) {
  auto properties =
      parse_properties("LoadState=loaded\nWatchdogUSec=1min\nEmpty=\nno property\nTriggeredBy=a b=c\n");
  EXPECT_EQ(properties["LoadState"], "loaded");
  EXPECT_EQ(properties["WatchdogUSec"], "1min");
  EXPECT_EQ(properties["Empty"], "");
  EXPECT_EQ(properties["TriggeredBy"], "a b=c");
  EXPECT_EQ(properties.size(), 4U);
}

TEST(DoctorWords, UnitsAreApartByAnEmptyLine) {
  auto units = parse_units("Id=a.service\nLoadState=loaded\n\nId=b.socket\nLoadState=\n\n\n");
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[0]["LoadState"], "loaded");
  EXPECT_EQ(units[1]["Id"], "b.socket");
  EXPECT_EQ(units[1]["LoadState"], "");
  EXPECT_TRUE(parse_units("\n\n").empty());
  EXPECT_TRUE(parse_properties("").empty());
}

TEST(DoctorWords, ACertificateIsToldBeforeItIsTooLate) {
  EXPECT_EQ(fault_of_certificate(kNow + 24h * 60, kNow).english, "");
  EXPECT_NE(fault_of_certificate(kNow + 24h * 5, kNow).english.find("expires in 5d"), std::string::npos);
  EXPECT_NE(fault_of_certificate(kNow - 24h * 5, kNow).english.find("expired 5d ago"), std::string::npos);
}

}  // namespace
}  // namespace mailchute
