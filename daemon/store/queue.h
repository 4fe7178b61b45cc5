// The seam to the queue on disk. Everything said here is asynchronous: the work is done on the store's own
// thread, and every `then` runs on the loop thread, never from inside the call, in the order of the calls.
// Loop thread only. Knows no SQL; a second implementation may stand behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "mail/envelope.h"
#include "mail/header_summary.h"
#include "mail/message_id.h"
#include "mail/verdict.h"
#include "store/upstream_state.h"

namespace mailchute {

/// Why the queue did not do as asked. NoSpace: 452 4.3.1, and it may pass by itself. Busy: another process
/// holds the file's lock: 451 4.3.0, and it will pass. UserShare: 452 4.3.1, and it passes as this user's
/// mail gets away. Broken: 451 4.3.0, and the queue takes nothing more until the daemon is started again (a
/// failed commit: nothing is known any more).
struct QueueFault {
  enum class Kind { NoSpace, UserShare, Busy, Broken, NotFound } kind = Kind::Broken;
  std::string text;
};
template <typename T>
using QueueResult = tl::expected<T, QueueFault>;

/// Who handed the message in.
struct Source {
  std::string kind;                  ///< `smtp`, `submit` or `notice`.
  std::optional<std::uint32_t> uid;  ///< Where the kernel told it.
  std::optional<std::int32_t> pid;
  std::string command;  ///< The name of the program, for people; empty when unknown.
  std::string address;  ///< `127.0.0.1:51234`, or empty.
  std::string helo;
  std::string login{};  ///< As whom it logged in (`listen.smtp_users`); empty: as nobody.
};

/// A recipient on its way into the queue, with the route that today's configuration gives it.
struct NewRecipient {
  Recipient recipient;
  std::string route;  ///< As store/route_text.h has it.
};

/// All that a message is, apart from its content.
struct NewMessage {
  MessageId id;
  std::optional<Mailbox> sender;
  std::vector<NewRecipient> recipients;  ///< At least one.
  Body body = Body::Unsaid;
  bool smtputf8 = false;
  Return ret = Return::Unsaid;
  std::string envelope_id;
  std::uint64_t bytes = 0;  ///< Size of the stored content.
  Source source;
  HeaderSummary summary;
  WallTime received{};
  Duration lead{};  ///< It is due that long before it was received, ahead of what is due since then.
  WallTime expires{};
  bool notice = false;  ///< One of our own notices: it never causes another.
};

/// A message that is being written. Destroying it without commit() abandons it and all that it held.
class Draft {
 public:
  virtual ~Draft() = default;

  /// Adds content; canonical form: CRLF line ends only, not dot-stuffed, no NUL.
  virtual void append(std::string bytes) = 0;

  /// Enough waits for the store, of this draft or of all: the caller should stop reading until the callback
  /// given to when_drained(), which runs once.
  virtual bool congested() const = 0;
  virtual void when_drained(UniqueFunction<void()> then) = 0;

