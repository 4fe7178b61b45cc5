// A queue in memory that keeps the promises of store/queue.h: work is done in a later turn, in the order of
// the calls, and answered in a turn after that, so that a crash can fall between the commit and its answer.
// What is "on disk" is public, for tests to look at.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "fake/fake_loop.h"
#include "store/queue.h"
#include "store/route_text.h"

namespace mailchute::fake {

class FakeQueue final : public Queue {
 public:
  struct Row {
    std::int64_t row = 0;
    NewRecipient recipient;
    RecipientState state = RecipientState::Queued;
    int attempts = 0;
    WallTime next_attempt{};
    bool in_doubt = false;
    bool alone = false;
    std::string upstream;
    Stage stage = Stage::Connect;
    Reply reply;
    int hang_ups = 0;
  };
  struct Message {
    NewMessage facts;
    std::string content;
    std::vector<Row> rows;
    std::vector<AttemptRecord> attempts;
    bool delay_told = false;
  };

  explicit FakeQueue(FakeLoop& loop) : loop_(loop) {}

  // What is on disk.
  std::map<MessageId, Message> messages;
  std::map<std::string, UpstreamState> upstreams;
  std::vector<Spending> spendings;
  std::map<DigestKey, Digest> digests;
  std::string routing_fingerprint;

  // What a test may count and turn.
  std::size_t claims = 0;
  std::size_t expiry_claims = 0;
  std::size_t settlements = 0;
  std::size_t late_looks = 0;
  std::size_t doubts = 0;
  Admission admission_now = Admission::Open;

  /// The commit after `more` others fails: its job and everything later is Broken until restart().
  void fail_commit(std::size_t more = 0) { commits_until_failure_ = more; }

  /// While set, whatever writes gets NoSpace, except settle(), which the store holds until there is space.
  void set_full(std::optional<std::string> why) {
    full_ = std::move(why);
    if (!full_) release_held();
  }

  /// The process is gone: what was not committed never will be, and nobody is told.
  void crash() {
    ++life_;
    arrived_ = nullptr;
    held_.clear();
  }

  /// The next start: what was being sent is queued again, and may have been delivered already.
  void restart() {
    crash();
    broken_ = false;
    commits_until_failure_.reset();
    for (auto& [id, message] : messages)
      for (Row& row : message.rows) recover(id, row);
    sent_.clear();
    for (const std::string& upstream : std::exchange(logins_, {}))
      if (upstreams.contains(upstream)) upstreams[upstream].refused_logins.push_back(loop_.wall());
  }

  /// Puts a message in as if it had been accepted; nobody is told of it. For arranging a test.
  void put(NewMessage message, std::string content) {
    Message& kept = messages[message.id];
    kept.content = std::move(content);
    for (const NewRecipient& recipient : message.recipients) {
      Row row;
      row.row =
          static_cast<std::int64_t>(kept.rows.size());  // as in the real one: unique in its message only
      row.recipient = recipient;
      row.next_attempt = message.received - message.lead;
      kept.rows.push_back(std::move(row));
    }
    kept.facts = std::move(message);
  }

  /// Tells the dispatcher that mail is there.
  void announce() {
    post([this] {
      if (arrived_) arrived_();
    });
  }

  /// As a start finds them.
  std::vector<std::string> narrowed_routes() const {
    std::vector<std::string> routes;
    for (const auto& [id, message] : messages)
      for (const Row& row : message.rows)
        if (!route_refusers(row.recipient.route).empty()) routes.push_back(row.recipient.route);
    return routes;
  }

  Row& row(MessageId id, std::size_t index = 0) { return messages.at(id).rows.at(index); }

  std::unique_ptr<Draft> open(MessageId, std::optional<std::uint32_t>) override {
    return std::make_unique<MemoryDraft>(*this);
  }

  void claim(std::vector<Lane> lanes, WallTime now,
             UniqueFunction<void(QueueResult<Claimed>)> then) override {
    ++claims;
    work(std::move(then), [this, lanes = std::move(lanes), now] { return claim_now(lanes, now); });
  }

  void claim_expired(WallTime now, std::size_t parcels_max,
                     UniqueFunction<void(QueueResult<Claimed>)> then) override {
    ++expiry_claims;
    work(std::move(then), [this, now, parcels_max] { return claim_expired_now(now, parcels_max); });
  }

  void last_replies(MessageId id, UniqueFunction<void(QueueResult<std::vector<LastReply>>)> then) override {
    read(std::move(then), [this, id]() -> QueueResult<std::vector<LastReply>> {
      if (!messages.contains(id)) return not_found();
      std::vector<LastReply> replies;
      for (const Row& row : messages.at(id).rows) replies.push_back(standing(row));
      return replies;
    });
  }

