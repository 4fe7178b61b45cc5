// The queue of store/queue.h in an SQLite database: turns each call into a job for the store's thread.
// Loop thread only, like its seam.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/lifeline.h"
#include "base/result.h"
#include "store/draft.h"
#include "store/queue.h"
#include "store/seen.h"
#include "store/sent_marks.h"
#include "store/shares.h"
#include "store/store.h"
#include "store/store_thread.h"
#include "store/upkeep_sql.h"

namespace mailchute {

class SqliteQueue final : public Queue {
 public:
  /// Opens, or creates, the queue and starts its thread. `post` is called on that thread, and must work until
  /// the queue is destroyed. Fails with the reason (Store::open) when the file is not ours, is in use,
  /// damaged, or cannot be written.
  static Result<std::unique_ptr<SqliteQueue>> open(const QueueOptions& options, Poster post,
                                                   const Clock& clock);

  /// Does what was asked before, then closes. The ends of it are posted, and run if the loop still runs.
  ~SqliteQueue() override = default;

  /// Limits from a new configuration; the path stays.
  void reconfigure(QueueOptions options);

  /// Called once, on the loop thread, when the store can do nothing more: the daemon is to end with a failure
  /// and start again.
  void when_broken(UniqueFunction<void(std::string why)> then) { broken_ = std::move(then); }

  /// Recipients that were being sent when the process ended the last time; they may get a second copy.
  std::size_t recovered() const { return recovered_; }
  /// The highest id ever given to a message: the floor for MessageIds.
  MessageId highest_id() const { return highest_; }
  /// As they were kept; read at open.
  const UpstreamMemory& upstreams() const { return upstreams_; }
  /// This queue's name in trace lines: letters and digits, the same for as long as the file lives.
  const std::string& token() const { return token_; }

  /// Deletes a few of the records that are older than `history`, and content older than `history_bodies`. To
  /// be called every few seconds; `then` says whether more of it is waiting.
  enum class Purged { All, MoreWaits };
  void purge(UniqueFunction<void(QueueResult<Purged>)> then);

  /// How much waits, and since when.
  void backlog(UniqueFunction<void(QueueResult<Backlog>)> then);

  /// A page of what waits: of this user's mail, or of everybody's where `uid` is empty. Little is looked at
  /// for it, so that it may be empty and yet not the last.
  void own_mail(std::optional<std::uint32_t> uid, Place from,
                UniqueFunction<void(QueueResult<OwnMailPage>)> then);

  /// Who holds the most, where that is too much for more of their mail to be taken.
  std::optional<Shares::Holding> spent_share() const;

  /// Keeps an event for the audit: what kind, what it was done to, and words.
  void record_event(std::string kind, std::string subject, std::string text);

  std::unique_ptr<Draft> open(MessageId id, std::optional<std::uint32_t> uid) override;
  void claim(std::vector<Lane> lanes, WallTime now, UniqueFunction<void(QueueResult<Claimed>)> then) override;
  void claim_expired(WallTime now, std::size_t parcels_max,
                     UniqueFunction<void(QueueResult<Claimed>)> then) override;
  void last_replies(MessageId id, UniqueFunction<void(QueueResult<std::vector<LastReply>>)> then) override;
  void give_back(const Parcel& parcel) override;
  void mark_sent(MessageId id, const std::vector<std::int64_t>& rows) override;
  void doubt(MessageId id, std::vector<std::int64_t> rows) override;
  void settle(Settlement settlement, UniqueFunction<void(QueueResult<void>)> then) override;
  void tell_late(WallTime received_until, std::vector<MessageId> ids, WriteLate write,
                 UniqueFunction<void(QueueResult<ToldLate>)> then) override;
  void open_digests(UniqueFunction<void(QueueResult<std::vector<DigestDue>>)> then) override;
  void tell_digest(DigestKey key, WriteDigest write,
                   UniqueFunction<void(QueueResult<std::size_t>)> then) override;
  void read_chunk(MessageId id, std::int64_t number,
                  UniqueFunction<void(QueueResult<std::string>)> then) override;
  void save_upstream(UpstreamState state) override;
  void mark_login(const std::string& upstream) override { marks_.set(SentMarks::login(upstream)); }
  void login_taken(const std::string& upstream) override { marks_.clear(SentMarks::login(upstream)); }
  void reroute(std::vector<std::string> known, std::string routing_fingerprint,
               UniqueFunction<std::string(const std::optional<Mailbox>&, const Mailbox&)> choose,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override;
  void operate(Operation operation, Selection selection,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override;
  Admission admission() override;
  Admission admission_of(std::optional<std::uint32_t> uid) override;
  void when_mail_arrives(UniqueFunction<void()> then) override { arrives_ = std::move(then); }
  void ping(UniqueFunction<void()> then) override;

 private:
  SqliteQueue(const QueueOptions& options, const Clock& clock, Store& store, UpstreamMemory upstreams,
              std::string token)
      : options_(options),
        clock_(clock),
        recovered_(store.recovered()),
        highest_(store.highest()),
        marks_(store.take_marks()),
        upstreams_(std::move(upstreams)),
        token_(std::move(token)) {
    for (const ShareChange& change : store.held()) shares_.change(change);
  }
  Result<void> start(std::unique_ptr<Store> store, Poster post);
  void hear(const BatchNews& news);
  void refresh_gauges();
  Admission measured_admission();
  void tell(Admission now);
  void use_room(ShareUser user, RoomUse& use);
  void use_share(ShareUser user, RoomUse& use);
  void tell_spent(ShareUser user);
  std::uint64_t room_left() const;

  QueueOptions options_;
  const Clock& clock_;
  std::size_t recovered_;
  MessageId highest_;
  SentMarks marks_;
  UpstreamMemory upstreams_;
  std::string token_;
  SteadyTime measured_{};
  Admission told_ = Admission::Open;  ///< The last that the log has heard of.
  std::optional<SteadyTime> told_at_;
  Shares shares_;
  std::int64_t waiting_bytes_ = 0;  ///< Of all drafts, for the store's thread.
  std::optional<SteadyTime> spent_told_at_;
  UniqueFunction<void()> arrives_;
  UniqueFunction<void(std::string)> broken_;
  std::unique_ptr<StoreThread> thread_;
  Lifeline lifeline_;
};

}  // namespace mailchute
