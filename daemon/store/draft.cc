#include "store/draft.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/limits.h"
#include "base/result.h"
#include "store/accept_sql.h"
#include "store/shares.h"

namespace mailchute {

namespace {

using Nothing = QueueResult<void>;

SqliteResult<Nothing> store_chunk(Store& store, MessageId id, std::int64_t number, std::string_view bytes) {
  // With each chunk, for the first may have met a full disk: what is not named here is never swept away.
  TRY_VOID(begin_draft(store.database(), id));
  TRY_VOID(insert_chunk(store.database(), id, number, bytes));
  return Nothing();
}

/// Where there is no draft of this name, no chunk was stored, or they are a message's.
SqliteResult<Nothing> discard(Store& store, MessageId id) {
  if (TRY(end_draft(store.database(), id))) TRY_VOID(delete_content(store.database(), id));
  return Nothing();
}

/// Takes away chunks whose message does not come: nobody else would do it before the next start.
std::unique_ptr<Job> sweep(MessageId id) {
  return make_job<void>(
      Need::Tidying, [id](Store& store) { return discard(store, id); }, nullptr);
}

void note_accepted(Store& store, MessageId id) {
  BatchNotes& notes = store.notes();
  ++notes.tally.accepted;
  notes.highest = std::max(notes.highest, id);
  notes.arrivals = true;
}

/// `tail` is the last chunk, the only one of most messages.
SqliteResult<Nothing> store_message(Store& store, const NewMessage& message, std::int64_t chunks_sent,
                                    std::string_view tail) {
  Database& database = store.database();
  if (chunks_sent > 0) {
    // What is in the table counts, not what was sent: a chunk may have met a full disk on its way.
    const auto there = static_cast<std::uint64_t>(TRY(content_bytes(database, message.id)));
    if (there + tail.size() != message.bytes)
      return Nothing(
          tl::unexpected(QueueFault{QueueFault::Kind::NoSpace, "a part of the content could not be stored"}));
    TRY_VOID(end_draft(database, message.id));
  }
  TRY_VOID(insert_chunk(database, message.id, chunks_sent, tail));
  TRY_VOID(insert_message(database, message, chunks_sent + 1));
  note_accepted(store, message.id);
  return Nothing();
}

}  // namespace

StoreDraft::~StoreDraft() {
  if (spent_) return;
  hold(0);
  if (chunks_sent_ > 0) submit_(sweep(id_));
}

void StoreDraft::append(std::string bytes) {
  CHECK(!spent_);
  if (refused_) return;
  bytes_ += bytes.size();
  if (tail_.empty())
    tail_ = std::move(bytes);
  else
    tail_ += bytes;
  // The last chunk is kept back, also when it is whole: it goes in with the message.
  while (tail_.size() > limits::kChunkBytes) {
    std::string rest = tail_.substr(limits::kChunkBytes);
    tail_.resize(limits::kChunkBytes);
    send_chunk(std::exchange(tail_, std::move(rest)));
  }
}

bool StoreDraft::congested() const {
  return backlog_ > limits::kDraftBacklogBytes || (crowded_ && backlog_ > 0);
}

void StoreDraft::when_drained(UniqueFunction<void()> then) { drained_ = std::move(then); }

void StoreDraft::commit(NewMessage message, UniqueFunction<void(QueueResult<void>)> then) {
  CHECK(!spent_);
  CHECK(message.id == id_);
  CHECK(!message.recipients.empty());
  spent_ = true;
  message.bytes = bytes_;
  hold(share_weight(message));
  if (refused_) return commit_nothing(std::move(then));
  const std::size_t held = tail_.size();
  auto work = [message = std::move(message), chunks = chunks_sent_, tail = std::move(tail_)](Store& store) {
    return store_message(store, message, chunks, tail);
  };
  auto ended = [id = id_, then = std::move(then), use = use_, weight = held_,
                submit = chunks_sent_ > 0 ? submit_ : Submit()](QueueResult<void> result) mutable {
    RoomUse back{.bytes = -static_cast<std::int64_t>(weight)};
    if (!result) use(back);
    if (!result && submit) submit(sweep(id));
    if (then) then(std::move(result));
  };
  submit_(make_job<void>(Need::Room, std::move(work), std::move(ended), held));
}

/// From now on it holds so much of its user's share.
void StoreDraft::hold(std::uint64_t bytes) {
  RoomUse use{.bytes = static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(held_), .held = bytes};
  held_ = bytes;
  use_(use);
  if (bytes > 0 && !refused_) refused_ = use.refused;
}

/// Its end comes in its turn, and nothing of it is left.
void StoreDraft::commit_nothing(UniqueFunction<void(QueueResult<void>)> then) {
  hold(0);
  if (chunks_sent_ > 0) submit_(sweep(id_));
  auto work = [kind = *refused_](Store&) -> SqliteResult<Nothing> {
    return Nothing(tl::unexpected(QueueFault{kind, "too much mail of its user waits"}));
  };
  submit_(make_job<void>(Need::Nothing, std::move(work), std::move(then)));
}

void StoreDraft::send_chunk(std::string chunk) {
  hold(bytes_);
  // Its user's other messages need not wait for the end of one that is refused.
  if (refused_) return hold(0);
  const std::size_t waiting = chunk.size();
  auto work = [id = id_, number = chunks_sent_++, chunk = std::move(chunk)](Store& store) {
    return store_chunk(store, id, number, chunk);
  };
  submit_(make_job<void>(Need::Room, std::move(work), chunk_waits(waiting), waiting));
}

/// Counts it as waiting; what is returned is for its end. A chunk that was refused is noticed by the commit;
/// here only that it waits no longer counts, also when the draft is gone by then.
UniqueFunction<void(QueueResult<void>)> StoreDraft::chunk_waits(std::size_t bytes) {
  RoomUse more{.waiting = static_cast<std::int64_t>(bytes)};
  use_(more);
  crowded_ = more.crowded;
  backlog_ += bytes;
  auto done = lifeline_.bind([this, bytes](bool crowded) { chunk_done(bytes, crowded); });
  return [use = use_, bytes, done = std::move(done)](QueueResult<void>) mutable {
    RoomUse less{.waiting = -static_cast<std::int64_t>(bytes)};
    use(less);
    done(less.crowded);
  };
}

void StoreDraft::chunk_done(std::size_t bytes, bool crowded) {
  backlog_ -= bytes;
  crowded_ = crowded;
  if (congested() || !drained_) return;
  std::exchange(drained_, nullptr)();
}

}  // namespace mailchute
