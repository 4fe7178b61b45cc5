#include "net/aside.h"

#include <array>
#include <cstdlib>
#include <latch>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "base/exit_codes.h"
#include "base/result.h"

namespace mailchute {

namespace {

struct Errand {
  uv_work_t request{};
  UniqueFunction<void()> job;
  UniqueFunction<void()> then;
};

void do_job(uv_work_t* request) noexcept { static_cast<Errand*>(request->data)->job(); }

void job_done(uv_work_t* request, int /*status*/) noexcept {
  const std::unique_ptr<Errand> errand(static_cast<Errand*>(request->data));
  errand->then();
}

/// What libuv makes where nothing else is said; and one for the queue.
constexpr std::size_t kThreads = 4;
constexpr std::size_t kRehearsed = kThreads + 1;

/// Whether the system would give that many threads now: they are made, and let go.
Result<void> rehearse() {
  std::latch end(1);
  std::array<std::thread, kRehearsed> threads;
  std::string why;
  try {
    for (std::thread& thread : threads) thread = std::thread([&end] { end.wait(); });
  } catch (
      const std::system_error& error) {  // The standard library's only way to say that there are too many.
    why = error.code().message();
  }
  end.count_down();
  for (std::thread& thread : threads)
    if (thread.joinable()) thread.join();
  if (why.empty()) return {};
  return fail("cannot start " + std::to_string(kRehearsed) + " threads: " + why +
                  "; next: raise TasksMax= in the unit, or ulimit -u",
              exit_code::kSystem);
}

}  // namespace

Result<void> start_aside(Loop& loop) {
  TRY_VOID(rehearse());
  setenv("UV_THREADPOOL_SIZE", std::to_string(kThreads).c_str(), 1);
  run_aside(
      loop, [] {}, [] {});
  return {};
}

void run_aside(Loop& loop, UniqueFunction<void()> job, UniqueFunction<void()> then) {
  auto errand = std::make_unique<Errand>();
  errand->job = std::move(job);
  errand->then = std::move(then);
  errand->request.data = errand.get();
  const int refused = uv_queue_work(loop.raw(), &errand->request, do_job, job_done);
  CHECK(refused == 0);  // only a missing job is refused
  errand.release();     // job_done takes it back
}

}  // namespace mailchute
