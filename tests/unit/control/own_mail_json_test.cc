#include "control/own_mail_json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace mailchute {
namespace {

const WallTime kNow(std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12));

OwnMailPage::Entry entry(std::int64_t number) {
  SeenMessage message;
  message.id = MessageId{number};
  message.sender = "ann@s.test";
  message.state = "queued";
  message.bytes = 1234;
  message.received = kNow;
  message.summary.subject = "not for the wire";
  message.left_out = 3;
  SeenRecipient recipient;
  recipient.address = "用户@r.test";
  recipient.state = "queued";
  recipient.next_attempt = kNow + std::chrono::minutes(5);
  recipient.route = "qq,office";
  recipient.last_reply = SeenReply{Stage::RcptTo, {450, "4.2.1", "later \xFF" + std::string(1000, 'x')}};
  message.recipients = {recipient};
  return {message, Place{number * 1000, message.id}};
}

TEST(OwnMailJson, WhatMailqShowsComesBack) {
  OwnMailPage page;
  page.entries = {entry(7)};
  UpstreamState upstream;
  upstream.name = "qq";
  upstream.trouble = "login";
  upstream.cooling_until = kNow + std::chrono::hours(1);
  upstream.stage = Stage::Auth;
  upstream.reply = {535, "5.7.8", ""};
  page.upstreams = {upstream};
  page.next = Place{77, MessageId{7}};

  const auto read = decode_own_mail(encode_own_mail(page, 20'000));

  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ(read->entries.size(), 1u);
  const SeenMessage& message = read->entries[0].message;
  EXPECT_EQ(message.id, MessageId{7});
  EXPECT_EQ(message.sender, "ann@s.test");
  EXPECT_EQ(message.state, "queued");
  EXPECT_EQ(message.bytes, 1234u);
  EXPECT_EQ(message.received, kNow);
  EXPECT_EQ(message.left_out, 3u);
  ASSERT_EQ(message.recipients.size(), 1u);
  EXPECT_EQ(message.recipients[0].address, "用户@r.test");
  EXPECT_EQ(message.recipients[0].next_attempt, kNow + std::chrono::minutes(5));
  EXPECT_EQ(message.recipients[0].route, "qq,office");
  ASSERT_TRUE(message.recipients[0].last_reply);
  EXPECT_EQ(message.recipients[0].last_reply->stage, Stage::RcptTo);
  EXPECT_EQ(message.recipients[0].last_reply->reply.code, 450);
  ASSERT_EQ(read->upstreams.size(), 1u);
  EXPECT_EQ(read->upstreams[0].cooling_until, kNow + std::chrono::hours(1));
  EXPECT_EQ(read->upstreams[0].stage, Stage::Auth);
  ASSERT_TRUE(read->next);
  EXPECT_EQ(read->next->time, 77);
  EXPECT_EQ(read->next->id, MessageId{7});
}

TEST(OwnMailJson, TellsNothingOfTheHeaderAndIsAscii) {
  OwnMailPage page;
  page.entries = {entry(7)};

  const std::string text = encode_own_mail(page, 20'000);

  EXPECT_EQ(text.find("not for the wire"), std::string::npos);
  for (const char c : text) EXPECT_TRUE(c >= ' ' && c <= '~');
  EXPECT_LT(text.size(), 1200u);
}

TEST(OwnMailJson, WhatDoesNotFitIsTheNextPages) {
  OwnMailPage page;
  for (int i = 1; i <= 20; ++i) page.entries.push_back(entry(i));

  const auto read = decode_own_mail(encode_own_mail(page, 2'000));
  const auto least = decode_own_mail(encode_own_mail(page, 1));

  ASSERT_TRUE(read && least);
  ASSERT_TRUE(read->next);
  EXPECT_LT(read->entries.size(), 20u);
  EXPECT_EQ(read->next->id, read->entries.back().message.id);
  EXPECT_EQ(least->entries.size(), 1u);
}

TEST(OwnMailJson, TextThatIsNoPageIsRefused) {
  for (const char* text : {"", "{}", "[]", "null", "{\"messages\":7}", "{\"messages\":[", "x"})
    EXPECT_FALSE(decode_own_mail(text)) << text;
  EXPECT_TRUE(decode_own_mail("{\"messages\":[7,null,[],{}],\"upstreams\":3,\"next\":{}}"));
}

TEST(OwnMailJson, APlaceIsAWord) {
  EXPECT_EQ(place_text({77, MessageId{7}}).find(' '), std::string::npos);
  for (const char* text : {"", "-", "77", "77-", "-000000000007", "x-000000000007", "77-00000000000U",
                           "99999999999999999999-000000000007", "77-000000000007 "})
    EXPECT_FALSE(parse_place(text)) << text;
}

}  // namespace
}  // namespace mailchute
