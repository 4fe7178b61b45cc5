// What a message costs the store: accepted, claimed, settled, with a few clients or many, on the disk of
// $TMPDIR. `cpu_us` is processor time of the whole process per message, the loop's side of it included;
// `per_fsync` how many messages shared one commit.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"
#include "store/sqlite_queue.h"

namespace mailchute {
namespace {

class BenchLoop {
 public:
  Poster poster() {
    return [this](UniqueFunction<void()> f) {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(f));
      wake_.notify_one();
    };
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !posted_.empty(); });
    auto next = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    next();
    ++turns_;
  }
  std::int64_t turns() const { return turns_; }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<UniqueFunction<void()>> posted_;
  std::int64_t turns_ = 0;
};

class Bench {
 public:
  Bench() {
    std::string name = (std::filesystem::temp_directory_path() / "mailchute-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    QueueOptions options;
    options.path = (folder_ / "queue.db").string();
    options.reserve = 0;
    auto opened = SqliteQueue::open(options, loop_.poster(), clock_);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().text.c_str());
      std::abort();
    }
    queue_ = std::move(*opened);
  }
  ~Bench() {
    queue_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void accept(const std::string& content, UniqueFunction<void()> then) {
    NewMessage message;
    message.id = MessageId{++last_id_};
    message.sender = Mailbox("ann", "example.com");
    message.recipients.push_back(
        {.recipient = {.mailbox = Mailbox("bob", "example.org"), .notify = {}, .original = ""},
         .route = "qq"});
    message.source = {.kind = "smtp",
                      .uid = 1000,
                      .pid = 1,
                      .command = "php",
                      .address = "127.0.0.1:5",
                      .helo = "localhost"};
    message.summary = {
        .message_id = "<1@example.com>", .subject = "hello", .from = "ann@example.com", .automatic = false};
    message.received = clock_.wall();
    message.expires = clock_.wall() + std::chrono::hours(120);
    auto draft = queue_->open(message.id, message.source.uid);
    draft->append(content);
    draft->commit(std::move(message), [then = std::move(then)](QueueResult<void> result) mutable {
      if (!result) std::abort();
      then();
    });
  }

  void deliver(UniqueFunction<void()> then) {
    queue_->claim({{.route = "qq", .upstream = "qq", .parcels_max = 1, .recipients_max = 100}}, clock_.wall(),
                  [this, then = std::move(then)](QueueResult<Claimed> claimed) mutable {
                    if (!claimed || claimed->parcels.empty()) std::abort();
                    settle(claimed->parcels[0], std::move(then));
                  });
  }

  SqliteQueue& queue() { return *queue_; }
  BenchLoop& loop() { return loop_; }

 private:
  void settle(const Parcel& parcel, UniqueFunction<void()> then) {
    Settlement end;
    end.id = parcel.id;
    RecipientSettlement recipient;
    recipient.row = parcel.recipients[0].row;
    recipient.state = RecipientState::Delivered;
    recipient.reply = {.code = 250, .enhanced = "2.0.0", .text = "ok"};
    end.recipients.push_back(recipient);
    end.attempt = AttemptRecord{.upstream = "qq",
                                .started = clock_.wall(),
                                .duration = Duration(30),
                                .stage = Stage::FinalDot,
                                .reply = recipient.reply,
                                .in_doubt = false,
                                .tls = "TLSv1.3 TLS_AES_256_GCM_SHA384",
                                .peer = "192.0.2.1:465"};
    queue_->settle(std::move(end), [then = std::move(then)](QueueResult<void>) mutable { then(); });
  }

  SystemClock clock_;
  BenchLoop loop_;
  std::filesystem::path folder_;
  std::unique_ptr<SqliteQueue> queue_;
  std::int64_t last_id_ = 0;
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

/// `clients` messages are always on their way; each is accepted, then claimed, then settled.
void BM_AcceptClaimSettle(benchmark::State& state) {
  Bench bench;
  const std::string content(static_cast<std::size_t>(state.range(1)), 'x');
  std::int64_t in_flight = 0;
  std::int64_t finished = 0;
  const double before = processor_seconds();
  for (auto _ : state) {
    while (in_flight >= state.range(0)) bench.loop().run_one();
    ++in_flight;
    bench.accept(content, [&] { bench.deliver([&] { --in_flight, ++finished; }); });
  }
  while (in_flight > 0) bench.loop().run_one();
  state.SetItemsProcessed(finished);
  state.counters["cpu_us"] = (processor_seconds() - before) * 1e6 / static_cast<double>(finished);
  // Each message is in three commits.
  state.counters["per_fsync"] = 3 * static_cast<double>(finished) / static_cast<double>(bench.loop().turns());
}
BENCHMARK(BM_AcceptClaimSettle)
    ->ArgNames({"clients", "bytes"})
    ->Args({1, 4096})
    ->Args({64, 4096})
    ->Args({256, 4096})
    ->Args({64, 60'000})
    ->UseRealTime();

/// Claiming out of a queue that is already long, and the memory that the long queue takes.
void BM_ClaimFromALongQueue(benchmark::State& state) {
  Bench bench;
  const std::string content(10'240, 'x');
  std::int64_t in_flight = 0;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    while (in_flight >= 256) bench.loop().run_one();
    ++in_flight;
    bench.accept(content, [&] { --in_flight; });
  }
  while (in_flight > 0) bench.loop().run_one();
  state.counters["resident_mib"] = resident_mib();

  const double before = processor_seconds();
  for (auto _ : state) {
    bool done = false;
    bench.deliver([&] { done = true; });
    while (!done) bench.loop().run_one();
  }
  state.counters["cpu_us"] = (processor_seconds() - before) * 1e6 / static_cast<double>(state.iterations());
}
BENCHMARK(BM_ClaimFromALongQueue)->Arg(1'000)->Arg(100'000)->Iterations(500)->UseRealTime();

}  // namespace
}  // namespace mailchute
