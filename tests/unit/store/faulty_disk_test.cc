// A disk that is full, or fails: what is told, what is kept, and what is never done again.
#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <string>

#include "base/limits.h"
#include "fake/faulty_vfs.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

using fake::FaultyVfs;
using Call = FaultyVfs::Call;

class FaultyDisk : public QueueTest {
 protected:
  FaultyDisk() {
    options_.vfs = FaultyVfs::name();
    FaultyVfs::clear();
  }
  ~FaultyDisk() override { FaultyVfs::clear(); }

  /// As much mail as makes the store move its log into the database.
  void fill_log() {
    for (int i = 0; i < 5; ++i) accepted(message(), std::string(1 << 20, 'x'));
    drain();
  }

  std::string ballast() const { return options_.path + ".ballast"; }
  FaultyVfs::Fault fault(Call call, int code, const std::string& name_end = "-wal") {
    FaultyVfs::Fault made;
    made.call = call;
    made.code = code;
    made.name_end = name_end;
    return made;
  }
};

TEST_F(FaultyDisk, AFailedSyncIsNeverAcknowledgedAndEndsTheStore) {  // Q006
  open();
  std::string why;
  queue_->when_broken([&](std::string text) { why = std::move(text); });
  FaultyVfs::set(fault(Call::Sync, SQLITE_IOERR_FSYNC));

  const auto result = accept(message());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::Broken);
  ASSERT_TRUE(loop_.run_until([&] { return !why.empty(); }));
  EXPECT_EQ(queue_->admission(), Admission::Broken);
}

TEST_F(FaultyDisk, AfterAFailedSyncNothingIsWrittenAgainEvenWhenTheDiskIsWell) {  // Q008
  open();
  accepted(message());
  FaultyVfs::set(fault(Call::Sync, SQLITE_IOERR_FSYNC));
  ASSERT_FALSE(accept(message()));
  FaultyVfs::clear();

  const auto later = accept(message());
  const auto claimed =
      ask<Claimed>([&](auto then) { queue_->claim({lane()}, clock_.wall(), std::move(then)); });
  const int syncs = FaultyVfs::syncs();
  close();

  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().kind, QueueFault::Kind::Broken);
  EXPECT_FALSE(claimed);
  EXPECT_EQ(FaultyVfs::syncs(), syncs) << "closing must not move the log";
  EXPECT_TRUE(std::filesystem::exists(options_.path + "-wal"));
  open();
  EXPECT_GE(claim().parcels.size(), 1u);
}

TEST_F(FaultyDisk, EveryJobOfAFailedBatchFails) {
  open();
  FaultyVfs::set(fault(Call::Sync, SQLITE_IOERR_FSYNC));
  int broken = 0;
  for (int i = 0; i < 5; ++i) {
    NewMessage made = message();
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append("x\r\n");
    draft->commit(std::move(made), [&](QueueResult<void> result) {
      if (!result && result.error().kind == QueueFault::Kind::Broken) ++broken;
    });
  }

  drain();

  EXPECT_EQ(broken, 5);
}

TEST_F(FaultyDisk, PingIsAnsweredByABrokenStore) {
  open();
  FaultyVfs::set(fault(Call::Sync, SQLITE_IOERR_FSYNC));
  ASSERT_FALSE(accept(message()));

  drain();
}

TEST_F(FaultyDisk, AFailedWriteIsBroken) {
  open();
  FaultyVfs::set(fault(Call::Write, SQLITE_IOERR_WRITE));

  const auto result = accept(message());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::Broken);
}

TEST_F(FaultyDisk, AFullDiskRefusesNewMailForNow) {  // Q010
  open();
  FaultyVfs::set(fault(Call::Write, SQLITE_FULL));

  const auto result = accept(message());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::NoSpace);
  FaultyVfs::clear();
  EXPECT_TRUE(accept(message()));
  EXPECT_EQ(claim().parcels.size(), 1u);
}

TEST_F(FaultyDisk, AQuotaAndAFileSizeLimitCountAsFull) {  // Q010
  open();
  for (const int system_errno : {EDQUOT, EFBIG, ENOSPC}) {
    auto full = fault(Call::Write, SQLITE_IOERR_WRITE);
    full.system_errno = system_errno;
    FaultyVfs::set(full);

    const auto result = accept(message());

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, QueueFault::Kind::NoSpace) << system_errno;
    FaultyVfs::clear();
  }
  EXPECT_TRUE(accept(message()));
}

