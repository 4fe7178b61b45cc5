#include "command/bundle.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "command/doctor_view.h"

namespace mailchute {
namespace {

TEST(Masked, OnlyTheDomainOfAnAddressIsLeft) {
  EXPECT_EQ(with_addresses_masked("from ann.lee+x@example.com to <bob@r.test>, 10001@qq.com"),
            "from ***@example.com to <***@r.test>, ***@qq.com");
  EXPECT_EQ(with_addresses_masked("张三@例子.测试"), "***@例子.测试");
  EXPECT_EQ(with_addresses_masked("*@corp.example"), "***@corp.example");
  EXPECT_EQ(with_addresses_masked("a@b@c"), "***@***@c");
  EXPECT_EQ(with_addresses_masked("no address, @ alone"), "no address, @ alone");
  EXPECT_EQ(with_addresses_masked(""), "");
}

TEST(Masked, AUserThatIsNoAddressIsWhollyMasked) {
  EXPECT_EQ(with_users_masked("a:\n  user: AKIAEXAMPLE  # x\n  host: h\nuser: ann@b\n"),
            "a:\n  user: ***\n  host: h\nuser: ann@b\n");
  EXPECT_EQ(with_users_masked(""), "");
}

TEST(Bundle, IsANewFileForItsOwnerAlone) {
  std::string folder = (std::filesystem::temp_directory_path() / "mailchute-bundle-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/bundle";
  std::filesystem::create_symlink(folder + "/target", folder + "/link");

  EXPECT_TRUE(write_new_file(path, "words"));
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(write_new_file(path, "other").error().code, 73);
  EXPECT_EQ(write_new_file(folder + "/link", "other").error().code, 73);
  EXPECT_FALSE(std::filesystem::exists(folder + "/target"));
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "words");
  std::filesystem::remove_all(folder);
}

TEST(CheckupLines, HaveTheFixBelowAndColourOnlyWhereWanted) {
  const CheckResult result{.check = "disk",
                           .about = "",
                           .health = Health::Fail,
                           .found = said({"full", "已满"}),
                           .fix = said({"make room", "腾出空间"})};
  EXPECT_EQ(checkup_lines(result, 0, Colour::None),
            "FAIL  disk           full\n                     fix: make room\n");
  EXPECT_NE(checkup_lines(result, 80, Colour::Ansi).find("\x1b[1;31mFAIL"), std::string::npos);
  EXPECT_EQ(checkup_summary({result}), "0 ok, 0 warnings, 1 failure");
  EXPECT_NE(encode_checkup({result}).find("\"state\":\"fail\""), std::string::npos);
}

TEST(CheckupLines, AreInTheReadersLanguageAndJsonInEnglish) {
  const CheckResult result{.check = "disk",
                           .about = "",
                           .health = Health::Fail,
                           .found = said({"full", "已满"}),
                           .fix = said({"make room", "腾出空间"})};

  EXPECT_EQ(checkup_lines(result, 0, Colour::None, Language::Chinese),
            "FAIL  disk           已满\n                     处理：腾出空间\n");
  EXPECT_EQ(checkup_summary({result}, Language::Chinese), "0 项正常，0 项提醒，1 项故障");
  EXPECT_NE(encode_checkup({result}).find("\"found\":\"full\",\"fix\":\"make room\""), std::string::npos);
}

TEST(Bundle, ALoginThatIsNoAddressIsMaskedWhereASentenceEndsWithIt) {
  EXPECT_EQ(
      with_logins_masked("login  ses: taken in 9ms, as AKIA1\nlogin  b: as AKIA1 said\n", {"AKIA1", ""}),
      "login  ses: taken in 9ms, as ***\nlogin  b: as AKIA1 said\n");
  EXPECT_EQ(with_logins_masked("taken, as a@b.test\n", {"a@b.test"}), "taken, as a@b.test\n");
}

}  // namespace
}  // namespace mailchute