  /// Makes the message durable. `then` runs once it is synced to disk, or will never be. The draft is spent:
  /// destroy it whenever; destroying it after commit() does not take the message back.
  virtual void commit(NewMessage message, UniqueFunction<void(QueueResult<void>)> then) = 0;
};

/// One recipient of a parcel.
struct ParcelRecipient {
  std::int64_t row = 0;  ///< The queue's key for it, within its message.
  Recipient recipient;
  int attempts = 0;       ///< Attempts counted so far.
  bool in_doubt = false;  ///< An earlier attempt lost its final reply: this may become a second copy.
  int hang_ups = 0;       ///< How often in a row an upstream hung up on it.
};

/// One message and those of its recipients that go to one upstream in one transaction. Moved from store to
/// schedule to deliver to settle; nobody keeps a pointer to it.
struct Parcel {
  MessageId id;
  std::string upstream;
  std::string route{};  ///< Of its recipients, as they were claimed.
  std::optional<Mailbox> sender;
  std::vector<ParcelRecipient> recipients;
  Body body = Body::Unsaid;
  bool smtputf8 = false;
  Return ret = Return::Unsaid;
  std::string envelope_id;
  std::uint64_t bytes = 0;
  std::optional<std::string>
      content;  ///< The whole content when it is at most limits::kChunkBytes; else read it by chunks.
  HeaderSummary summary;
  Source source;
  WallTime received{};
  WallTime expires{};
  bool notice = false;
};

/// What may be taken from the queue now: at most `parcels_max` parcels of the recipients whose route is
/// `route`, for `upstream`.
struct Lane {
  std::string route;
  std::string upstream;
  std::size_t parcels_max = 0;
  std::size_t recipients_max = 1;  ///< Per parcel.
  /// Bound: only those that may have been delivered by this upstream before, and so are sent by no other as
  /// long as their route names it. Any lane of its upstream gives those too.
  enum class Takes { All, Bound } takes = Takes::All;
};

struct Claimed {
  std::vector<Parcel> parcels;
  /// The earliest moment at which a recipient of one of the lanes asked for, that is not due yet, will be;
  /// empty when there is none.
  std::optional<WallTime> next_due;
};

/// Where a recipient is in its life. Of a message: the worst of its recipients'.
enum class RecipientState { Queued, Sending, Held, Delivered, Failed };

/// What becomes of one recipient after an attempt.
struct RecipientSettlement {
  std::int64_t row = 0;
  RecipientState state = RecipientState::Queued;  ///< Queued (again), Held, Delivered or Failed.
  int attempts = 0;
  WallTime next_attempt{};  ///< For Queued.
  bool in_doubt = false;
  Stage stage = Stage::Connect;
  Reply reply;
  bool alone = false;      ///< From now on it shares no transaction with another recipient.
  int hang_ups = 0;        ///< In a row, this time included.
  std::string route = {};  ///< Narrowed: it goes on with another upstream of it. Empty: it stays. Passed over
                           ///< where the route that is configured is another by now.
};

/// The last that is known of one recipient.
struct LastReply {
  RecipientSettlement end;
  std::string upstream;  ///< Whose reply it is; empty where none was tried.
};

/// The record of one attempt, for `queue show`.
struct AttemptRecord {
  std::string upstream;
  WallTime started{};
  Duration duration{};
  Stage stage = Stage::Connect;  ///< How far it came.
  Reply reply;                   ///< The decisive reply.
  bool in_doubt = false;
  std::string tls;   ///< `TLSv1.3 TLS_AES_256_GCM_SHA384`, or empty.
  std::string peer;  ///< `203.0.113.9:465`, or empty.
};

/// A whole message made by ourselves, with its content.
struct OwnMessage {
  NewMessage message;
  std::string content;
};

/// Failures of one sender for one reason are told together once the first of them has been told.
struct DigestKey {
  std::string sender;
  std::string reason;
  auto operator<=>(const DigestKey&) const = default;
};

/// One failure that is told later, with all that its notice will say.
struct DigestEntry {
  MessageId id;
  Recipient recipient;  ///< What it wants to be told of is not kept.
  std::string subject;
  std::string envelope_id;  ///< ENVID, xtext as received.
  std::string upstream;     ///< Empty where none was tried.
  std::string rule;         ///< As of a Verdict.
  Blame blame = Blame::Message;
  bool in_doubt = false;
  bool expired = false;  ///< Given up after its lifetime, not refused.
  Stage stage = Stage::Connect;
  Reply reply;
};

/// What a settlement adds to a digest. No entries: its first failure is told in this settlement's notice, and
/// the digest begins.
struct DigestPart {
  DigestKey key;
  WallTime due{};  ///< When the digest is to be told; one that has begun keeps its own.
  std::vector<DigestEntry> entries;
};

struct Digest {
  DigestKey key;
  WallTime due{};
  std::size_t count = 0;             ///< All failures gathered.
  std::vector<DigestEntry> entries;  ///< The first limits::kDigestEntries of them.
};

/// A digest that has begun.
struct DigestDue {
  DigestKey key;
  WallTime due{};
};

/// The end of one attempt: all of it becomes true in one commit, or none of it.
struct Settlement {
  MessageId id;
  std::vector<RecipientSettlement> recipients;
  std::optional<AttemptRecord> attempt;  ///< None for an expiry.
  std::optional<OwnMessage> notice;
  std::vector<DigestPart> digests;
  std::optional<Spending> spent;  ///< Counts against the upstream's limits, whatever became of the message.
};

/// A message that is not delivered yet and of whose delay nobody has been told.
struct LateMessage {
  Parcel parcel;  ///< Its recipients that are queued or being sent; `content` is the first chunk, if it is
                  ///< there.
  std::vector<LastReply> standing;  ///< Of each of them: its last reply, or its upstream's.
};

/// Writes the notice of a delay, under the id given; nothing: nobody need be told. Runs on the store's
/// thread, perhaps twice: it must be pure.
using WriteLate = UniqueFunction<std::optional<OwnMessage>(const LateMessage&, MessageId)>;
/// The same for what a digest has gathered.
using WriteDigest = UniqueFunction<OwnMessage(const Digest&)>;

/// What tell_late() did.
struct ToldLate {
  struct Notice {
    MessageId about;
    MessageId id;
    std::optional<Mailbox> sender;  ///< Of the message it is about.
  };
  std::vector<Notice> notices;
  std::size_t looked_at = 0;              ///< Messages; as many as there were ids: there may be more.
  std::optional<WallTime> next_received;  ///< When the oldest message was received that was not looked at.
};

/// Which messages an operator means. All conditions given must hold.
struct Selection {
  std::vector<MessageId> ids;  ///< Empty: any.
  std::string from;            ///< Pattern with `*`; empty: any.
  std::string to;
  std::string upstream;  ///< First name of the route, or the one it is being sent through.
  /// `queued`, `sending`, `held`, `uncertain`; empty: any that is not finished. For those who only look also
  /// `delivered`, `failed`, and `any` for all of them.
  std::string state;
  std::optional<int> code;  ///< Of the last reply.
  std::optional<WallTime> received_before;
  std::optional<WallTime> received_after;  ///< Or at that moment.
};

/// Retry also widens routes: whoever could not take the message may be asked again.
enum class Operation { Retry, Hold, Release, Remove };

/// Whether new mail may come in at this moment. UserShare: not of this user, who holds as much as is left for
/// all.
enum class Admission { Open, DiskReserve, QueueFull, UserShare, Broken };

class Queue {
 public:
  virtual ~Queue() = default;

