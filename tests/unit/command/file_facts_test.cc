#include "command/file_facts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/ascii.h"

namespace mailchute {
namespace {

FileFacts file(mode_t mode, uid_t owner = 0, gid_t group = 0) {
  FileFacts facts;
  facts.kind = FileFacts::Kind::File;
  facts.mode = mode;
  facts.owner = owner;
  facts.group = group;
  return facts;
}

TEST(FileFaults, AConfigurationThatOthersCanChangeIsOne) {
  EXPECT_FALSE(fault_of_configuration("f", file(0644), 0));
  EXPECT_FALSE(fault_of_configuration("f", file(0640, 1000), 1000));
  EXPECT_FALSE(fault_of_configuration("f", file(0664), 0));  // the group root
  EXPECT_EQ(fault_of_configuration("f", file(0646), 0)->fix.english, "chmod o-w f");
  EXPECT_EQ(fault_of_configuration("f", file(0664, 0, 100), 0)->fix.english, "chmod g-w f");
  EXPECT_EQ(fault_of_configuration("f", file(0644, 1000), 0)->fix.english, "chown root f");
  EXPECT_TRUE(fault_of_configuration("f", FileFacts(), 0)->fix.empty());
}

TEST(FileFaults, TheModeOfALinkSaysNothing) {
  FileFacts link = file(0777);
  link.kind = FileFacts::Kind::Link;
  EXPECT_EQ(fault_of_configuration("f", link, 0)->found.english, "f is a link that leads nowhere");
}

TEST(FileFaults, EachIsToldInBothLanguages) {
  FileFacts other = file(0600);
  other.kind = FileFacts::Kind::Folder;
  FileFacts unseen;
  unseen.kind = FileFacts::Kind::Unseen;
  FileFacts linked = file(0600, 5);
  linked.names = 2;
  FileFacts link = file(0777, 5);
  link.kind = FileFacts::Kind::Link;
  for (const auto& fault :
       {fault_of_configuration("f", file(0646), 0), fault_of_configuration("f", file(0664, 0, 100), 0),
        fault_of_configuration("f", file(0644, 1000), 0), fault_of_configuration("f", FileFacts(), 0),
        fault_of_configuration("f", unseen, 0), fault_of_secret("f", file(0644)),
        fault_of_secret("f", file(0660, 0, 100)), fault_of_secret("f", other),
        fault_of_queue("q", file(0600, 0), 5), fault_of_queue("q", file(0644, 5), 5),
        fault_of_queue("q", linked, 5), fault_of_queue("q", link, 5), fault_of_queue("q", FileFacts(), 5),
        fault_of_socket("s", file(0600), 0666)}) {
    ASSERT_TRUE(fault);
    EXPECT_FALSE(is_ascii(fault->found.chinese)) << fault->found.english;
    EXPECT_TRUE(is_ascii(fault->found.english)) << fault->found.english;
  }
}

TEST(FileFaults, ASecretThatOthersCanReadIsOne) {
  EXPECT_FALSE(fault_of_secret("f", file(0600)));
  EXPECT_FALSE(fault_of_secret("f", file(0640, 0, 100)));
  EXPECT_EQ(fault_of_secret("f", file(0644))->fix.english, "chmod o= f");
  EXPECT_EQ(fault_of_secret("f", file(0660, 0, 100))->fix.english, "chmod g-w f");
  EXPECT_TRUE(fault_of_secret("f", FileFacts()));
}

TEST(FileFaults, AQueueIsItsOwnersAlone) {
  EXPECT_FALSE(fault_of_queue("q", file(0600, 5), 5));
  EXPECT_FALSE(fault_of_queue("q", file(0600, 5), std::nullopt));
  EXPECT_TRUE(fault_of_queue("q", file(0600, 0), 5));
  EXPECT_EQ(fault_of_queue("q", file(0644, 5), 5)->fix.english, "chmod go-rwx q");
  FileFacts linked = file(0600, 5);
  linked.names = 2;
  EXPECT_NE(fault_of_queue("q", linked, 5)->fix.english.find("-samefile q"), std::string::npos);
  FileFacts link = file(0777, 5);
  link.kind = FileFacts::Kind::Link;
  EXPECT_TRUE(fault_of_queue("q", link, 5));
  FileFacts folder = file(0755, 5);
  folder.kind = FileFacts::Kind::Folder;
  EXPECT_FALSE(fault_of_queue("q", folder, 5));
  folder.mode = 0775;
  EXPECT_TRUE(fault_of_queue("q", folder, 5));
}

TEST(FileFaults, ASocketHasItsMode) {
  FileFacts socket = file(0660);
  EXPECT_TRUE(fault_of_socket("s", socket, 0660));  // a file in its place
  socket.kind = FileFacts::Kind::Socket;
  EXPECT_FALSE(fault_of_socket("s", socket, 0660));
  EXPECT_EQ(fault_of_socket("s", socket, 0666)->fix.english, "chmod 0666 s");
}

TEST(FileFacts, AreThoseOfTheFileItselfNotOfWhatALinkLeadsTo) {
  std::string folder = (std::filesystem::temp_directory_path() / "mailchute-facts-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/file";
  std::ofstream(path) << "x";
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  std::filesystem::create_symlink(path, folder + "/link");

  EXPECT_EQ(look_at(path).kind, FileFacts::Kind::File);
  EXPECT_EQ(look_at(path).mode, 0640u);
  EXPECT_EQ(look_at(path).owner, ::geteuid());
  EXPECT_EQ(look_at(folder + "/link").kind, FileFacts::Kind::Link);
  EXPECT_EQ(look_at(folder).kind, FileFacts::Kind::Folder);
  EXPECT_EQ(look_at(folder + "/none").kind, FileFacts::Kind::Missing);
  EXPECT_EQ(look_at(path + "/below").kind, FileFacts::Kind::Missing);
  EXPECT_EQ(describe(look_at(path)).substr(0, 5), "0640 ");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace mailchute
