#include "mail/mime_fields.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace mailchute {
namespace {

TEST(MimeType, TheBoundaryIsFoundHoweverItIsWritten) {
  struct Row {
    const char* value;
    const char* boundary;
  };
  for (const Row& row : {Row{" multipart/mixed; boundary=abc", "abc"},
                         {"Multipart/Mixed;\r\n\tboundary=\"a b;c\"", "a b;c"},
                         {"multipart/mixed; charset=x; BOUNDARY = \"a\\\"b\" ; y=z", "a\"b"},
                         {"multipart/mixed; boundary=----=_Part_1.2 (made by hand)", "----=_Part_1.2"},
                         {"multipart/mixed (one; boundary=no); name=\"boundary=no\"; boundary=yes", "yes"},
                         {"multipart/related; type=\"text/html\"; boundary=\"=_x\"", "=_x"}}) {
    const MimeType type = MimeType::read(row.value);
    EXPECT_TRUE(type.is_multipart()) << row.value;
    EXPECT_EQ(type.boundary, row.boundary) << row.value;
  }
}

TEST(MimeType, ABoundaryThatCannotBeOneIsNone) {
  const std::string long_value = "multipart/mixed; boundary=" + std::string(71, 'x');
  for (const std::string& value :
       {std::string("multipart/mixed"), std::string("multipart/mixed; boundary="),
        std::string("multipart/mixed; boundary=\"\""), std::string("multipart/mixed; boundary=\"x \""),
        std::string("multipart/mixed; boundary"), long_value})
    EXPECT_EQ(MimeType::read(value).boundary, std::nullopt) << value;
}

TEST(MimeType, WhatIsNoTypeHasNoName) {
  for (const char* value : {"", "text", ";", "\"text/plain\"", "(text/plain)"})
    EXPECT_EQ(MimeType::read(value).name, "") << value;
}

TEST(MimeFields, WithoutFieldsABodyIsPlainTextAndUnencoded) {
  const MimeFields fields("Subject: x\r\n");
  EXPECT_EQ(fields.mime_type().name, "text/plain");
  EXPECT_TRUE(fields.is_unencoded());
  EXPECT_TRUE(fields.changeable);
  EXPECT_FALSE(fields.version);
}

}  // namespace
}  // namespace mailchute