  /// Begins a message, whose content counts as held by this user; empty: one whom the kernel does not name.
  /// `id` must be new (MessageIds).
  virtual std::unique_ptr<Draft> open(MessageId id, std::optional<std::uint32_t> uid) = 0;

  /// Takes due recipients and marks them Sending; oldest due first. One recipient is never in two parcels.
  virtual void claim(std::vector<Lane> lanes, WallTime now,
                     UniqueFunction<void(QueueResult<Claimed>)> then) = 0;

  /// Takes recipients whose `expires` has passed and that are not Held, marks them Sending like claim(), at
  /// most `parcels_max` messages. `upstream` of the parcels is empty. Messages in any lane, also those of
  /// upstreams that cool down. next_due: the earliest expiry to come.
  virtual void claim_expired(WallTime now, std::size_t parcels_max,
                             UniqueFunction<void(QueueResult<Claimed>)> then) = 0;

  /// Each recipient's last reply, else the trouble of its route; for the notice of an expired message.
  virtual void last_replies(MessageId id, UniqueFunction<void(QueueResult<std::vector<LastReply>>)> then) = 0;

  /// Claimed but not attempted: Sending becomes Queued, nothing else changes, no attempt is counted.
  virtual void give_back(const Parcel& parcel) = 0;

  /// The end of the message is about to be written to its upstream for these recipients: until settle() is
  /// committed, nobody could tell after a crash whether they were delivered. Done at once, at no cost;
  /// outlives the process, not a power cut.
  virtual void mark_sent(MessageId id, const std::vector<std::int64_t>& rows) = 0;

