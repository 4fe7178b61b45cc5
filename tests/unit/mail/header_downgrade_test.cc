#include "mail/header_downgrade.h"

#include <gtest/gtest.h>

#include <string>

namespace mailchute {
namespace {

const std::string kName = "J\xc3\xbcrgen";

TEST(HeaderDowngrade, AsciiStaysByteByByte) {
  const std::string section = "From :a@s.test\r\nno field\r\nSubject:  x\r\n";
  EXPECT_EQ(downgraded_header(section), section);
}

TEST(HeaderDowngrade, TextAndNamesBecomeEncodedWords) {
  EXPECT_EQ(
      downgraded_header("From: " + kName + " <j@s.test>\r\nTo: a@s.test, \"" + kName +
                        " M.\"\r\n <b@s.test>\r\n"
                        "Subject: Re: " +
                        kName + "\r\n"),
      "From: =?UTF-8?B?SsO8cmdlbg==?= <j@s.test>\r\nTo: a@s.test, =?UTF-8?B?SsO8cmdlbiBNLg==?= <b@s.test>\r\n"
      "Subject: Re: =?UTF-8?B?SsO8cmdlbg==?=\r\n");
  EXPECT_EQ(downgraded_header("From: j@s.test (" + kName + ")\r\n"),
            "From: =?UTF-8?B?SsO8cmdlbg==?= <j@s.test>\r\n");
}

TEST(HeaderDowngrade, WhatCannotBeSaidInAsciiIsNotParaphrased) {
  for (const char* line :
       {"From: <\xc3\xbc@s.test>\r\n", "To: x@b\xc3\xbc.test\r\n", "Message-ID: <\xc3\xbc@s.test>\r\n",
        "Content-Type: text/plain; name=\xc3\xbc\r\n", "Subject: \xff\xfe\r\n", "\xc3\xbc\r\n",
        "To: \xc3\xbc: a@s.test;\r\n", "From: Ann (\xc3\xbc) <a@s.test>\r\n", "From: \xc3\xbc\r\n"})
    EXPECT_FALSE(downgraded_header(line)) << line;
}

}  // namespace
}  // namespace mailchute
