#include "mail/seven_bit_parts.h"

#include <gtest/gtest.h>

#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "unit/split.h"

namespace mailchute {
namespace {

/// The same wherever the message is cut.
std::string seven_bit(const std::string& message) {
  SevenBitParts whole;
  std::string out = whole.take(message);
  out += whole.finish();
  test::for_every_split(message, [&](const test::Pieces& pieces) {
    SevenBitParts parts;
    std::string again;
    for (std::string_view piece : pieces) again += parts.take(piece);
    again += parts.finish();
    ASSERT_EQ(again, out);
  });
  return out;
}

const std::string kHead = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";

TEST(SevenBitParts, OnlyThePartsThatNeedItAreEncoded) {
  EXPECT_EQ(
      seven_bit(
          kHead +
          "Content-Transfer-Encoding: 8bit\r\n\r\nfor old readers\r\n"
          "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
          "A letter with one umlaut, gr\xC3\xBC\xC3\x9F, and blanks at the end \r\n\r\nEnd\r\n"
          "--b\r\nContent-Type: text/html\r\n\r\n<p style=\"a=b\">ASCII</p>\r\n"
          "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
          "--b--\r\nbehind\r\n"),
      kHead +
          "Content-Transfer-Encoding: 7bit\r\n\r\nfor old readers\r\n"
          "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
          "A letter with one umlaut, gr=C3=BC=C3=9F, and blanks at the end=20\r\n\r\nEnd\r\n"
          "--b\r\nContent-Type: text/html\r\n\r\n<p style=\"a=b\">ASCII</p>\r\n"
          "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
          "--b--\r\nbehind\r\n");
}

TEST(SevenBitParts, WhatIsMostlyBeyondAsciiBecomesBase64AndEndsWhereItEnded) {
  EXPECT_EQ(seven_bit(kHead + "\r\n--b\r\n\r\n\xE4\xBD\xA0\xE5\xA5\xBD\r\n--b--\r\n"),
            kHead + "\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n5L2g5aW9\r\n--b--\r\n");
}

TEST(SevenBitParts, MultipartsAndMessagesInsideAreGoneThrough) {
  EXPECT_EQ(
      seven_bit(
          kHead +
          "\r\n--b\r\nContent-Type: multipart/alternative; boundary=\"b 2\"\r\n\r\n"
          "--b 2\r\n\r\nfirst line and \xC3\xA9\r\n"
          "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
          "Subject: inside\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nalso inside: \xC3\xA9\r\n"
          "--b--\r\n"),
      kHead +
          "\r\n--b\r\nContent-Type: multipart/alternative; boundary=\"b 2\"\r\n\r\n"
          "--b 2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nfirst line and =C3=A9\r\n"
          "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
          "Subject: inside\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n\r\nalso inside: =C3=A9\r\n"
          "--b--\r\n");
}

TEST(SevenBitParts, APartOfADigestIsAMessageUnlessItSaysOtherwise) {
  EXPECT_EQ(
      seven_bit("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\n12345 "
                "\xC3\xA9 12345\r\n--b--"),
      "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
      "12345 =C3=A9 12345\r\n--b--");
}

TEST(SevenBitParts, ASignedPartIsNotTouched) {
  const std::string message =
      kHead +
      "\r\n--b\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n"
      "--s\r\n\r\n\xC3\xA9\r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nDKIM-Signature: v=1\r\n\r\n\xC3\xA9\r\n--b--\r\n";
  EXPECT_EQ(seven_bit(message), message);
}

TEST(SevenBitParts, MessagesThatAreNoneOfThisComeOutAsTheyWere) {
  for (const std::string& message :
       {std::string("Content-Type: multipart/mixed; boundary=b\r\n\r\nno part at all \xC3\xA9\r\n"),
        kHead + "\r\n--b\r\nContent-Type: text/plain\r\n--b\r\nno field \xC3\xA9\r\n\r\nx\r\n--b--\r\n",
        kHead + "\r\n--b\r\nContent-Type: text\r\n\r\n\xC3\xA9\r\n--bb\r\n--b -\r\n-- b\r\n--b--\r\n",
        kHead + "\r\n--b\r\n\r\n\r\n--b\r\n\r\n--b--\r\n--b\r\n"})
    EXPECT_EQ(seven_bit(message), message);
}

TEST(SevenBitParts, LongLinesAndLongPartsStream) {
  const std::string line(5000, 'x');
  SevenBitParts parts;
  std::string out = parts.take(kHead + "\r\n--b\r\n\r\n");
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string piece = parts.take(line + (i % 2 == 0 ? "\r\n" : "") + "\xC3\xA9");
    most = std::max(most, piece.size());
    out += piece;
  }
  out += parts.take("\r\n--b--\r\n");
  out += parts.finish();
  EXPECT_LT(most, 40000u);
  EXPECT_TRUE(is_ascii(out));
  EXPECT_TRUE(out.ends_with("=C3=A9\r\n--b--\r\n"));
  for (std::string_view each : split(out, '\n')) ASSERT_LE(each.size(), 78u);
}

TEST(SevenBitParts, WhatCanBeTakenApartIsSeenByTheHeader) {
  EXPECT_TRUE(has_parts_to_encode(kHead));
  EXPECT_TRUE(has_parts_to_encode("Content-Type: Message/RFC822\r\n"));
  for (const char* section :
       {"", "Content-Type: text/plain\r\n", "Content-Type: multipart/mixed\r\n",
        "Content-Type: multipart/signed; boundary=b\r\n", "Content-Type: message/partial\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\nDKIM-Signature: v=1\r\n"})
    EXPECT_FALSE(has_parts_to_encode(section)) << section;
}

}  // namespace
}  // namespace mailchute