  /// The same, committed: for a final reply that does not come at once. Outlives a power cut too.
  virtual void doubt(MessageId id, std::vector<std::int64_t> rows) = 0;

  /// Commits the end of an attempt; only rows that are still Sending are touched.
  virtual void settle(Settlement settlement, UniqueFunction<void(QueueResult<void>)> then) = 0;

  /// Messages received until then, oldest first, are looked at, as many as there are `ids` for notices: each
  /// has its notice written and is marked as told, all in one commit; once for ever. Not those of which only
  /// held recipients are left.
  virtual void tell_late(WallTime received_until, std::vector<MessageId> ids, WriteLate write,
                         UniqueFunction<void(QueueResult<ToldLate>)> then) = 0;

  /// The digests that have begun. Not bounded: who begins them bounds them.
  virtual void open_digests(UniqueFunction<void(QueueResult<std::vector<DigestDue>>)> then) = 0;

  /// Ends a digest: its notice is stored and what it tells is deleted in one commit. Gives how many failures
  /// it tells; 0: none was gathered, and nothing was written.
  virtual void tell_digest(DigestKey key, WriteDigest write,
                           UniqueFunction<void(QueueResult<std::size_t>)> then) = 0;

  /// Chunk `number` (from 0) of the content; empty text behind the last one.
  virtual void read_chunk(MessageId id, std::int64_t number,
                          UniqueFunction<void(QueueResult<std::string>)> then) = 0;

  /// Keeps an upstream's state. Nobody waits for it: a lost write costs one wrong guess after a crash.
  virtual void save_upstream(UpstreamState state) = 0;

  /// A credential is about to be presented to this upstream, whose state has been kept before: until
  /// login_taken(), or until a state is kept that was saved since, whoever starts after a crash adds a
  /// refused login to its state. Done at once, at no cost; outlives the process, not a power cut.
  virtual void mark_login(const std::string& upstream) = 0;
  /// The upstream took it, or did not judge it.
  virtual void login_taken(const std::string& upstream) = 0;

  /// Recipients whose route, widened, is not in `known` are given the route that `choose` names for (sender,
  /// recipient); in small batches. `choose` runs on the store's thread and must be pure. For start and
  /// reload.
  virtual void reroute(std::vector<std::string> known, std::string routing_fingerprint,
                       UniqueFunction<std::string(const std::optional<Mailbox>&, const Mailbox&)> choose,
                       UniqueFunction<void(QueueResult<std::size_t>)> then) = 0;

  /// Does an operator's bidding; gives the number of messages touched. A message being sent is not touched by
  /// Remove and Hold.
  virtual void operate(Operation operation, Selection selection,
                       UniqueFunction<void(QueueResult<std::size_t>)> then) = 0;

  /// Cheap; from counters that the store keeps fresh (at most about a second old while mail comes in).
  virtual Admission admission() = 0;
  /// The same for mail of this user. Root is never told UserShare.
  virtual Admission admission_of(std::optional<std::uint32_t> uid) = 0;

  /// Called on the loop thread, once for all of a commit, when recipients became due that were not (new mail,
  /// Retry, Release, notices).
  virtual void when_mail_arrives(UniqueFunction<void()> then) = 0;

  /// Answers when the store's thread has gone through its inbox: the watchdog's question.
  virtual void ping(UniqueFunction<void()> then) = 0;
};

}  // namespace mailchute
