#include "deliver/outgoing_content.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "deliver/identity.h"
#include "fake/fake_loop.h"
#include "fake/fake_queue.h"

namespace mailchute {
namespace {

const std::string kHeader = "Received: x\r\nFrom: root (Cron Daemon)\r\nTo: root\r\nSubject: hi\r\n";
const std::string kUmlauts = "\xc3\xa4\xc3\xb6 and more plain words\r\n";

UpstreamSettings qq() {
  UpstreamSettings settings;
  settings.user = "10001@qq.com";
  settings.header_from = "login";
  settings.envelope_sender = "login";
  settings.mail_domain = "m.test";
  return settings;
}

Extensions everything() {
  Extensions offered;
  offered.eight_bit = offered.smtputf8 = true;
  return offered;
}

const std::string kParts = "From: a@s.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
const std::string kQuotedPart = "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
const std::string kQuotedUmlauts = "=C3=A4=C3=B6 and more plain words\r\n";

class OutgoingContentTest : public ::testing::Test {
 protected:
  OutgoingContentTest() : queue(loop) { parcel.id = MessageId{1}; }

  /// As the queue hands it out: small content with the parcel, large content in chunks.
  void store(const std::string& content) {
    NewMessage message;
    message.id = parcel.id;
    queue.put(std::move(message), content);
    parcel.bytes = content.size();
    if (content.size() <= limits::kChunkBytes) parcel.content = content;
  }

  /// All of what is sent; `facts` is what MAIL would say.
  std::string sent(const UpstreamSettings& settings, const Extensions& offered) {
    OutgoingContent content(queue, parcel, settings.header_size, [this] { ++news; });
    while (!content.ready()) loop.run();
    facts = content.prepare(originator_rules(parcel.sender, settings), offered);
    std::string all;
    for (;;) {
      const auto piece = content.take();
      if (piece.kind == ContentSource::Piece::Kind::Bytes) all += piece.bytes;
      if (piece.kind == ContentSource::Piece::Kind::NotYet) loop.run();
      if (piece.kind == ContentSource::Piece::Kind::Broken) return "broken: " + std::string(piece.bytes);
      if (piece.kind == ContentSource::Piece::Kind::End) return all;
    }
  }

