// Messages that are larger than one chunk, and those that are given up.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "unit/store/queue_fixture.h"

namespace mailchute {
namespace {

class DraftTest : public QueueTest {
 protected:
  DraftTest() { open(); }

  std::string read_all(MessageId id) {
    std::string all;
    for (std::int64_t number = 0;; ++number) {
      const auto piece = chunk(id, number);
      if (!piece) ADD_FAILURE() << piece.error().text;
      if (!piece || piece->empty()) return all;
      EXPECT_LE(piece->size(), limits::kChunkBytes);
      all += *piece;
    }
  }

  /// What waits for a lock is tried again each second.
  bool becomes_empty() {
    for (int tries = 0; tries < 50 && count("SELECT count(*) FROM chunk") > 0; ++tries) {
      drain();
      accepted(message(), "x");  // What is done with other work needs no second of its own.
      for (const Parcel& parcel : claim().parcels)
        EXPECT_TRUE(settle(settlement(parcel, RecipientState::Delivered)));
    }
    return count("SELECT count(*) FROM chunk") == 0 && count("SELECT count(*) FROM draft") == 0;
  }

  std::string pattern(std::size_t size) {
    std::string made(size, '\0');
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + (i * 31 + i / 1000) % 26);
    return made;
  }
};

TEST_F(DraftTest, AnySizeComesBackByteForByte) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, limits::kChunkBytes - 1, limits::kChunkBytes, limits::kChunkBytes + 1,
        2 * limits::kChunkBytes, 5 * limits::kChunkBytes + 17}) {
    const std::string content = pattern(size);
    const MessageId id = accepted(message(), content);

    EXPECT_EQ(read_all(id), content) << size;
  }
}

TEST_F(DraftTest, AnySplitComesBackByteForByte) {
  const std::string content = pattern(3 * limits::kChunkBytes + 100);
  for (const std::size_t step :
       {std::size_t{1000}, limits::kChunkBytes - 1, limits::kChunkBytes, limits::kChunkBytes + 1}) {
    NewMessage made = message();
    const MessageId id = made.id;
    auto draft = queue_->open(id, 1000);
    for (std::size_t at = 0; at < content.size(); at += step) draft->append(content.substr(at, step));
    ASSERT_TRUE(ask<void>([&](auto then) { draft->commit(std::move(made), std::move(then)); }));

    EXPECT_EQ(read_all(id), content) << step;
  }
}

TEST_F(DraftTest, TwoDraftsAtOnceDoNotMix) {
  NewMessage first = message();
  NewMessage second = message();
  const MessageId first_id = first.id;
  const MessageId second_id = second.id;
  auto one = queue_->open(first.id, 1000);
  auto two = queue_->open(second.id, 1000);
  for (int i = 0; i < 4; ++i) {
    one->append(std::string(limits::kChunkBytes, '1'));
    two->append(std::string(limits::kChunkBytes, '2'));
  }
  ASSERT_TRUE(ask<void>([&](auto then) { two->commit(std::move(second), std::move(then)); }));
  ASSERT_TRUE(ask<void>([&](auto then) { one->commit(std::move(first), std::move(then)); }));

  EXPECT_EQ(read_all(first_id), std::string(4 * limits::kChunkBytes, '1'));
  EXPECT_EQ(read_all(second_id), std::string(4 * limits::kChunkBytes, '2'));
}

TEST_F(DraftTest, ALargeMessageIsClaimedWithoutItsContent) {
  accepted(message(), pattern(limits::kChunkBytes + 1));

  const auto claimed = claim();

  ASSERT_EQ(claimed.parcels.size(), 1u);
  EXPECT_FALSE(claimed.parcels[0].content);
  EXPECT_EQ(claimed.parcels[0].bytes, limits::kChunkBytes + 1);
}

TEST_F(DraftTest, ADraftIsCongestedUntilTheStoreHasTakenItsChunks) {
  auto draft = queue_->open(next_id(), 1000);
  EXPECT_FALSE(draft->congested());
  while (!draft->congested()) draft->append(std::string(limits::kChunkBytes, 'x'));
  int drained = 0;
  draft->when_drained([&] { ++drained; });

  ASSERT_TRUE(loop_.run_until([&] { return drained == 1; }));

  EXPECT_FALSE(draft->congested());
  drain();
  EXPECT_EQ(drained, 1);
}

