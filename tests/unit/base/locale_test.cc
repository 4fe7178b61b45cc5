#include "base/locale.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace mailchute {
namespace {

TEST(Locale, ChineseLocalesAreChinese) {
  for (const char* name :
       {"zh_CN.UTF-8", "zh_CN.utf8", "zh_TW.UTF-8", "zh_CN", "zh", "zh-Hans", "ZH_cn.UTF-8@pinyin"})
    EXPECT_EQ(language_of_locale(name), Language::Chinese) << name;
}

TEST(Locale, EverythingElseIsEnglish) {
  for (const char* name :
       {"", "C", "POSIX", "C.UTF-8", "en_US.UTF-8", "de_DE@euro", "zha_CN.UTF-8", "x_zh", ".UTF-8"})
    EXPECT_EQ(language_of_locale(name), Language::English) << name;
}

TEST(Locale, ChineseInACharsetThatWeDoNotWriteIsEnglish) {
  for (const char* name : {"zh_CN.GBK", "zh_CN.gb18030", "zh_TW.big5", "zh_CN.GB2312@x"})
    EXPECT_EQ(language_of_locale(name), Language::English) << name;
}

/// The three variables for the length of a test.
class LocaleOfProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : kNames) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_[name] = value;
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const char* name : kNames) ::unsetenv(name);
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }

 private:
  static constexpr const char* kNames[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
  std::map<std::string, std::string> before_;
};

TEST_F(LocaleOfProcess, IsEnglishWhereNothingIsSet) { EXPECT_EQ(language_of_process(), Language::English); }

TEST_F(LocaleOfProcess, LcAllGoesBeforeLcMessagesAndThatBeforeLang) {
  ::setenv("LANG", "zh_CN.UTF-8", 1);
  EXPECT_EQ(language_of_process(), Language::Chinese);
  ::setenv("LC_MESSAGES", "en_US.UTF-8", 1);
  EXPECT_EQ(language_of_process(), Language::English);
  ::setenv("LC_ALL", "zh_CN.UTF-8", 1);
  EXPECT_EQ(language_of_process(), Language::Chinese);
}

TEST_F(LocaleOfProcess, AnEmptyVariableIsAsGoodAsNone) {
  ::setenv("LC_ALL", "", 1);
  ::setenv("LANG", "zh_CN.UTF-8", 1);
  EXPECT_EQ(language_of_process(), Language::Chinese);
}

}  // namespace
}  // namespace mailchute
