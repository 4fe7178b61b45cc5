#include "net/aside.h"

#include <memory>
#include <utility>

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

}  // namespace

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