TEST_F(FaultyDisk, TheBallastMakesRoomForDeliveriesWhileNewMailIsRefused) {  // Q011
  open();
  accepted(message());
  const auto claimed = claim();
  ASSERT_TRUE(std::filesystem::exists(ballast()));
  auto full = fault(Call::Write, SQLITE_FULL);
  full.only_while_exists = ballast();
  FaultyVfs::set(full);
  std::optional<QueueResult<void>> refused;
  std::optional<QueueResult<void>> settled;
  NewMessage made = message();
  auto draft = queue_->open(made.id, made.source.uid);
  draft->append("x\r\n");

  draft->commit(std::move(made), [&](QueueResult<void> result) { refused = std::move(result); });
  queue_->settle(settlement(claimed.parcels.at(0), RecipientState::Delivered),
                 [&](QueueResult<void> result) { settled = std::move(result); });
  ASSERT_TRUE(loop_.run_until([&] { return refused && settled; }));

  EXPECT_TRUE(*settled);
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 3"), 1);
  // The two may have come into different batches; in one, the message gives way to the settlement.
  if (!*refused) {
    EXPECT_EQ(refused->error().kind, QueueFault::Kind::NoSpace);
  }
  EXPECT_GE(FaultyVfs::hits(), 1);
}

TEST_F(FaultyDisk, ADeliveryIsNeverForgottenForLackOfRoom) {  // Q011
  open();
  accepted(message());
  const auto claimed = claim();
  FaultyVfs::set(fault(Call::Write, SQLITE_FULL));
  std::optional<QueueResult<void>> settled;
  queue_->settle(settlement(claimed.parcels.at(0), RecipientState::Delivered),
                 [&](QueueResult<void> result) { settled = std::move(result); });
  drain();
  EXPECT_FALSE(settled);

  FaultyVfs::clear();
  ASSERT_TRUE(loop_.run_until([&] { return settled.has_value(); }));

  EXPECT_TRUE(*settled);
  EXPECT_TRUE(claim().parcels.empty());
}

TEST_F(FaultyDisk, ADraftThatLostAChunkIsNotAccepted) {
  open();
  const std::string big(3 * limits::kChunkBytes, 'x');
  NewMessage made = message();
  auto draft = queue_->open(made.id, made.source.uid);
  FaultyVfs::set(fault(Call::Write, SQLITE_FULL));
  draft->append(big);
  drain();
  FaultyVfs::clear();
  draft->append(big);

  const auto result = ask<void>([&](auto then) { draft->commit(std::move(made), std::move(then)); });

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::NoSpace);
  drain();
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM draft"), 0);
}

TEST_F(FaultyDisk, AFailedCheckpointEndsTheStoreWithAllMailInTheLog) {  // Q008
  open();
  std::string why;
  queue_->when_broken([&](std::string text) { why = std::move(text); });
  FaultyVfs::set(fault(Call::Sync, SQLITE_IOERR_FSYNC, "queue.db"));
  std::size_t acknowledged = 0;
  const std::string content(60'000, 'c');
  while (why.empty() && acknowledged < 2000) {
    if (accept(message(), content)) ++acknowledged;
    loop_.run_posted();
  }
  ASSERT_FALSE(why.empty());
  FaultyVfs::clear();

  reopen();

  EXPECT_GE(count("SELECT count(*) FROM message"), static_cast<std::int64_t>(acknowledged));
  EXPECT_GT(acknowledged, 20u);
}

TEST_F(FaultyDisk, AFullDiskAtTheCheckpointIsNotTheEnd) {
  open();
  auto full = fault(Call::Write, SQLITE_FULL, "queue.db");
  FaultyVfs::set(full);
  const std::string content(60'000, 'c');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(accept(message(), content));
  EXPECT_GE(FaultyVfs::hits(), 1);
  FaultyVfs::clear();

  EXPECT_TRUE(accept(message(), content));

  EXPECT_EQ(claim({lane(1000)}).parcels.size(), 101u);
}

TEST_F(FaultyDisk, AnUnreadablePageOfContentHoldsItsMessageOnly) {  // Q016
  open();
  const MessageId bad = accepted(message(), std::string(40'000, 'b'));
  const MessageId good = accepted(message(), "good\r\n");
  reopen();
  damage("UPDATE chunk SET bytes = zeroblob(40000) WHERE id = (SELECT min(id) FROM chunk)");

  const auto claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].id, good);
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 2"), 1);
  EXPECT_EQ(count("SELECT min(message) FROM recipient WHERE state = 2"), bad.value);
}

TEST_F(FaultyDisk, NoBitOfTheContentMayChangeUnnoticed) {  // Q017
  open();
  const std::string content = "Subject: a\r\n\r\npay 100 to bob, please\r\n";
  const MessageId id = accepted(message(), content);
  for (std::size_t bit = 0; bit < content.size() * 8; bit += 7) {
    std::string altered = content;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    auto database = Database::open(options_.path, Database::Mode::ReadWrite);
    ASSERT_TRUE(database);
    constexpr char kAlter[] = "UPDATE chunk SET bytes = ?2 WHERE id = ?1";
    ASSERT_TRUE(database->run(kAlter, {id.value, Blob{altered}}));

    EXPECT_TRUE(claim().parcels.empty()) << bit;
    ASSERT_EQ(operate(Operation::Release), 1u);
  }
}

TEST_F(FaultyDisk, ADamagedAddressIsHeldAndNotSentElsewhere) {  // Q017
  open();
  accepted(message({"bob@example.org"}));
  damage("UPDATE recipient SET address = 'cob@example.org'");

  EXPECT_TRUE(claim().parcels.empty());

  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 2"), 1);
}

TEST_F(FaultyDisk, ADamagedChunkOfALargeMessageIsNotFound) {
  open();
  const MessageId id = accepted(message(), std::string(3 * limits::kChunkBytes, 'x'));
  damage("UPDATE chunk SET bytes = zeroblob(65536) WHERE number = 1");
  ASSERT_EQ(claim().parcels.size(), 1u);

  EXPECT_TRUE(chunk(id, 0));
  const auto bad = chunk(id, 1);

  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, QueueFault::Kind::NotFound);
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 2"), 1);
}

TEST_F(FaultyDisk, AMissingChunkIsNotTheEndOfTheMessage) {
  open();
  const MessageId id = accepted(message(), std::string(3 * limits::kChunkBytes, 'x'));
  damage("DELETE FROM chunk WHERE number = 2");

  EXPECT_FALSE(chunk(id, 2));
  EXPECT_EQ(chunk(id, 3).value(), "");
}

TEST_F(FaultyDisk, AFileThatIsReplacedWhileInUseIsNeverWrittenOnSilently) {  // Q022
  open();
  accepted(message());
  std::filesystem::rename(options_.path, options_.path + ".moved");

  const auto result = accept(message());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::Broken);
}

