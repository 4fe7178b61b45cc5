// A queue in a folder of its own, a loop that a test turns by hand, and a clock it sets.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/unique_function.h"
#include "store/sqlite_queue.h"

namespace mailchute {

/// What the store posts, run on the test's thread.
class HandLoop {
 public:
  Poster poster() {
    return [this](UniqueFunction<void()> f) {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(f));
      wake_.notify_one();
    };
  }

  /// Runs posted functions until `done()`; false when that takes half a minute.
  template <typename Done>
  bool run_until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      auto next = take(limit);
      if (!next) return false;
      next();
    }
    return true;
  }

  /// Runs what is there, waiting for nothing.
  std::size_t run_posted() {
    std::size_t count = 0;
    while (true) {
      std::unique_lock lock(mutex_);
      if (posted_.empty()) return count;
      auto next = std::move(posted_.front());
      posted_.pop_front();
      lock.unlock();
      next();
      ++count;
    }
  }

 private:
  UniqueFunction<void()> take(std::chrono::steady_clock::time_point limit) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_until(lock, limit, [this] { return !posted_.empty(); })) return nullptr;
    auto next = std::move(posted_.front());
    posted_.pop_front();
    return next;
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<UniqueFunction<void()>> posted_;
};

/// Stands still until it is set. Read by the store's thread too.
class HandClock final : public Clock {
 public:
  WallTime wall() const override { return WallTime(Duration(wall_.load())); }
  SteadyTime steady() const override { return SteadyTime(Duration(steady_.load())); }
  void advance(Duration by) {
    wall_ += by.count();
    steady_ += by.count();
  }

 private:
  std::atomic<std::int64_t> wall_{1'700'000'000'000};
  std::atomic<std::int64_t> steady_{1'000'000};
};

/// A folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mailchute-store-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A selection with one condition.
template <typename T>
Selection only(T Selection::*condition, std::type_identity_t<T> value) {
  Selection made;
  made.*condition = std::move(value);
  return made;
}

class QueueTest : public testing::Test {
 protected:
  QueueTest() {
    options_.path = (folder_ / "queue.db").string();
    options_.reserve = 0;
  }

  void open() {
    auto opened = SqliteQueue::open(options_, loop_.poster(), clock_);
    ASSERT_TRUE(opened) << opened.error().text;
    queue_ = std::move(*opened);
  }

  /// The words of the refusal; empty when it opened.
  std::string refusal() {
    auto opened = SqliteQueue::open(options_, loop_.poster(), clock_);
    return opened ? std::string() : opened.error().text;
  }

  void close() {
    queue_.reset();
    loop_.run_posted();
  }

  void reopen() {
    close();
    open();
  }

  /// Waits for the one answer of an asynchronous call.
  template <typename T, typename Ask>
  QueueResult<T> ask(Ask ask_queue) {
    std::optional<QueueResult<T>> answer;
    ask_queue([&answer](QueueResult<T> result) { answer = std::move(result); });
    if (!loop_.run_until([&] { return answer.has_value(); })) {
      ADD_FAILURE() << "no answer";
      return tl::unexpected(QueueFault{QueueFault::Kind::Broken, "no answer"});
    }
    return std::move(*answer);
  }

  void drain() {
    bool answered = false;
    queue_->ping([&] { answered = true; });
    ASSERT_TRUE(loop_.run_until([&] { return answered; }));
  }

  MessageId next_id() { return MessageId{++last_id_}; }

  NewMessage message(const std::vector<std::string>& recipients = {"bob@example.org"},
                     const std::string& route = "qq") {
    NewMessage made;
    made.id = next_id();
    made.sender = Mailbox("ann", "example.com");
    for (const auto& text : recipients) {
      made.recipients.push_back(
          {.recipient = {.mailbox = Mailbox::parse(text).value(), .notify = {}, .original = ""},
           .route = route});
    }
    made.source = {.kind = "smtp",
                   .uid = 1000,
                   .pid = 4711,
                   .command = "php",
                   .address = "127.0.0.1:5",
                   .helo = "localhost"};
    made.summary = {
        .message_id = "<1@example.com>", .subject = "hello", .from = "ann@example.com", .automatic = false};
    made.received = clock_.wall();
    made.expires = clock_.wall() + std::chrono::hours(120);
    return made;
  }

