#include "relay_secrets.h"

#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "net/aside.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

/// Room for the notes that a person keeps below the secret.
constexpr std::size_t kPrintedBytes = 2 * kSecretBytes;

void read_aside(Loop& loop, const UpstreamSettings& upstream, UniqueFunction<void(Result<Secret>)> then) {
  auto secret = std::make_unique<Result<Secret>>(fail("not read"));
  Result<Secret>* place = secret.get();
  run_aside(
      loop, [place, upstream] { *place = read_secret(upstream); },
      [secret = std::move(secret), then = std::move(then)]() mutable { then(std::move(*secret)); });
}

Result<Secret> secret_of(Result<ProcessEnd> end, const UpstreamSettings& upstream) {
  if (!end) return tl::unexpected(std::move(end).error());
  if (end->good()) return secret_from_output(std::move(end->output), upstream);
  Secret::wipe(end->output);
  return fail(printable(secret_command(upstream).front()) + ": " + describe(*end));
}

void ask_program(ProcessRunner& processes, const UpstreamSettings& upstream,
                 UniqueFunction<void(Result<Secret>)> then) {
  ProcessJob job;
  job.command = secret_command(upstream);
  job.facts = {"MAILCHUTE_UPSTREAM=" + upstream.name, "MAILCHUTE_USER=" + upstream.user};
  job.output_bytes_max = kPrintedBytes;
  job.patience = kSecretPatience;
  processes.run(std::move(job), [upstream, then = std::move(then)](Result<ProcessEnd> end) mutable {
    then(secret_of(std::move(end), upstream));
  });
}

}  // namespace

void fetch_secret(Loop& loop, ProcessRunner& processes, const UpstreamSettings& upstream,
                  UniqueFunction<void(Result<Secret>)> then) {
  if (secret_command(upstream).empty()) return read_aside(loop, upstream, std::move(then));
  ask_program(processes, upstream, std::move(then));
}

}  // namespace mailchute
