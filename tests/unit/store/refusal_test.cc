// What is not a queue of ours is refused with its reason, and left as it was.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "store/queue_file.h"
#include "store/schema.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class Refusal : public QueueTest {
 protected:
  std::string bytes() const {
    std::ifstream file(options_.path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  void write(const std::string& content) { std::ofstream(options_.path, std::ios::binary) << content; }

  /// Refused with these words, twice, and not a byte of it touched nor a file put beside it.
  void expect_refused(const std::string& words) {
    const std::string before = bytes();

    EXPECT_NE(refusal().find(words), std::string::npos) << refusal();

    EXPECT_EQ(bytes(), before);
    EXPECT_FALSE(std::filesystem::exists(options_.path + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(options_.path + "-shm"));
  }

  void make(const char* script) {
    write("");
    auto database = Database::open(options_.path, Database::Mode::ReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script(script));
  }
};

TEST_F(Refusal, AFileOfZeroBytes) {  // Q025
  write("");
  expect_refused("0 bytes");
}

TEST_F(Refusal, RandomBytes) {  // Q025
  write(std::string(8192, '\x5a'));
  expect_refused("not an SQLite database");
}

TEST_F(Refusal, AShortFile) {
  write("SQLite format 3");
  expect_refused("not an SQLite database");
}

TEST_F(Refusal, AnotherProgramsDatabase) {  // Q025
  make("PRAGMA application_id = 1234; CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1);");
  expect_refused("another program");
}

TEST_F(Refusal, ADatabaseThatNamesNoProgram) {
  make("PRAGMA journal_mode = WAL; CREATE TABLE message(x);");
  expect_refused("another program");
}

TEST_F(Refusal, ANewerVersion) {  // Q025, Q046
  open();
  close();
  damage("PRAGMA user_version = 99");
  expect_refused("newer mailchute");
}

TEST_F(Refusal, TablesThatAreNotOurs) {
  open();
  close();
  damage("CREATE TABLE more(x)");
  expect_refused("tables");
}

TEST_F(Refusal, ADamagedDatabase) {
  open();
  for (int i = 0; i < 50; ++i) accepted(message(), std::string(2000, 'x'));
  close();
  std::string content = bytes();
  for (std::size_t at = 4096; at + 4096 < content.size(); at += 8192) content.replace(at, 2048, 2048, '\xff');
  write(content);
  expect_refused("damaged");
}

TEST_F(Refusal, ASymbolicLink) {  // Q044
  open();
  close();
  std::filesystem::rename(options_.path, folder_ / "elsewhere.db");
  std::filesystem::create_symlink(folder_ / "elsewhere.db", options_.path);
  EXPECT_NE(refusal().find("symbolic link"), std::string::npos);
}

TEST_F(Refusal, AFileWithTwoNames) {  // Q044
  open();
  close();
  std::filesystem::create_hard_link(options_.path, folder_ / "second.db");
  EXPECT_NE(refusal().find("hard link"), std::string::npos);
}

TEST_F(Refusal, AFolderAndAFifoInItsPlace) {
  std::filesystem::create_directory(options_.path);
  EXPECT_NE(refusal(), "");
  std::filesystem::remove(options_.path);
  ASSERT_EQ(mkfifo(options_.path.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("regular file"), std::string::npos);
}

TEST_F(Refusal, ALockFileThatIsALink) {
  std::ofstream(folder_ / "victim") << "precious";
  std::filesystem::create_symlink(folder_ / "victim", options_.path + ".lock");

  EXPECT_NE(refusal().find("lock file"), std::string::npos);

  EXPECT_EQ(std::filesystem::file_size(folder_ / "victim"), 8u);
}

TEST_F(Refusal, AFolderThatDoesNotExist) {  // Q027
  options_.path = (folder_ / "missing" / "queue.db").string();
  EXPECT_NE(refusal().find("folder"), std::string::npos);
}

TEST_F(Refusal, ASecondDaemonWhileTheFirstGoesOn) {  // Q041, Q042
  open();

  EXPECT_NE(refusal().find("in use"), std::string::npos);

  accepted(message());
  close();
  EXPECT_EQ(refusal(), "");
}

TEST_F(Refusal, TheSameFileUnderTheNameOfAnotherLock) {
  open();
  // A second mount of the same file has a lock file of its own: only the inode tells.
  std::filesystem::rename(options_.path, folder_ / "moved.db");
  options_.path = (folder_ / "moved.db").string();

  EXPECT_NE(refusal().find("in use"), std::string::npos);
}

TEST_F(Refusal, ALogWithoutItsDatabase) {
  open();
  accepted(message());
  std::filesystem::copy_file(options_.path + "-wal", folder_ / "kept-wal");
  close();
  std::filesystem::remove(options_.path);
  std::filesystem::rename(folder_ / "kept-wal", options_.path + "-wal");

  EXPECT_NE(refusal().find("is missing, but its log"), std::string::npos);
}

TEST_F(Refusal, FilesAreForUsAloneWhateverTheUmask) {
  const mode_t old = umask(0);
  open();
  accepted(message());
  umask(old);
  for (const char* name : {"queue.db", "queue.db-wal", "queue.db-shm", "queue.db.lock", "queue.db.ballast"}) {
    EXPECT_EQ(std::filesystem::status(folder_ / name).permissions(), std::filesystem::perms(0600)) << name;
  }
}

TEST_F(Refusal, AQueueThatOthersCouldReadIsClosedToThem) {
  open();
  close();
  std::filesystem::permissions(options_.path, std::filesystem::perms(0644));

  open();

  EXPECT_EQ(std::filesystem::status(options_.path).permissions(), std::filesystem::perms(0600));
}

TEST_F(Refusal, AStartThatWasCutShortLeavesNoHalfQueue) {
  std::ofstream(options_.path + ".new") << "half";
  open();
  EXPECT_FALSE(std::filesystem::exists(options_.path + ".new"));
  accepted(message());
}

class MigrationTest : public Refusal {
 protected:
  MigrationTest() {
    open();
    accepted(message());
    close();
  }
  std::int64_t version() { return count("PRAGMA user_version"); }
  /// Of the tables as they are today.
  std::string backup_path() const {
    return options_.path + ".backup-v" + std::to_string(migrations().size());
  }
  /// Today's steps and these.
  static std::vector<const char*> with(const std::vector<const char*>& more) {
    std::vector<const char*> steps(migrations().begin(), migrations().end());
    steps.insert(steps.end(), more.begin(), more.end());
    return steps;
  }
};

TEST_F(MigrationTest, AllStepsComeTrueTogetherAfterABackup) {
  auto database = Database::open(options_.path, Database::Mode::ReadWrite);
  const std::vector<const char*> steps =
      with({"ALTER TABLE message ADD COLUMN more TEXT;", "CREATE TABLE next(x);"});

  ASSERT_TRUE(check_schema(*database, options_.path, steps));
  const auto done = migrate(*database, options_.path, steps);

  ASSERT_TRUE(done) << done.error().text;
  EXPECT_EQ(version(), static_cast<std::int64_t>(steps.size()));
  auto backup = Database::open(backup_path(), Database::Mode::ReadOnly);
  ASSERT_TRUE(backup);
  constexpr char kMessages[] = "SELECT count(*) FROM message";
  EXPECT_EQ(backup->number(kMessages).value(), 1);
  EXPECT_EQ(std::filesystem::status(backup_path()).permissions(), std::filesystem::perms(0600));
}

TEST_F(MigrationTest, AStepThatFailsUndoesTheOthers) {
  auto database = Database::open(options_.path, Database::Mode::ReadWrite);
  const std::vector<const char*> steps = with({"CREATE TABLE next(x);", "CREATE TABLE message(x);"});

  EXPECT_FALSE(migrate(*database, options_.path, steps));

  EXPECT_EQ(version(), static_cast<std::int64_t>(migrations().size()));
  EXPECT_EQ(count("SELECT count(*) FROM sqlite_schema WHERE name = 'next'"), 0);
}

TEST_F(MigrationTest, AQueueOfTheFirstVersionBecomesTodaysWithItsMail) {
  {
    auto database = Database::open(options_.path, Database::Mode::ReadWrite);
    ASSERT_TRUE(
        database->script("DROP INDEX message_late; DROP TABLE digest; DROP TABLE digest_entry;"
                         "DROP TABLE spending; DROP INDEX recipient_doubted;"
                         "ALTER TABLE message DROP COLUMN source_login;"
                         "ALTER TABLE upstream_state DROP COLUMN refused_logins;"
                         "ALTER TABLE upstream_state DROP COLUMN refused_words;"
                         "ALTER TABLE upstream_state DROP COLUMN refused_to;"
                         "ALTER TABLE message DROP COLUMN delay_told; ALTER TABLE "
                         "recipient DROP COLUMN alone;"
                         "ALTER TABLE recipient DROP COLUMN hang_ups; ALTER TABLE meta DROP COLUMN token;"
                         "DROP INDEX message_kept; DROP INDEX message_deadline;"
                         "ALTER TABLE message DROP COLUMN weight;"
                         "CREATE INDEX message_deadline ON message(deadline, id, bytes)"
                         " WHERE deadline IS NOT NULL;"
                         "PRAGMA user_version = 1;"));
  }

  open();

  EXPECT_EQ(claim().parcels.size(), 1u);
  EXPECT_EQ(queue_->token().size(), 12u);
  EXPECT_EQ(version(), static_cast<std::int64_t>(migrations().size()));
  EXPECT_TRUE(std::filesystem::exists(options_.path + ".backup-v1"));
}

TEST_F(MigrationTest, AnUpstreamOfTheSixthVersionHasNoRefusedLogins) {
  {
    auto database = Database::open(options_.path, Database::Mode::ReadWrite);
    ASSERT_TRUE(
        database->script("ALTER TABLE upstream_state DROP COLUMN refused_logins;"
                         "ALTER TABLE upstream_state DROP COLUMN refused_words;"
                         "ALTER TABLE upstream_state DROP COLUMN refused_to;"
                         "INSERT INTO upstream_state VALUES ('qq', 'login', 3, 5, 0, 'auth', 535, '', 'no', "
                         "NULL, 'salted');"
                         "PRAGMA user_version = 6;"));
  }

  open();

  ASSERT_EQ(queue_->upstreams().states.size(), 1u);
  EXPECT_EQ(queue_->upstreams().states[0].failures, 3);
  EXPECT_TRUE(queue_->upstreams().states[0].refused_logins.empty());
  EXPECT_EQ(queue_->upstreams().states[0].refused_alike, RefusedAlike{});
  EXPECT_TRUE(std::filesystem::exists(options_.path + ".backup-v6"));
}

}  // namespace
}  // namespace mailchute