  QueueResult<void> accept(NewMessage made, const std::string& content = "Subject: hello\r\n\r\nhi\r\n") {
    auto draft = queue_->open(made.id, made.source.uid);
    draft->append(content);
    return ask<void>([&](auto then) { draft->commit(std::move(made), std::move(then)); });
  }

  /// Accepts and gives the id.
  MessageId accepted(NewMessage made, const std::string& content = "Subject: hello\r\n\r\nhi\r\n") {
    const MessageId id = made.id;
    const auto result = accept(std::move(made), content);
    EXPECT_TRUE(result) << result.error().text;
    return id;
  }

  Lane lane(std::size_t parcels_max = 10, std::size_t recipients_max = 100, const std::string& route = "qq") {
    return {.route = route, .upstream = route, .parcels_max = parcels_max, .recipients_max = recipients_max};
  }

  Claimed claim(std::vector<Lane> lanes) {
    auto claimed =
        ask<Claimed>([&](auto then) { queue_->claim(std::move(lanes), clock_.wall(), std::move(then)); });
    EXPECT_TRUE(claimed) << claimed.error().text;
    return claimed ? std::move(*claimed) : Claimed{};
  }
  Claimed claim() { return claim({lane()}); }

  Claimed claim_expired(std::size_t parcels_max = 10) {
    auto claimed =
        ask<Claimed>([&](auto then) { queue_->claim_expired(clock_.wall(), parcels_max, std::move(then)); });
    EXPECT_TRUE(claimed) << claimed.error().text;
    return claimed ? std::move(*claimed) : Claimed{};
  }

  /// The same end for every recipient of a parcel.
  Settlement settlement(const Parcel& parcel, RecipientState state, Duration wait = {}) {
    Settlement made;
    made.id = parcel.id;
    for (const auto& taker : parcel.recipients) {
      RecipientSettlement end;
      end.row = taker.row;
      end.state = state;
      end.attempts = taker.attempts + 1;
      end.next_attempt = clock_.wall() + wait;
      end.stage = Stage::FinalDot;
      end.reply = {
          .code = state == RecipientState::Delivered ? 250 : 451, .enhanced = "2.0.0", .text = "said"};
      made.recipients.push_back(end);
    }
    made.attempt = AttemptRecord{.upstream = parcel.upstream,
                                 .started = clock_.wall(),
                                 .duration = Duration(12),
                                 .stage = Stage::FinalDot,
                                 .reply = {.code = 250, .enhanced = "", .text = "ok"},
                                 .in_doubt = false,
                                 .tls = "TLSv1.3 X",
                                 .peer = "192.0.2.1:465"};
    return made;
  }

  QueueResult<void> settle(Settlement made) {
    return ask<void>([&](auto then) { queue_->settle(std::move(made), std::move(then)); });
  }

  /// Every recipient whose route is none of `known` gets the route `to`.
  std::size_t reroute(std::vector<std::string> known, const std::string& fingerprint, const std::string& to) {
    auto changed = ask<std::size_t>([&](auto then) {
      queue_->reroute(
          std::move(known), fingerprint, [to](const std::optional<Mailbox>&, const Mailbox&) { return to; },
          std::move(then));
    });
    EXPECT_TRUE(changed) << changed.error().text;
    return changed.value_or(0);
  }

  std::size_t operate(Operation operation, Selection selection = {}) {
    auto touched = ask<std::size_t>(
        [&](auto then) { queue_->operate(operation, std::move(selection), std::move(then)); });
    EXPECT_TRUE(touched) << touched.error().text;
    return touched.value_or(0);
  }

  QueueResult<std::string> chunk(MessageId id, std::int64_t number) {
    return ask<std::string>([&](auto then) { queue_->read_chunk(id, number, std::move(then)); });
  }

  /// What a question to the closed or open file gives, through a connection of the test's own.
  std::int64_t count(const char* sql) {
    auto database = Database::open(options_.path, Database::Mode::ReadOnly);
    if (!database) return -1;
    auto number = database->number(sql);
    return number ? number->value_or(-1) : -1;
  }

  void damage(const char* sql) {
    auto database = Database::open(options_.path, Database::Mode::ReadWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->script(sql));
  }

  ScratchFolder folder_;
  HandLoop loop_;
  HandClock clock_;
  QueueOptions options_;
  std::unique_ptr<SqliteQueue> queue_;
  std::int64_t last_id_ = 1'000;
};

}  // namespace mailchute
