#include "deliver/identity.h"

#include <gtest/gtest.h>

namespace mailchute {
namespace {

UpstreamSettings at(const std::string& envelope_sender, const std::string& header_from) {
  UpstreamSettings upstream;
  upstream.user = "relay@example.com";
  upstream.envelope_sender = envelope_sender;
  upstream.header_from = header_from;
  return upstream;
}

const Mailbox kLogin("relay", "example.com");
const Mailbox kApp("app", "example.org");

TEST(Identity, AnAppsFromIsReplacedOnlyWhereTheHeaderIsSpokenOf) {
  EXPECT_EQ(originator_rules(kApp, at("login", "keep")).from, std::nullopt);
  EXPECT_EQ(originator_rules(kApp, at("login", "login")).from, kLogin);
  EXPECT_EQ(envelope_sender_for(kApp, at("login", "keep")), kLogin);
}

TEST(Identity, ANoticeGoesOutWhollyAsTheLoginWhereTheNullSenderIsRefused) {
  EXPECT_EQ(envelope_sender_for(std::nullopt, at("login", "keep")), kLogin);
  EXPECT_EQ(originator_rules(std::nullopt, at("login", "keep")).from, kLogin);
  EXPECT_EQ(originator_rules(std::nullopt, at("keep", "keep")).from, std::nullopt);
}

}  // namespace
}  // namespace mailchute
