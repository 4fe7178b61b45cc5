#include "command/destinations.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

class DestinationsTest : public ::testing::Test {
 protected:
  DestinationsTest() {
    settings.root = "ops@example.com";
    settings.hostname = "relay.test";
    settings.mail_domain = "s.test";
    settings.alias_table = {{"www-data", {Mailbox("web", "example.com"), Mailbox("root", "")}}};
    UpstreamSettings qq;
    qq.name = "qq";
    qq.provider = "qq";
    qq.user = "1@qq.com";
    qq.envelope_sender = "login";
    qq.header_from = "login";
    UpstreamSettings office;
    office.name = "office";
    settings.upstreams = {qq, office};
    settings.routes = {{"*@corp.test", "*", {"office"}}, {"*", "*", {"qq", "office"}}};
  }

  std::string text(const std::string& address, const std::string& sender = "") const {
    const auto found = destinations_of(settings, address, sender);
    return found ? destinations_text(*found) : found.error().text;
  }

  Settings settings;
};

TEST_F(DestinationsTest, ANameOfThisMachineGoesToWhoReadsItsMail) {
  EXPECT_EQ(text("www-data"),
            "www-data is a name of this machine; for mail from root@s.test:\n"
            "to web@example.com\n"
            "  by qq (qq), as MAIL FROM:<1@qq.com>, From: 1@qq.com\n"
            "  or by office (custom), as MAIL FROM:<root@s.test>, From: root@s.test\n"
            "to ops@example.com\n"
            "  by qq (qq), as MAIL FROM:<1@qq.com>, From: 1@qq.com\n"
            "  or by office (custom), as MAIL FROM:<root@s.test>, From: root@s.test\n");
}

TEST_F(DestinationsTest, AnAddressElsewhereIsItselfAndTheSenderDecidesTheRoute) {
  EXPECT_EQ(text("b@r.test", "ann@corp.test"),
            "b@r.test is an address elsewhere; for mail from ann@corp.test:\n"
            "to b@r.test\n"
            "  by office (custom), as MAIL FROM:<ann@corp.test>, From: ann@corp.test\n");
}

TEST_F(DestinationsTest, WithoutAnUpstreamItIsSaidThatNothingCarriesIt) {
  settings.upstreams.clear();

  EXPECT_NE(text("root").find("by nothing: no upstream is configured"), std::string::npos);
}

TEST_F(DestinationsTest, WhatIsNoAddressIsRefused) {
  for (const std::string bad : {"", "a b", "a@", "<x>"}) {
    const auto found = destinations_of(settings, bad, "");
    ASSERT_FALSE(found) << bad;
    EXPECT_EQ(found.error().code, 67) << bad;
  }
  EXPECT_FALSE(destinations_of(settings, "root", "x y"));
}

}  // namespace
}  // namespace mailchute
