#include "store/backup.h"

#include <sys/stat.h>

#include <fstream>

#include "queue_fixture.h"
#include "store/reader.h"

namespace mailchute {
namespace {

class Backup : public QueueTest {
 protected:
  Result<BackupFacts> back_up(WatchBackup watch = nullptr) {
    auto reader = QueueReader::open(options_.path);
    if (!reader) return tl::unexpected(reader.error());
    return reader->backup(copy(), std::move(watch));
  }
  std::string copy() const { return (folder_ / "copies" / "copy.db").string(); }

  void SetUp() override {
    std::filesystem::create_directory(folder_ / "copies");
    open();
  }
  std::size_t files_made() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_ / "copies"), {}));
  }
};

TEST_F(Backup, ItSaysWhatIsInIt) {
  for (int i = 0; i < 3; ++i) accepted(message());

  const auto facts = back_up();

  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_EQ(facts->messages, 3);
  EXPECT_EQ(facts->finished, 0);
  EXPECT_EQ(facts->bytes, std::filesystem::file_size(copy()));
  EXPECT_EQ(std::filesystem::status(copy()).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(files_made(), 1u);
}

TEST_F(Backup, WhatIsThereIsNeverOverwritten) {
  accepted(message());
  std::ofstream(copy()) << "somebody's";

  const auto facts = back_up();

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, 73);
  EXPECT_EQ(std::filesystem::file_size(copy()), 10u);
  EXPECT_EQ(files_made(), 1u);
}

TEST_F(Backup, ALinkIsNotFollowedNeitherToAFileNorToNothing) {  // L014
  accepted(message());
  const auto target = folder_ / "target";
  std::filesystem::create_symlink(target, copy());

  EXPECT_EQ(back_up().error().code, 73);

  EXPECT_FALSE(std::filesystem::exists(target));
  EXPECT_TRUE(std::filesystem::is_symlink(copy()));
}

TEST_F(Backup, ALinkToAFolderIsAFolder) {
  accepted(message());
  std::filesystem::remove(folder_ / "copies");
  std::filesystem::create_directory(folder_ / "elsewhere");
  std::filesystem::create_directory_symlink(folder_ / "elsewhere", folder_ / "copies");

  const auto facts = back_up();

  EXPECT_TRUE(facts) << facts.error().text;
}

TEST_F(Backup, AFileOfASimilarNameIsLeftAlone) {
  accepted(message());
  std::ofstream(copy() + ".new") << "somebody's";

  EXPECT_TRUE(back_up());

  EXPECT_EQ(std::filesystem::file_size(copy() + ".new"), 10u);
}

TEST_F(Backup, OneThatIsGivenUpLeavesNothingBehind) {
  for (int i = 0; i < 200; ++i) accepted(message(), std::string(20'000, 'x'));

  const auto facts = back_up([](std::uint64_t) { return Database::Work::Stop; });

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, 75);
  EXPECT_EQ(files_made(), 0u);
}

TEST_F(Backup, AFolderThatIsMissingIsNamed) {
  accepted(message());
  std::filesystem::remove(folder_ / "copies");

  const auto facts = back_up();

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, 73);
  EXPECT_NE(facts.error().text.find(copy()), std::string::npos) << facts.error().text;
}

TEST_F(Backup, ADamagedQueueMakesNoCopy) {
  for (int i = 0; i < 50; ++i) accepted(message(), std::string(20'000, 'x'));
  close();
  {
    std::fstream file(options_.path, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 5; page < 60; ++page) {
      file.seekp(page * 4096);
      file << std::string(4096, '\x5a');
    }
  }

  const auto facts = back_up();

  EXPECT_FALSE(facts);
  EXPECT_EQ(files_made(), 0u);
}

}  // namespace
}  // namespace mailchute