  void give_back(const Parcel& parcel) override {
    std::vector<std::int64_t> rows;
    for (const ParcelRecipient& recipient : parcel.recipients) rows.push_back(recipient.row);
    post([this, id = parcel.id, rows = std::move(rows)] { give_back_now(id, rows); });
  }

  void mark_sent(MessageId id, const std::vector<std::int64_t>& rows) override {
    for (const std::int64_t row : rows) sent_.insert({id, row});
  }

  void doubt(MessageId id, std::vector<std::int64_t> rows) override {
    ++doubts;
    mark_sent(id, rows);
  }

  void settle(Settlement settlement, UniqueFunction<void(QueueResult<void>)> then) override {
    if (full_) {
      held_.emplace_back(std::move(settlement), std::move(then));
      return;
    }
    work(std::move(then), [this, settlement = std::move(settlement)] { return settle_now(settlement); });
  }

  void tell_late(WallTime received_until, std::vector<MessageId> ids, WriteLate write,
                 UniqueFunction<void(QueueResult<ToldLate>)> then) override {
    ++late_looks;
    work(std::move(then), [this, received_until, ids = std::move(ids), write = std::move(write)]() mutable {
      return tell_late_now(received_until, ids, write);
    });
  }

  void open_digests(UniqueFunction<void(QueueResult<std::vector<DigestDue>>)> then) override {
    read(std::move(then), [this]() -> QueueResult<std::vector<DigestDue>> {
      std::vector<DigestDue> open;
      for (const auto& [key, digest] : digests) open.push_back({key, digest.due});
      return open;
    });
  }

  void tell_digest(DigestKey key, WriteDigest write,
                   UniqueFunction<void(QueueResult<std::size_t>)> then) override {
    work(std::move(then), [this, key = std::move(key), write = std::move(write)]() mutable {
      return tell_digest_now(key, write);
    });
  }

  void read_chunk(MessageId id, std::int64_t number,
                  UniqueFunction<void(QueueResult<std::string>)> then) override {
    read(std::move(then), [this, id, number]() -> QueueResult<std::string> {
      if (!messages.contains(id)) return not_found();
      const std::string& content = messages.at(id).content;
      const std::size_t from = static_cast<std::size_t>(number) * limits::kChunkBytes;
      return from < content.size() ? content.substr(from, limits::kChunkBytes) : std::string();
    });
  }

  void save_upstream(UpstreamState state) override {
    const std::size_t marked = logins_.count(state.name);
    post([this, state = std::move(state), marked] {
      if (broken_) return;
      upstreams[state.name] = state;
      for (std::size_t i = 0; i < marked; ++i) login_taken(state.name);
    });
  }

  void mark_login(const std::string& upstream) override { logins_.insert(upstream); }
  void login_taken(const std::string& upstream) override {
    if (const auto marked = logins_.find(upstream); marked != logins_.end()) logins_.erase(marked);
  }