  fake::FakeLoop loop;
  fake::FakeQueue queue;
  Parcel parcel;
  ContentFacts facts;
  int news = 0;
};

TEST_F(OutgoingContentTest, WhatNeedsNoChangeGoesByteByByte) {
  for (const char* content : {"From: a@s.test\r\n\r\nbody", "From: a@s.test", "\r\nbody\r\n", ""}) {
    parcel.content.reset();
    store(content);
    EXPECT_EQ(sent({}, everything()), content);
    EXPECT_EQ(facts.bytes, std::string_view(content).size());
  }
}

TEST_F(OutgoingContentTest, TheHeaderIsRewrittenAndItsSizeIsRight) {
  store(kHeader + "\r\nFrom: in the body\r\n");

  const std::string all = sent(qq(), everything());

  EXPECT_EQ(all,
            "Received: x\r\nFrom: Cron Daemon <10001@qq.com>\r\nReply-To: Cron Daemon <root@m.test>\r\n"
            "X-Original-From: Cron Daemon <root@m.test>\r\nTo: root@m.test\r\nSubject: hi\r\n\r\nFrom: in "
            "the body\r\n");
  EXPECT_EQ(facts.bytes, all.size());
  EXPECT_EQ(*parcel.content, kHeader + "\r\nFrom: in the body\r\n");
}

TEST_F(OutgoingContentTest, AHeaderLongerThanAChunkIsReadWholeAndTheBodyPasses) {
  std::string padding;
  while (padding.size() < 2 * limits::kChunkBytes)
    padding += "X-Padding: 0123456789012345678901234567890123456789\r\n";
  const std::string body = std::string(3 * limits::kChunkBytes, 'b') + "\r\n";
  store(padding + kHeader + "\r\n" + body);

  const std::string all = sent(qq(), everything());

  EXPECT_TRUE(all.starts_with(padding + "Received: x\r\nFrom: Cron Daemon <10001@qq.com>\r\n"));
  EXPECT_TRUE(all.ends_with("Subject: hi\r\n\r\n" + body));
  EXPECT_EQ(facts.bytes, all.size());
}

TEST_F(OutgoingContentTest, AHeaderWithoutEndIsNotGatheredForever) {
  UpstreamSettings settings = qq();
  settings.header_size = 1024;
  std::string content;
  while (content.size() < 5 * limits::kChunkBytes) content += kHeader;
  store(content);

  EXPECT_EQ(sent(settings, everything()), content);
  EXPECT_EQ(facts.bytes, content.size());
}

TEST_F(OutgoingContentTest, ContentThatCannotBeReadSaysSo) {
  parcel.bytes = 100000;
  EXPECT_EQ(sent(qq(), everything()).substr(0, 7), "broken:");
}

TEST_F(OutgoingContentTest, EightBitsAreSaidWhereTheyAreSeen) {
  store(kHeader + "\r\n" + kUmlauts);
  EXPECT_TRUE(sent({}, everything()).ends_with(kUmlauts));
  EXPECT_EQ(facts.body, Body::EightBit);

  parcel.body = Body::EightBit;
  store(kHeader + "\r\nascii\r\n");
  EXPECT_TRUE(sent({}, {}).ends_with("\r\nascii\r\n"));
}

TEST_F(OutgoingContentTest, ASmallBodyIsEncodedTheShorterWay) {
  store("From: a@s.test\r\n\r\n" + kUmlauts);
  EXPECT_EQ(sent({}, {}),
            "From: a@s.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4=C3=B6 and more plain words\r\n");
  EXPECT_EQ(facts.body, Body::SevenBit);

  store("From: a@s.test\r\n\r\n\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd");
  const std::string all = sent({}, {});
  EXPECT_TRUE(all.ends_with("Content-Transfer-Encoding: base64\r\n\r\n5L2g5aW95L2g5aW9\r\n")) << all;
  EXPECT_EQ(facts.bytes, all.size());
}

TEST_F(OutgoingContentTest, ALargeBodyIsEncodedAsItComes) {
  const std::string header = "From: a@s.test\r\nContent-Type: text/plain; charset=utf-8\r\n";
  std::string body;
  while (body.size() < 4 * limits::kChunkBytes) body += kUmlauts;
  store(header + "\r\n" + body);

  const std::string all = sent({}, {});

  EXPECT_EQ(facts.bytes, all.size());
  EXPECT_EQ(facts.body, Body::SevenBit);
  const auto begin = all.find("\r\n\r\n") + 4;
  std::string joined;
  for (std::string_view line : split(std::string_view(all).substr(begin), '\n'))
    if (!line.empty()) joined += line.substr(0, line.size() - 1);
  EXPECT_EQ(base64_decode(joined), body);
}

TEST_F(OutgoingContentTest, OfABodyOfPartsEachIsEncoded) {
  store(kParts + "\r\n" + kUmlauts + "--b--\r\n");
  EXPECT_EQ(sent({}, {}), kParts + kQuotedPart + kQuotedUmlauts + "--b--\r\n");
  EXPECT_EQ(facts.body, Body::SevenBit);
  EXPECT_EQ(facts.bytes, parcel.bytes);
}

TEST_F(OutgoingContentTest, LargePartsAreEncodedAsTheyCome) {
  std::string text;
  std::string encoded;
  while (text.size() < 4 * limits::kChunkBytes) {
    text += kUmlauts;
    encoded += kQuotedUmlauts;
  }
  store(kParts + "\r\n" + text + "--b--\r\n");
  EXPECT_EQ(sent({}, {}), kParts + kQuotedPart + encoded + "--b--\r\n");
  EXPECT_EQ(facts.body, Body::SevenBit);
}

TEST_F(OutgoingContentTest, ABodyUnderASignatureIsSentAsItIs) {
  for (const char* field : {"Content-Type: multipart/signed; boundary=b\r\n", "DKIM-Signature: v=1\r\n",
                            "Content-Type: multipart/mixed; boundary=b\r\nDKIM-Signature: v=1\r\n"}) {
    const std::string content = "From: a@s.test\r\n" + std::string(field) + "\r\n" + kUmlauts;
    store(content);
    EXPECT_EQ(sent({}, {}), content);
    EXPECT_EQ(facts.body, Body::EightBit);
  }
}

TEST_F(OutgoingContentTest, WithoutSmtpUtf8TheHeaderIsEncodedWhereThatLosesNothing) {
  parcel.smtputf8 = true;
  store("From: J\xc3\xbcrgen <a@s.test>\r\nSubject: \xc3\xbc\r\n\r\nx\r\n");
  EXPECT_TRUE(
      sent({}, {}).starts_with("From: =?UTF-8?B?SsO8cmdlbg==?= <a@s.test>\r\nSubject: =?UTF-8?B?w7w=?=\r\n"));
  EXPECT_FALSE(facts.smtputf8);

  EXPECT_TRUE(sent({}, everything()).starts_with("From: J\xc3\xbcrgen <a@s.test>\r\n"));
  EXPECT_TRUE(facts.smtputf8);
}

TEST_F(OutgoingContentTest, WhatCannotBeEncodedNeedsSmtpUtf8) {
  parcel.smtputf8 = true;
  store("From: a@s.test\r\nTo: <\xc3\xbc@r.test>\r\n\r\nx\r\n");
  sent({}, {});
  EXPECT_TRUE(facts.smtputf8);
}

}  // namespace
}  // namespace mailchute