TEST_F(FaultyDisk, ALogThatLosesItsNameIsSavedIntoTheDatabaseAndNotWrittenOn) {  // Q022
  open();
  const auto kept = accepted(message());
  std::filesystem::remove(options_.path + "-wal");

  const auto refused = accept(message());
  reopen();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, QueueFault::Kind::Broken);
  const auto claimed = claim();
  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_EQ(claimed.parcels[0].id, kept);
}

TEST_F(FaultyDisk, ALogThatIsCutShortWhileInUseIsNotWrittenOn) {  // Q019
  open();
  std::string why;
  queue_->when_broken([&](std::string text) { why = std::move(text); });
  accepted(message());
  std::filesystem::resize_file(options_.path + "-wal",
                               std::filesystem::file_size(options_.path + "-wal") - 1);

  const auto refused = accept(message());
  reopen();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, QueueFault::Kind::Broken);
  EXPECT_NE(why.find("-wal was cut short while in use"), std::string::npos) << why;
  EXPECT_TRUE(claim().parcels.empty());
  EXPECT_TRUE(accept(message()));
}

TEST_F(FaultyDisk, ADatabaseThatIsCutShortWhileInUseIsNotWrittenOn) {
  open();
  fill_log();
  ASSERT_GT(std::filesystem::file_size(options_.path), 3'000'000U);  // The log has been moved into it.
  std::filesystem::resize_file(options_.path, 1'000'000);

  const auto refused = accept(message());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, QueueFault::Kind::Broken);
}

TEST_F(FaultyDisk, ALogThatBeginsAnewIsNoLogThatWasCut) {
  open();
  for (int times = 0; times < 3; ++times) {
    fill_log();
    EXPECT_TRUE(accept(message()));
  }
  for (auto claimed = claim(); !claimed.parcels.empty(); claimed = claim())
    for (const Parcel& parcel : claimed.parcels)
      ASSERT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
  for (int times = 0; times < 5; ++times) {
    ASSERT_TRUE(ask<SqliteQueue::Purged>([&](auto then) { queue_->purge(std::move(then)); }));
    EXPECT_TRUE(accept(message()));
  }
}

TEST_F(FaultyDisk, AForeignLockIsWaitedForAndThenPassesAsTemporary) {  // Q029
  options_.busy_patience = Duration(10);
  open();
  auto other = Database::open(options_.path, Database::Mode::ReadWrite);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->script("BEGIN IMMEDIATE"));

  const auto result = accept(message());

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, QueueFault::Kind::Busy);
  ASSERT_TRUE(other->script("ROLLBACK"));
  EXPECT_TRUE(accept(message()));
}

}  // namespace
}  // namespace mailchute
