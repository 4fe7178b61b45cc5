#include "mail/transfer_encoding.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "unit/split.h"

namespace mailchute {
namespace {

TEST(TransferEncoding, TheHeaderSaysWhatTheBodyIs) {
  EXPECT_EQ(header_for_encoding("Subject: x\r\n", "base64", "utf-8"),
            "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n");
  EXPECT_EQ(
      header_for_encoding(
          "MIME-Version: 1.0\r\ncontent-transfer-encoding : 8bit\r\nContent-Type: text/html\r\n",
          "quoted-printable", "utf-8"),
      "MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html\r\n");
}

TEST(TransferEncoding, WhatCannotBeEncodedWholeStays) {
  for (const char* section :
       {"Content-Type: multipart/mixed; boundary=x\r\n", "Content-Type: message/rfc822\r\n",
        "Content-Type: text\r\n", "Content-Transfer-Encoding: base64\r\n", "DKIM-Signature: v=1\r\n",
        "no field\r\nSubject: x\r\n", "Content-Type: text/plain\r\nContent-Type: text/html\r\n"})
    EXPECT_FALSE(header_for_encoding(section, "base64", "utf-8")) << section;
}

TEST(TransferEncoding, Base64LinesAreTheSameWhereverTheBodyIsCut) {
  std::string body;
  for (int i = 0; i < 130; ++i) body += static_cast<char>(i * 7);
  std::string whole;
  test::for_every_split(body, [&](const test::Pieces& pieces) {
    Base64Lines lines;
    std::string out;
    for (std::string_view piece : pieces) out += lines.take(piece);
    out += lines.finish();
    if (whole.empty()) whole = out;
    ASSERT_EQ(out, whole);
  });
  std::string joined;
  for (std::string_view line : split(whole, '\n')) {
    ASSERT_LE(line.size(), 77u);
    joined += line.substr(0, line.empty() ? 0 : line.size() - 1);
  }
  EXPECT_EQ(base64_decode(joined), body);
}

TEST(TransferEncoding, TheLengthIsKnownBeforehand) {
  for (std::size_t bytes : {0u, 1u, 2u, 3u, 56u, 57u, 58u, 114u, 115u, 1000u}) {
    Base64Lines lines;
    std::string out = lines.take(std::string(bytes, 'x'));
    out += lines.finish();
    EXPECT_EQ(out.size(), Base64Lines::encoded_bytes(bytes)) << bytes;
  }
}

}  // namespace
}  // namespace mailchute
