// The log is written in one piece, and whoever asks for a part of it gets what was written.
#include "store/gathered_log.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "fake/faulty_vfs.h"
#include "store/sqlite.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

using fake::FaultyVfs;

class GatheredLog : public QueueTest {
 protected:
  GatheredLog() {
    options_.vfs = FaultyVfs::name();
    FaultyVfs::clear();
  }
  ~GatheredLog() override { FaultyVfs::clear(); }

  /// The queue's database once more, with so little memory that a transaction of some pages goes into the log
  /// before its end.
  Database cramped() {
    auto database =
        Database::open(options_.path, Database::Mode::ReadWrite, gathering_vfs(FaultyVfs::name()));
    EXPECT_TRUE(database && database->script("PRAGMA synchronous = FULL; PRAGMA cache_size = 2"));
    return std::move(*database);
  }
};

constexpr char kMany[] =
    "INSERT INTO event(at, kind, subject, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
    "n "
    "WHERE i < ?1) SELECT i, 'kind', 'subject', hex(zeroblob(500)) FROM n";
constexpr char kSum[] = "SELECT sum(at) FROM event";

TEST_F(GatheredLog, OneCommitIsOneWriteAndOneSync) {
  open();
  accepted(message());
  const int writes = FaultyVfs::log_writes();
  const int syncs = FaultyVfs::syncs();

  accepted(message());

  EXPECT_EQ(FaultyVfs::log_writes(), writes + 1);
  EXPECT_EQ(FaultyVfs::syncs(), syncs + 1);
}

TEST_F(GatheredLog, ATransactionReadsWhatItHasWrittenIntoTheLogItself) {
  open();
  close();
  Database database = cramped();
  ASSERT_TRUE(database.script("BEGIN"));
  const int writes = FaultyVfs::log_writes();

  ASSERT_TRUE(database.run(kMany, {300}));
  const auto sum = database.number(kSum);

  ASSERT_TRUE(sum);
  EXPECT_EQ(**sum, 300 * 301 / 2);
  EXPECT_GT(FaultyVfs::log_writes(), writes) << "the test wants a transaction that does not fit into memory";
  EXPECT_TRUE(database.script("COMMIT"));
}

TEST_F(GatheredLog, AnotherConnectionSeesEachCommitWhole) {
  open();
  close();
  Database database = cramped();
  auto other = Database::open(options_.path, Database::Mode::ReadOnly);
  ASSERT_TRUE(other);

  for (int round = 1; round <= 20; ++round) {
    ASSERT_TRUE(database.run(kMany, {40}));
    const auto sum = other->number(kSum);

    ASSERT_TRUE(sum) << sum.error().text;
    EXPECT_EQ(**sum, round * (40 * 41 / 2));
  }
}

TEST_F(GatheredLog, WhatWasRolledBackIsGoneAndTheNextCommitCounts) {
  open();
  close();
  Database database = cramped();
  ASSERT_TRUE(database.script("BEGIN"));
  ASSERT_TRUE(database.run(kMany, {300}));
  ASSERT_TRUE(database.script("ROLLBACK"));

  ASSERT_TRUE(database.run(kMany, {10}));

  auto other = Database::open(options_.path, Database::Mode::ReadOnly);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->number(kSum).value(), 55);
  EXPECT_EQ(database.word("PRAGMA integrity_check").value(), "ok");
}

TEST_F(GatheredLog, AWriteThatFailsAtTheSyncFailsTheCommitAndIsNotTriedAgain) {
  open();
  close();
  Database database = cramped();
  FaultyVfs::Fault fault;
  fault.code = SQLITE_IOERR_WRITE;
  fault.name_end = "-wal";
  fault.times = 1;
  fault.system_errno = EIO;
  FaultyVfs::set(fault);
  const int syncs = FaultyVfs::syncs();

  const auto done = database.run(kMany, {1});

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, SQLITE_IOERR_WRITE);
  EXPECT_EQ(FaultyVfs::hits(), 1);
  EXPECT_EQ(FaultyVfs::syncs(), syncs) << "nothing is synced that was not written";
  ASSERT_TRUE(database.run(kMany, {2}));
  EXPECT_EQ(database.number(kSum).value(), 3);
}

TEST_F(GatheredLog, AnAccessThatDoesNotExistIsLeftToSqliteToRefuse) {
  EXPECT_STREQ(gathering_vfs("no such access"), "no such access");
}

TEST_F(GatheredLog, EachBaseIsPutUnderOnce) {
  EXPECT_STREQ(gathering_vfs(FaultyVfs::name()), "gathering-faulty");
  EXPECT_EQ(gathering_vfs(FaultyVfs::name()), gathering_vfs(FaultyVfs::name()));
}

}  // namespace
}  // namespace mailchute
