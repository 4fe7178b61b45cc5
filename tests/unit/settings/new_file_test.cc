#include "settings/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace mailchute {
namespace {

namespace fs = std::filesystem;

class NewFileTest : public ::testing::Test {
 protected:
  NewFileTest() {
    std::string pattern = (fs::temp_directory_path() / "new-file-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    path = folder + "/secret";
  }
  ~NewFileTest() override {
    fs::permissions(folder, fs::perms::owner_all);
    fs::remove_all(folder);
  }

  static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  static mode_t mode_of(const std::string& file) {
    struct stat facts {};
    ::stat(file.c_str(), &facts);
    return facts.st_mode & 07777;
  }
  /// The reason for which nothing is written there.
  std::string refusal() const {
    const std::size_t before = files();
    const auto file = NewFile::prepare(path, "new", {});
    EXPECT_FALSE(file);
    EXPECT_EQ(files(), before);
    return file ? "" : file.error().text;
  }

  std::string folder;
  std::string path;
};

TEST_F(NewFileTest, IsThereWholeWithItsModeWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  auto file = NewFile::prepare(path, "new", {0640, {}});
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_FALSE(fs::exists(path));

  ASSERT_TRUE(file->place());
  ::umask(before);

  EXPECT_EQ(content(path), "new");
  EXPECT_EQ(mode_of(path), 0640U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFileTest, TakesThePlaceOfAnother) {
  write(path, "old");
  {
    auto file = NewFile::prepare(path, "new", {});
    ASSERT_TRUE(file) << file.error().text;
    EXPECT_EQ(content(path), "old");
    ASSERT_TRUE(file->place());
  }

  EXPECT_EQ(content(path), "new");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFileTest, LeavesNothingUnlessItIsPlaced) {
  { ASSERT_TRUE(NewFile::prepare(path, "new", {})); }

  EXPECT_EQ(files(), 0U);
}

TEST_F(NewFileTest, CanBeTakenBack) {
  {
    auto file = NewFile::prepare(path, "new", {});
    ASSERT_TRUE(file && file->place());
    file->undo();
  }
  EXPECT_EQ(files(), 0U);

  write(path, "old");
  {
    auto file = NewFile::prepare(path, "new", {});
    ASSERT_TRUE(file && file->place());
    EXPECT_EQ(content(path), "new");
    file->undo();
  }
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(NewFileTest, ASymbolicLinkIsRefused) {
  const std::string target = folder + "/victim";
  write(target, "victim");
  fs::create_symlink(target, path);
  EXPECT_EQ(refusal(), "cannot write " + path + ": it is a symbolic link; remove it first");
  EXPECT_EQ(content(target), "victim");

  fs::remove(target);  // One that leads nowhere, likewise.
  EXPECT_EQ(refusal(), "cannot write " + path + ": it is a symbolic link; remove it first");
}

TEST_F(NewFileTest, ASymbolicLinkToTheFolderIsRefused) {
  const std::string link = folder + "/link";
  fs::create_directory(folder + "/real");
  fs::create_directory_symlink(folder + "/real", link);

  const auto file = NewFile::prepare(link + "/secret", "new", {});

  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().text, "cannot write " + link + ": it is no folder, or a symbolic link to one");
  EXPECT_TRUE(fs::is_empty(folder + "/real"));
}

TEST_F(NewFileTest, AFileWithASecondNameIsRefused) {
  write(path, "old");
  fs::create_hard_link(path, folder + "/other");

  EXPECT_NE(refusal().find("hard link"), std::string::npos);
  EXPECT_EQ(content(folder + "/other"), "old");
}

TEST_F(NewFileTest, WhatIsNoFileIsRefused) {
  fs::create_directory(path);
  EXPECT_EQ(refusal(), "cannot write " + path + ": it is no regular file");

  path = folder + "/";
  EXPECT_NE(refusal().find("no name of a file"), std::string::npos);
}

TEST_F(NewFileTest, AFolderThatEveryoneWritesIntoIsRefused) {
  ::chmod(folder.c_str(), 0777);
  EXPECT_NE(refusal().find("next: chmod o-w " + folder), std::string::npos);

  ::chmod(folder.c_str(), 01777);  // As /tmp: nobody can rename what is not theirs.
  EXPECT_TRUE(NewFile::prepare(path, "new", {}));
}

TEST_F(NewFileTest, WhatBelongsToSomebodyElseIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write(path, "old");
  ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
  EXPECT_NE(refusal().find("belongs to somebody else (user 12345)"), std::string::npos);

  fs::remove(path);
  ASSERT_EQ(::chown(folder.c_str(), 12345, 12345), 0);
  EXPECT_NE(refusal().find("the folder belongs to somebody else"), std::string::npos);
}

TEST_F(NewFileTest, AFolderThatIsMissingNamesItself) {
  path = folder + "/none/secret";

  EXPECT_EQ(refusal(), "cannot open the folder " + folder + "/none: No such file or directory");
}

TEST_F(NewFileTest, AFolderIsMadeOnceAndLeftAloneThen) {
  const std::string made = folder + "/credentials";

  ASSERT_TRUE(make_folder(made, {0750, {}}));
  EXPECT_EQ(mode_of(made), 0750U);
  ::chmod(made.c_str(), 0700);
  ASSERT_TRUE(make_folder(made, {0750, {}}));

  EXPECT_EQ(mode_of(made), 0700U);
}

TEST_F(NewFileTest, AFolderCanBeMadeForSomebodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  const std::string made = folder + "/queue";

  ASSERT_TRUE(make_folder(made, {0700, 12345, 23456}));

  struct stat facts {};
  ASSERT_EQ(::stat(made.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_gid, 12345U);
  EXPECT_EQ(facts.st_uid, 23456U);
  EXPECT_EQ(mode_of(made), 0700U);
}

}  // namespace
}  // namespace mailchute
