#include "command/run_program.h"

#include <optional>
#include <utility>

#include "net/loop.h"

namespace mailchute {

namespace {

constexpr std::size_t kOutputBytes = 64 * 1024;

}  // namespace

Result<ProcessEnd> run_program(std::vector<std::string> command, Duration patience) {
  Loop loop;
  SystemProcesses processes(loop);
  ProcessJob job;
  job.command = std::move(command);
  job.output_bytes_max = kOutputBytes;
  job.patience = patience;
  std::optional<Result<ProcessEnd>> ended;
  processes.run(std::move(job), [&](Result<ProcessEnd> end) {
    ended = std::move(end);
    loop.stop();
  });
  loop.run();
  return std::move(*ended);
}

}  // namespace mailchute
