#include "command/queue_access.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "base/exit_codes.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/selection.h"
#include "control/client.h"
#include "control/json.h"
#include "control/presence.h"
#include "relay_options.h"
#include "settings/load.h"
#include "store/sqlite_queue.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// Root works on a queue as its owner does: a file that SQLite or the lock makes beside it must not shut the
/// daemon out.
Result<void> become_owner(const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return fail("cannot open queue " + path + ": " + std::strerror(errno),
                errno == EACCES ? exit_code::kPermission : exit_code::kNoInput);
  if (::geteuid() != 0 || facts.st_uid == 0) return {};
  if (::setegid(facts.st_gid) == 0 && ::seteuid(facts.st_uid) == 0) return {};
  return fail("cannot act as the owner of " + path + ": " + std::strerror(errno), exit_code::kPermission);
}

Result<MessageId> resolve(std::optional<QueueReader>& reader, const Settings& settings,
                          const std::string& typed) {
  switch (kind_of_id(typed)) {
    case IdKind::Whole: return *MessageId::parse(typed);
    case IdKind::Nothing: return fail("no message " + typed, kNothing);
    case IdKind::Beginning: break;
  }
  if (!reader) reader.emplace(TRY(open_reader(settings)));
  return reader->find(typed);
}

int code_of_answer(int http_status) {
  switch (http_status) {
    case 400: return exit_code::kUsage;
    case 404: return kNothing;
    case 503: return exit_code::kInputOutput;
    case 507: return exit_code::kTryLater;
    default: return exit_code::kInternal;
  }
}

/// What the store's thread posts, run on this thread while an answer is waited for.
class HandTurnedLoop {
 public:
  void post(UniqueFunction<void()> then) {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(then));
    wake_.notify_one();
  }

  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !posted_.empty(); });
    auto next = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    next();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<UniqueFunction<void()>> posted_;
};

}  // namespace

Result<Settings> command_settings(const CommonOptions& options) {
  const LoadOptions load_options = options_of_process(options.config);
  Loaded loaded = load(load_options);
  if (loaded.settings) return std::move(*loaded.settings);
  if (auto closed = closed_to_us(load_options.path)) return tl::unexpected(std::move(*closed));
  if (nothing_configured(loaded)) return tl::unexpected(not_configured(options));
  std::erase_if(loaded.diagnostics,
                [](const Diagnostic& diagnostic) { return diagnostic.severity != Diagnostic::Error; });
  std::fputs(render(loaded.diagnostics).c_str(), stderr);
  return fail(load_options.path + " cannot be used, and it says where the queue is",
              exit_code::kConfiguration);
}

std::optional<Error> closed_to_us(const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0 || errno != EACCES) return std::nullopt;
  return Error("you may not read " + path + ", which says where the daemon is; next: the same as root",
               exit_code::kPermission);
}

Result<QueueReader> open_reader(const Settings& settings) {
  auto reader = become_owner(settings.queue.path).and_then([&settings] {
    return QueueReader::open(settings.queue.path);
  });
  if (!reader && reader.error().code == exit_code::kNoInput)
    return fail(reader.error().text + "; next: systemctl start mailchute (it makes the queue)",
                exit_code::kNoInput);
  if (reader || reader.error().code != exit_code::kPermission) return reader;
  return fail(
      "you may not read the queue " + settings.queue.path +
          ": members of the group mailchute may ask the daemon how it fares and change what waits, and mailq "
          "lists it, but a message is shown to root alone; next: the same as root",
      exit_code::kPermission);
}

Result<void> act_as_oneself() {
  if (::seteuid(::getuid()) == 0 && ::setegid(::getgid()) == 0) return {};
  return fail(std::string("cannot act as oneself again: ") + std::strerror(errno), exit_code::kPermission);
}

Result<std::vector<MessageId>> resolve_ids(const Settings& settings, const std::vector<std::string>& typed) {
  std::optional<QueueReader> reader;
  std::vector<MessageId> ids;
  for (const std::string& each : typed) ids.push_back(TRY(resolve(reader, settings, each)));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

Result<std::string> ask(const Settings& settings, const std::string& method, const std::string& path,
                        const std::string& body) {
  HttpAnswer answer = TRY(ask_daemon(settings.listen.control, method, path, body));
  // 409 is an answer, too: a reload that was refused.
  if (answer.status == 200 || answer.status == 409) return std::move(answer.body);
  const std::string words = decode_error(answer.body);
  return fail(words.empty() ? "the daemon answered " + std::to_string(answer.status) : words,
              code_of_answer(answer.status));
}

Result<std::string> ask_if_running(const Settings& settings, const std::string& method,
                                   const std::string& path, const std::string& body) {
  if (!daemon_is_present(settings.listen.control))
    return fail("the daemon is not running; next: systemctl start mailchute", exit_code::kNotRunning);
  return ask(settings, method, path, body);
}

void say_if_stopped(const Settings& settings) {
  if (!daemon_is_present(settings.listen.control))
    say("the daemon is not running: nothing goes out; next: systemctl start mailchute");
}

Result<std::size_t> operate_offline(const Settings& settings, Operation operation,
                                    const Selection& selection) {
  TRY_VOID(become_owner(settings.queue.path));
  const SystemClock clock;
  HandTurnedLoop loop;
  const auto queue = TRY(SqliteQueue::open(
      queue_options(settings), [&loop](UniqueFunction<void()> then) { loop.post(std::move(then)); }, clock));
  std::optional<QueueResult<std::size_t>> touched;
  queue->operate(operation, selection,
                 [&touched](QueueResult<std::size_t> result) { touched = std::move(result); });
  while (!touched) loop.run_one();
  if (*touched) return **touched;
  const bool full = touched->error().kind == QueueFault::Kind::NoSpace;
  return fail("the queue did not do it: " + touched->error().text,
              full ? exit_code::kTryLater : exit_code::kInputOutput);
}

}  // namespace mailchute