/// Somebody else's transaction, which keeps every job of ours from being done.
Database locked(const std::string& path) {
  auto other = Database::open(path, Database::Mode::ReadWrite);
  EXPECT_TRUE(other && other->script("BEGIN IMMEDIATE"));
  return std::move(*other);
}

TEST_F(DraftTest, ManyDraftsAtOnceHaveLittleUnderWayEach) {
  std::vector<std::unique_ptr<Draft>> drafts;
  std::size_t held = 0;
  std::size_t drained = 0;
  {
    const Database other = locked(options_.path);

    for (int i = 0; i < 200; ++i) {
      Draft& draft = *drafts.emplace_back(queue_->open(next_id(), 1000));
      for (; !draft.congested(); held += limits::kChunkBytes)
        draft.append(std::string(limits::kChunkBytes, 'x'));
      draft.when_drained([&] { ++drained; });
    }
    EXPECT_LT(held, 48U << 20);
  }

  ASSERT_TRUE(loop_.run_until([&] { return drained == drafts.size(); }));
  for (const auto& draft : drafts) EXPECT_FALSE(draft->congested());
}

TEST_F(DraftTest, AnAbandonedDraftLeavesNothingBehind) {
  auto draft = queue_->open(next_id(), 1000);
  draft->append(std::string(6 * limits::kChunkBytes, 'x'));
  drain();
  ASSERT_GT(count("SELECT count(*) FROM chunk"), 0);

  draft.reset();

  drain();
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM draft"), 0);
}

TEST_F(DraftTest, DestroyingACommittedDraftKeepsTheMessage) {
  NewMessage made = message();
  const MessageId id = made.id;
  auto draft = queue_->open(id, 1000);
  draft->append(std::string(2 * limits::kChunkBytes, 'x'));
  bool answered = false;
  draft->commit(std::move(made), [&](QueueResult<void> result) { answered = result.has_value(); });

  draft.reset();

  ASSERT_TRUE(loop_.run_until([&] { return answered; }));
  EXPECT_EQ(read_all(id).size(), 2 * limits::kChunkBytes);
}

TEST_F(DraftTest, ADraftThatWasOpenAtACrashIsSweptAtTheNextStart) {  // Q034
  auto draft = queue_->open(next_id(), 1000);
  draft->append(std::string(6 * limits::kChunkBytes, 'x'));
  drain();
  const MessageId kept = accepted(message(), pattern(2 * limits::kChunkBytes));
  // The folder as a killed process leaves it: copied while all is open.
  const auto crashed = folder_ / "crashed";
  std::filesystem::create_directory(crashed);
  for (const char* name : {"queue.db", "queue.db-wal"})
    std::filesystem::copy_file(folder_ / name, crashed / name);
  draft.reset();
  close();
  options_.path = (crashed / "queue.db").string();

  open();

  EXPECT_EQ(count("SELECT count(*) FROM draft"), 0);
  EXPECT_EQ(count("SELECT count(DISTINCT message) FROM chunk"), 1);
  EXPECT_EQ(read_all(kept), pattern(2 * limits::kChunkBytes));
}

TEST_F(DraftTest, ALargeMessageThatIsRefusedAtItsEndLeavesNothingBehind) {
  close();
  options_.busy_patience = Duration(10);
  open();
  NewMessage made = message();
  auto draft = queue_->open(made.id, 1000);
  draft->append(std::string(6 * limits::kChunkBytes, 'x'));
  drain();
  {
    const Database other = locked(options_.path);

    const auto result = ask<void>([&](auto then) { draft->commit(std::move(made), std::move(then)); });

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, QueueFault::Kind::Busy);
  }

  EXPECT_TRUE(becomes_empty());
}

TEST_F(DraftTest, ADraftThatIsGivenUpWhileTheQueueIsLockedLeavesNothingBehind) {
  close();
  options_.busy_patience = Duration(10);
  open();
  auto draft = queue_->open(next_id(), 1000);
  draft->append(std::string(6 * limits::kChunkBytes, 'x'));
  drain();
  {
    const Database other = locked(options_.path);

    draft.reset();
    drain();
  }

  EXPECT_TRUE(becomes_empty());
}

TEST_F(DraftTest, ADraftMayOutliveItsQueue) {
  auto draft = queue_->open(next_id(), 1000);
  draft->append(std::string(2 * limits::kChunkBytes, 'x'));
  close();

  draft->append(std::string(2 * limits::kChunkBytes, 'x'));
  draft.reset();

  open();
  EXPECT_EQ(count("SELECT count(*) FROM chunk"), 0);
}

}  // namespace
}  // namespace mailchute
