#include "mail/address_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "mail/address_completion.h"

namespace mailchute {
namespace {

std::vector<ListedAddress> read(std::string_view value) {
  std::vector<ListedAddress> all;
  AddressListReader reader(value);
  while (auto entry = reader.next()) all.push_back(std::move(*entry));
  return all;
}

struct Form {
  const char* value;
  const char* name;
  const char* address;
  bool orderly;
};

TEST(AddressList, ReadsTheFormsThatProgramsWrite) {
  const Form forms[] = {
      {" a@s.test", "", "a@s.test", true},
      {"<a@s.test>", "", "a@s.test", true},
      {"Ann <a@s.test>", "Ann", "a@s.test", true},
      {"\"Smith, Ann\" <a@s.test>", "Smith, Ann", "a@s.test", true},
      {"\"a \\\"b\\\"\" <a@s.test>", "a \"b\"", "a@s.test", true},
      {"Ann Q. Smith <a@s.test>", "Ann Q. Smith", "a@s.test", true},
      {"a@s.test (Ann Smith)", "Ann Smith", "a@s.test", true},
      {"root (Cron Daemon)", "Cron Daemon", "root", true},
      {"\"(Cron Daemon)\" <root>", "(Cron Daemon)", "root", true},
      {"root", "", "root", true},
      {"Ann\r\n\t<a@s.test>", "Ann", "a@s.test", true},
      {"=?utf-8?Q?J=C3=BCrgen?= <j@s.test>", "=?utf-8?Q?J=C3=BCrgen?=", "j@s.test", true},
      {"Ann (at work) <a@s.test>", "Ann", "a@s.test", true},
      {"a (x) @ (y) s.test", "x", "a@s.test", true},
      {"\"a b\"@s.test", "", "\"a b\"@s.test", true},
      {"<@r1.test,@r2.test:a@s.test>", "", "a@s.test", true},
      {"a@[IPv6:::1]", "", "a@[IPv6:::1]", true},
      {"< a@s.test >", "", "a@s.test", true},
      {"(one (two) \\) three) a@s.test", "one (two) ) three", "a@s.test", true},
      // From here on nobody's grammar allows it, and all of it has been seen.
      {"Backup Job", "Backup Job", "", false},
      {"\"Backup\"", "Backup", "", false},
      {"Ann a@s.test", "Ann", "a@s.test", false},
      {"Ann <a@s.test", "Ann", "a@s.test", false},
      {"\"Ann <a@s.test>", "Ann <a@s.test>", "", false},
      {"a@s.test <a@s.test>", "a@s.test", "a@s.test", true},
      {"Ann <>", "Ann", "", false},
      {"Ann <a@s.test> x", "Ann x", "a@s.test", false},
      {"a@@s.test", "", "a@@s.test", false},
      {"=?utf-8?B?bmFtZSA8YUBiLmM+?=", "=?utf-8?B?bmFtZSA8YUBiLmM+?=", "", false},
      {"a>@s.test", "", "a@s.test", false},
  };
  for (const Form& form : forms) {
    const auto all = read(form.value);
    ASSERT_EQ(all.size(), 1u) << form.value;
    EXPECT_EQ(all[0].name(), form.name) << form.value;
    EXPECT_EQ(all[0].address, form.address) << form.value;
    EXPECT_EQ(all[0].orderly, form.orderly) << form.value;
  }
}

TEST(AddressList, ListsAndGroups) {
  const auto list = read("a@s.test, Bob <b@s.test>,\r\n ,c@s.test");
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[1].address, "b@s.test");
  EXPECT_FALSE(list[1].grouped);

  const auto group = read("Team: a@s.test, b@s.test; c@s.test");
  ASSERT_EQ(group.size(), 3u);
  EXPECT_TRUE(group[0].grouped && group[1].grouped && !group[2].grouped);
  EXPECT_TRUE(read("undisclosed-recipients:;").empty());
  EXPECT_EQ(read("a@s.test; b@s.test").size(), 2u);
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read(" , ;; ").empty());
}

TEST(AddressList, ALiteralIsNoLongerThanADomainMayBe) {  // else each of many is looked for to the end
  const std::string inside(limits::kDomainBytes - 3, 'x');

  EXPECT_EQ(read("a@[" + inside + ",]").size(), 1u);
  EXPECT_EQ(read("a@[" + inside + "y,]").size(), 2u);
}

TEST(AddressList, PlacesPointIntoTheValue) {
  const std::string value = " x@s.test, root (Cron) , b";
  const auto all = read(value);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(value.substr(all[1].begin, all[1].end - all[1].begin), "root (Cron)");
  EXPECT_EQ(value.substr(0, all[1].address_end), " x@s.test, root");
}

TEST(AddressList, BareNamesGetADomainAndNothingElseChanges) {
  EXPECT_EQ(complete_addresses(" root", "m.test"), " root@m.test");
  EXPECT_EQ(complete_addresses(" root (Cron Daemon)", "m.test"), " root@m.test (Cron Daemon)");
  EXPECT_EQ(complete_addresses(" \"(Cron Daemon)\" <root>", "m.test"), " \"(Cron Daemon)\" <root@m.test>");
  EXPECT_EQ(complete_addresses(" a@s.test,bob,\r\n\t<ann >; g: x, y@z.test;", "m.test"),
            " a@s.test,bob@m.test,\r\n\t<ann@m.test >; g: x@m.test, y@z.test;");
  for (const char* value :
       {"a@s.test", "Backup Job", "\"root", "undisclosed-recipients:;", "", "|sh", "a@@b", "\xe7\x94\xa8"})
    EXPECT_EQ(complete_addresses(value, "m.test"), value);
}

TEST(AddressList, CompletedNamesKeepToTheLengthOfALine) {
  std::string value;
  for (int i = 0; i < 150; ++i) value += (i > 0 ? ",u" : "u") + std::to_string(i);
  const std::string done = complete_addresses(value, std::string(60, 'd') + ".test");
  std::size_t longest = 0;
  for (std::size_t at = 0; at < done.size();) {
    const auto end = std::min(done.find("\r\n", at), done.size());
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  EXPECT_LE(longest, 998u);
  EXPECT_EQ(read(done).size(), 150u);
}

}  // namespace
}  // namespace mailchute