  void reroute(std::vector<std::string> known, std::string fingerprint,
               UniqueFunction<std::string(const std::optional<Mailbox>&, const Mailbox&)> choose,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override {
    work(std::move(then), [this, known = std::set<std::string>(known.begin(), known.end()),
                           fingerprint = std::move(fingerprint), choose = std::move(choose)]() mutable {
      return reroute_now(known, fingerprint, choose);
    });
  }

  void operate(Operation operation, Selection selection,
               UniqueFunction<void(QueueResult<std::size_t>)> then) override {
    work(std::move(then),
         [this, operation, selection = std::move(selection)] { return operate_now(operation, selection); });
  }

  Admission admission() override { return broken_ ? Admission::Broken : admission_now; }
  Admission admission_of(std::optional<std::uint32_t>) override { return admission(); }
  void when_mail_arrives(UniqueFunction<void()> then) override { arrived_ = std::move(then); }
  void ping(UniqueFunction<void()> then) override { post(std::move(then)); }

 private:
  class MemoryDraft final : public Draft {
   public:
    explicit MemoryDraft(FakeQueue& queue) : queue_(queue) {}
    void append(std::string bytes) override { content_ += bytes; }
    bool congested() const override { return false; }
    void when_drained(UniqueFunction<void()> then) override { queue_.post(std::move(then)); }
    void commit(NewMessage message, UniqueFunction<void(QueueResult<void>)> then) override {
      queue_.work(std::move(then),
                  [&queue = queue_, message = std::move(message),
                   content = std::move(content_)]() -> QueueResult<void> {
                    if (queue.full_)
                      return tl::unexpected(QueueFault{QueueFault::Kind::NoSpace, *queue.full_});
                    queue.put(message, content);
                    queue.announce();
                    return {};
                  });
    }

   private:
    FakeQueue& queue_;
    std::string content_;
  };

  static tl::unexpected<QueueFault> not_found() {
    return tl::unexpected(QueueFault{QueueFault::Kind::NotFound, "no such message"});
  }
  static tl::unexpected<QueueFault> broken() {
    return tl::unexpected(QueueFault{QueueFault::Kind::Broken, "a commit failed"});
  }

  void post(UniqueFunction<void()> then) {
    loop_.post([this, life = life_, then = std::move(then)]() mutable {
      if (life == life_) then();
    });
  }

  /// A job that writes: one turn for the commit, one for its answer.
  template <typename Then, typename Job>
  void work(Then then, Job job) {
    post([this, then = std::move(then), job = std::move(job)]() mutable {
      using Answer = decltype(job());
      Answer answer = commit_allowed() ? job() : Answer(broken());
      post([then = std::move(then), answer = std::move(answer)]() mutable { then(std::move(answer)); });
    });
  }

  template <typename Then, typename Job>
  void read(Then then, Job job) {
    post([this, then = std::move(then), job = std::move(job)]() mutable {
      post([then = std::move(then), answer = job()]() mutable { then(std::move(answer)); });
    });
  }

  bool commit_allowed() {
    if (!broken_ && commits_until_failure_ && (*commits_until_failure_)-- == 0) {
      commits_until_failure_.reset();
      broken_ = true;
    }
    return !broken_;
  }

  void release_held() {
    auto held = std::exchange(held_, {});
    for (auto& [settlement, then] : held) settle(std::move(settlement), std::move(then));
  }

  void recover(MessageId id, Row& row) {
    if (row.state != RecipientState::Sending) return;
    row.state = RecipientState::Queued;
    row.in_doubt = row.in_doubt || sent_.contains({id, row.row});
  }

  QueueResult<Claimed> claim_now(const std::vector<Lane>& lanes, WallTime now) {
    if (full_) return tl::unexpected(QueueFault{QueueFault::Kind::NoSpace, *full_});
    Claimed claimed;
    for (const Lane& lane : lanes) claim_lane(lane, now, claimed);
    return claimed;
  }

  void claim_lane(const Lane& lane, WallTime now, Claimed& claimed) {
    std::map<std::pair<WallTime, MessageId>, Message*> due;
    for (auto& [id, message] : messages)
      for (const Row& row : message.rows)
        if (waits_in(lane, row) && row.next_attempt <= now)
          due.emplace(std::pair(row.next_attempt, id), &message);
    for (std::size_t taken = 0; auto& [key, message] : due) {
      while (taken < lane.parcels_max && take(*message, lane, now, claimed)) ++taken;
    }
    for (auto& [id, message] : messages)
      for (const Row& row : message.rows)
        if (waits_in(lane, row) && row.next_attempt > now)
          claimed.next_due = std::min(claimed.next_due.value_or(row.next_attempt), row.next_attempt);
  }

  static bool waits_in(const Lane& lane, const Row& row) {
    if (row.state != RecipientState::Queued || row.recipient.route != lane.route) return false;
    const std::string names = "," + lane.route + ",";
    const bool bound = row.in_doubt && names.find("," + row.upstream + ",") != std::string::npos;
    if (lane.takes == Lane::Takes::Bound) return bound && row.upstream == lane.upstream;
    return !bound || row.upstream == lane.upstream;
  }

  bool take(Message& message, const Lane& lane, WallTime now, Claimed& claimed) {
    Parcel parcel = parcel_of(message, lane.upstream);
    parcel.route = lane.route;
    for (Row& row : message.rows) {
      if (!waits_in(lane, row) || row.next_attempt > now) continue;
      if (parcel.recipients.size() == lane.recipients_max) break;
      if (row.alone && !parcel.recipients.empty()) continue;
      add(parcel, row);
      if (row.alone) break;
    }
    if (parcel.recipients.empty()) return false;
    claimed.parcels.push_back(std::move(parcel));
    return true;
  }

  static void add(Parcel& parcel, Row& row) {
    row.state = RecipientState::Sending;
    if (!parcel.upstream.empty()) row.upstream = parcel.upstream;
    parcel.recipients.push_back({row.row, row.recipient.recipient, row.attempts, row.in_doubt, row.hang_ups});
  }

  static LastReply last_reply(const Row& row) {
    return {{row.row, row.state, row.attempts, row.next_attempt, row.in_doubt, row.stage, row.reply},
            row.upstream};
  }

  /// The same; of what was never tried, the trouble of an upstream of its route.
  LastReply standing(const Row& row) const {
    LastReply last = last_reply(row);
    if (row.reply != Reply{}) return last;
    for (const std::string& name : route_upstreams(row.recipient.route)) {
      const auto known = upstreams.find(name);
      if (known == upstreams.end() || known->second.trouble == "none") continue;
      last.end.stage = known->second.stage;
      last.end.reply = known->second.reply;
      last.upstream = name;
      break;
    }
    return last;
  }

  static Parcel parcel_of(const Message& message, const std::string& upstream) {
    const NewMessage& facts = message.facts;
    Parcel parcel;
    parcel.id = facts.id;
    parcel.upstream = upstream;
    parcel.sender = facts.sender;
    parcel.body = facts.body;
    parcel.smtputf8 = facts.smtputf8;
    parcel.ret = facts.ret;
    parcel.envelope_id = facts.envelope_id;
    parcel.bytes = message.content.size();
    if (message.content.size() <= limits::kChunkBytes) parcel.content = message.content;
    parcel.summary = facts.summary;
    parcel.source = facts.source;
    parcel.received = facts.received;
    parcel.expires = facts.expires;
    parcel.notice = facts.notice;
    return parcel;
  }

  QueueResult<Claimed> claim_expired_now(WallTime now, std::size_t parcels_max) {
    Claimed claimed;
    for (auto& [id, message] : messages) {
      if (!any_queued(message)) continue;
      const WallTime expires = message.facts.expires;
      if (expires <= now && claimed.parcels.size() < parcels_max)
        take_expired(message, claimed);
      else
        claimed.next_due = std::min(claimed.next_due.value_or(expires), expires);
    }
    return claimed;
  }

  static bool any_queued(const Message& message) {
    return std::any_of(message.rows.begin(), message.rows.end(),
                       [](const Row& row) { return row.state == RecipientState::Queued; });
  }

  static void take_expired(Message& message, Claimed& claimed) {
    Parcel parcel = parcel_of(message, "");
    for (Row& row : message.rows)
      if (row.state == RecipientState::Queued) add(parcel, row);
    claimed.parcels.push_back(std::move(parcel));
  }

  void give_back_now(MessageId id, const std::vector<std::int64_t>& rows) {
    if (broken_ || !messages.contains(id)) return;
    for (Row& row : messages.at(id).rows)
      if (row.state == RecipientState::Sending && std::count(rows.begin(), rows.end(), row.row) > 0)
        row.state = RecipientState::Queued;
  }

  QueueResult<void> settle_now(const Settlement& settlement) {
    ++settlements;
    if (!messages.contains(settlement.id)) return not_found();
    Message& message = messages.at(settlement.id);
    for (const RecipientSettlement& end : settlement.recipients) {
      sent_.erase({settlement.id, end.row});
      for (Row& row : message.rows)
        if (row.row == end.row && row.state == RecipientState::Sending) apply(row, end);
    }
    if (settlement.spent) spendings.push_back(*settlement.spent);
    if (settlement.attempt) message.attempts.push_back(*settlement.attempt);
    for (const DigestPart& part : settlement.digests) gather(part);
    if (settlement.notice) put_own(*settlement.notice);
    return {};
  }

  void put_own(const OwnMessage& own) {
    put(own.message, own.content);
    announce();
  }

  void gather(const DigestPart& part) {
    Digest& digest = digests.try_emplace(part.key, Digest{part.key, part.due, 0, {}}).first->second;
    for (const DigestEntry& entry : part.entries)
      if (digest.count++ < limits::kDigestEntries) digest.entries.push_back(entry);
  }

  QueueResult<std::size_t> tell_digest_now(const DigestKey& key, WriteDigest& write) {
    if (full_) return tl::unexpected(QueueFault{QueueFault::Kind::NoSpace, *full_});
    const auto found = digests.find(key);
    if (found == digests.end()) return std::size_t{0};
    const Digest digest = std::move(found->second);
    digests.erase(found);
    if (digest.count > 0) put_own(write(digest));
    return digest.count;
  }

  QueueResult<ToldLate> tell_late_now(WallTime received_until, const std::vector<MessageId>& ids,
                                      WriteLate& write) {
    if (full_) return tl::unexpected(QueueFault{QueueFault::Kind::NoSpace, *full_});
    std::map<std::pair<WallTime, MessageId>, Message*> may_be_late;
    for (auto& [id, message] : messages)
      if (!message.delay_told && any_open(message))
        may_be_late.emplace(std::pair(message.facts.received, id), &message);
    ToldLate told;
    for (auto& [key, message] : may_be_late) {
      if (key.first > received_until) {
        told.next_received = key.first;
        break;
      }
      if (told.looked_at == ids.size()) break;
      tell_of_delay(*message, ids[told.looked_at++], write, told);
    }
    return told;
  }

  void tell_of_delay(Message& message, MessageId notice_id, WriteLate& write, ToldLate& told) {
    LateMessage late{parcel_of(message, ""), {}};
    for (const Row& row : message.rows) {
      if (!is_open(row)) continue;
      late.parcel.recipients.push_back({row.row, row.recipient.recipient, row.attempts, row.in_doubt});
      late.standing.push_back(standing(row));
    }
    message.delay_told = true;
    const std::optional<OwnMessage> notice = write(late, notice_id);
    if (!notice) return;
    told.notices.push_back({message.facts.id, notice_id, message.facts.sender});
    put_own(*notice);
  }

  static bool is_open(const Row& row) {
    return row.state == RecipientState::Queued || row.state == RecipientState::Sending;
  }

  static bool any_open(const Message& message) {
    return std::any_of(message.rows.begin(), message.rows.end(), is_open);
  }

  static void apply(Row& row, const RecipientSettlement& end) {
    row.state = end.state;
    row.attempts = end.attempts;
    row.next_attempt = end.next_attempt;
    row.in_doubt = end.in_doubt;
    row.alone = row.alone || end.alone;
    row.stage = end.stage;
    row.reply = end.reply;
    row.hang_ups = end.hang_ups;
    if (!end.route.empty() && widened(end.route) == widened(row.recipient.route))
      row.recipient.route = end.route;
  }

  template <typename Choose>
  QueueResult<std::size_t> reroute_now(const std::set<std::string>& known, const std::string& fingerprint,
                                       Choose& choose) {
    std::size_t count = 0;
    routing_fingerprint = fingerprint;
    for (auto& [id, message] : messages)
      for (Row& row : message.rows) {
        if (known.contains(widened(row.recipient.route))) continue;
        row.recipient.route = choose(message.facts.sender, row.recipient.recipient.mailbox);
        ++count;
      }
    if (count > 0) announce();
    return count;
  }

  QueueResult<std::size_t> operate_now(Operation operation, const Selection& selection) {
    std::size_t count = 0;
    for (auto& [id, message] : messages) {
      bool touched = false;
      for (Row& row : message.rows)
        if (selected(selection, message, row)) touched |= operate_on(operation, row);
      count += touched ? 1 : 0;
    }
    if (count > 0 && operation != Operation::Hold) announce();
    return count;
  }

  static bool selected(const Selection& selection, const Message& message, const Row& row) {
    if (!selection.ids.empty() &&
        std::find(selection.ids.begin(), selection.ids.end(), message.facts.id) == selection.ids.end())
      return false;
    if (selection.received_after && message.facts.received <= *selection.received_after) return false;
    if (selection.received_before && message.facts.received >= *selection.received_before) return false;
    if (!selection.from.empty() && !matches_pattern(selection.from, sender_text(message.facts.sender)))
      return false;
    if (!selection.to.empty() && !matches_pattern(selection.to, row.recipient.recipient.mailbox.text()))
      return false;
    if (selection.state == "queued") return row.state == RecipientState::Queued;
    if (selection.state == "held") return row.state == RecipientState::Held;
    return true;
  }

  bool operate_on(Operation operation, Row& row) {
    const bool held = row.state == RecipientState::Held;
    if (row.state != RecipientState::Queued && !held) return false;
    if (operation == Operation::Retry && !held) {
      row.next_attempt = loop_.wall();
      row.recipient.route = widened(row.recipient.route);
    }
    if (operation == Operation::Hold) row.state = RecipientState::Held;
    if (operation == Operation::Remove) row.state = RecipientState::Failed;
    if (operation == Operation::Release && held) {
      row.state = RecipientState::Queued;
      row.next_attempt = loop_.wall();
    }
    return true;
  }

  FakeLoop& loop_;
  UniqueFunction<void()> arrived_;
  std::vector<std::pair<Settlement, UniqueFunction<void(QueueResult<void>)>>> held_;
  std::set<std::pair<MessageId, std::int64_t>> sent_;  ///< Marked, and not settled yet; outlives a crash.
  std::multiset<std::string> logins_;                  ///< Presented, and not answered yet; outlives a crash.
  std::optional<std::string> full_;
  std::optional<std::size_t> commits_until_failure_;
  bool broken_ = false;
  std::uint64_t life_ = 0;
};

}  // namespace mailchute::fake
