#include "net/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

#include <uv.h>

#include "base/descriptor.h"
#include "base/lifeline.h"
#include "base/text.h"
#include "net/handle.h"

namespace mailchute {

namespace {

/// Between SIGTERM and SIGKILL: time to tidy up.
constexpr Duration kLastWords{2000};

/// After the program has ended, something that it started may still hold its output open: what is in the pipe
/// by then is all that is waited for.
constexpr Duration kDrainPatience{500};

constexpr char kUsualPath[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string system_words(int uv_error) { return uv_strerror(uv_error); }
std::string last_words() { return system_words(uv_translate_sys_error(errno)); }

/// Nothing but what a program needs to find others and its user's files: our own environment may hold what
/// is none of its business.
std::vector<std::string> environment_of(const ProcessJob& job) {
  std::vector<std::string> environment;
  for (const char* name : {"PATH", "HOME", "LANG"})
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  if (std::getenv("PATH") == nullptr) environment.emplace_back(kUsualPath);
  environment.insert(environment.end(), job.facts.begin(), job.facts.end());
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// A file in memory, not a pipe: a program that does not read its input, or hangs up, troubles nobody, and
/// one that opens /dev/stdin anew finds a file.
Result<Descriptor> input_file(const std::string& input) {
  Descriptor file(memfd_create("mailchute-input", MFD_CLOEXEC));
  if (!file) return fail("cannot make its input: " + last_words());
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t written = ::write(file.get(), input.data() + done, input.size() - done);
    if (written < 0 && errno != EINTR) return fail("cannot write its input: " + last_words());
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return fail("cannot rewind its input: " + last_words());
  return file;
}

/// The reading and the writing end.
struct PipeEnds {
  Descriptor read;
  Descriptor write;
};

Result<PipeEnds> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail("cannot make a pipe: " + last_words());
  return PipeEnds{Descriptor(ends[0]), Descriptor(ends[1])};
}

uv_stdio_container_t hand_down(const Descriptor& descriptor) {
  uv_stdio_container_t container{};
  container.flags = UV_INHERIT_FD;
  container.data.fd = descriptor.get();
  return container;
}

/// Every descriptor of ours is opened close-on-exec; this is for those that a library may have forgotten.
void close_others_on_exec() {
  if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) uv_disable_stdio_inheritance();
}

/// What a program says on one descriptor, up to a bound; the rest is read and thrown away, so that it is
/// never stuck.
class Hearing {
 public:
  explicit Hearing(std::size_t bytes_max) : bytes_max_(bytes_max) {
    // Once and for all: what outgrows its buffer leaves a copy behind, and this may be a secret.
    heard_.reserve(bytes_max);
  }

  Result<void> open(Loop& loop, Descriptor end, UniqueFunction<void()> on_end) {
    on_end_ = std::move(on_end);
    int status = pipe_.open(this, [&](uv_pipe_t* raw) { return uv_pipe_init(loop.raw(), raw, 0); });
    if (status == 0) status = uv_pipe_open(pipe_.get(), end.get());
    if (status != 0) return fail("cannot listen to it: " + system_words(status));
    static_cast<void>(end.release());
    space_ = loop.read_buffer();
    status = uv_read_start(reinterpret_cast<uv_stream_t*>(pipe_.get()), &allocate, &on_read);
    if (status != 0) return fail("cannot listen to it: " + system_words(status));
    return {};
  }

  bool ended() const { return !pipe_; }
  bool cut() const { return cut_; }
  std::string take() { return std::move(heard_); }

 private:
  static void allocate(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
    const auto* const self = static_cast<Hearing*>(handle->data);
    if (self != nullptr)
      *buffer = uv_buf_init(self->space_.data(), static_cast<unsigned>(self->space_.size()));
  }

  static void on_read(uv_stream_t* raw, ssize_t count, const uv_buf_t* buffer) noexcept {
    auto* const self = static_cast<Hearing*>(raw->data);
    if (self == nullptr || count == 0) return;
    if (count > 0) return self->hear({buffer->base, static_cast<std::size_t>(count)});
    self->pipe_.close();
    self->on_end_();
  }

  void hear(std::span<char> bytes) {
    const std::size_t kept = std::min(bytes.size(), bytes_max_ - heard_.size());
    heard_.append(bytes.data(), kept);
    cut_ = cut_ || kept < bytes.size();
    explicit_bzero(bytes.data(), bytes.size());  // the buffer is everybody's
  }

  std::size_t bytes_max_;
  std::string heard_;
  bool cut_ = false;
  std::span<char> space_;
  UniqueFunction<void()> on_end_;
  Handle<uv_pipe_t> pipe_;
};

}  // namespace

std::string describe(const ProcessEnd& end) {
  std::string text = "exit status " + std::to_string(end.status);
  if (end.signal != 0) text = "killed by signal " + std::to_string(end.signal);
  if (end.time == ProcessEnd::Time::Exceeded) text = "took longer than it may, and was ended";
  std::string_view complaint = end.complaints;
  while (complaint.ends_with('\n')) complaint.remove_suffix(1);
  return complaint.empty() ? text : text + ": " + printable(complaint, 300);
}

/// One program that runs.
class SystemProcesses::Child {
 public:
  using Then = UniqueFunction<void(Result<ProcessEnd>)>;

  Child(SystemProcesses& owner, ProcessJob job, Then then)
      : owner_(owner),
        job_(std::move(job)),
        then_(std::move(then)),
        output_(job_.output_bytes_max),
        complaints_(kComplaintBytes),
        alarm_(owner.loop_.make_alarm()) {}
  ~Child() { signal_all(SIGKILL); }

  Result<void> start();
  void end(Result<ProcessEnd> how);

 private:
  Result<void> spawn(const Descriptor& input, const Descriptor& output, const Descriptor& complaints);
  void exited(int status, int signal);
  void out_of_time();
  void finish_when_heard();
  void finish();
  void signal_all(int signal) const;

  SystemProcesses& owner_;
  ProcessJob job_;
  Then then_;
  ProcessEnd end_;
  Hearing output_;
  Hearing complaints_;
  Handle<uv_process_t> process_;
  enum class Life { New, Running, Exited, Told } life_ = Life::New;
  std::unique_ptr<Alarm> alarm_;
  Lifeline lifeline_;
};

Result<void> SystemProcesses::Child::start() {
  if (job_.command.empty()) return fail("there is nothing to run");
  if (job_.input.size() > kProcessInputBytes) return fail("its input is too large");
  const Descriptor input = TRY(input_file(job_.input));
  PipeEnds said = TRY(make_pipe());
  PipeEnds complained = TRY(make_pipe());
  TRY_VOID(output_.open(owner_.loop_, std::move(said.read), [this] { finish_when_heard(); }));
  TRY_VOID(complaints_.open(owner_.loop_, std::move(complained.read), [this] { finish_when_heard(); }));
  TRY_VOID(spawn(input, said.write, complained.write));
  life_ = Life::Running;
  alarm_->set(job_.patience, [this] { out_of_time(); });
  return {};
}

Result<void> SystemProcesses::Child::spawn(const Descriptor& input, const Descriptor& output,
                                           const Descriptor& complaints) {
  std::vector<std::string> environment = environment_of(job_);
  std::vector<char*> words = pointers(job_.command);
  std::vector<char*> variables = pointers(environment);
  std::array<uv_stdio_container_t, 3> stdio = {hand_down(input), hand_down(output), hand_down(complaints)};
  uv_process_options_t options{};
  options.file = words.front();
  options.args = words.data();
  options.env = variables.data();
  options.cwd = "/";
  // A session of its own: it cannot ask a terminal, and a signal reaches all that it started.
  options.flags = UV_PROCESS_DETACHED;
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = [](uv_process_t* raw, int64_t status, int signal) noexcept {
    if (auto* const self = static_cast<Child*>(raw->data)) self->exited(static_cast<int>(status), signal);
  };
  close_others_on_exec();
  int failure = 0;
  // Also one that could not be started is known to the loop already, and must be closed.
  process_.open(this, [&](uv_process_t* raw) {
    failure = uv_spawn(owner_.loop_.raw(), raw, &options);
    return 0;
  });
  if (failure != 0) return fail(system_words(failure));
  return {};
}

void SystemProcesses::Child::exited(int status, int signal) {
  end_.status = status;
  end_.signal = signal;
  if (end_.time == ProcessEnd::Time::Exceeded) signal_all(SIGKILL);  // what it leaves behind is late as well
  life_ = Life::Exited;
  alarm_->set(kDrainPatience, [this] { finish(); });
  finish_when_heard();
}

void SystemProcesses::Child::out_of_time() {
  if (std::exchange(end_.time, ProcessEnd::Time::Exceeded) == ProcessEnd::Time::Exceeded)
    return signal_all(SIGKILL);
  signal_all(SIGTERM);
  alarm_->set(kLastWords, [this] { out_of_time(); });
}

/// Its group has its process id, because it leads a session. Never later than in the turn of its end: some
/// day another process gets that id.
void SystemProcesses::Child::signal_all(int signal) const {
  if (life_ == Life::Running) ::kill(-process_->pid, signal);
}

void SystemProcesses::Child::finish_when_heard() {
  if (life_ == Life::Exited && output_.ended() && complaints_.ended()) finish();
}

void SystemProcesses::Child::finish() {
  alarm_->clear();
  end_.whole = output_.cut() ? ProcessEnd::Output::Cut : ProcessEnd::Output::Whole;
  end_.output = output_.take();
  end_.complaints = complaints_.take();
  end(std::move(end_));
}

void SystemProcesses::Child::end(Result<ProcessEnd> how) {
  life_ = Life::Told;
  // Deferred: this may be a callback of one of our own handles.
  owner_.loop_.defer(lifeline_.bind([this, how = std::move(how)]() mutable {
    Then then = std::move(then_);
    owner_.bury(this);
    then(std::move(how));
  }));
}

SystemProcesses::SystemProcesses(Loop& loop) : loop_(loop) {}

SystemProcesses::~SystemProcesses() = default;

void SystemProcesses::run(ProcessJob job, UniqueFunction<void(Result<ProcessEnd>)> then) {
  const std::string program = job.command.empty() ? "" : printable(job.command.front());
  children_.push_back(std::make_unique<Child>(*this, std::move(job), std::move(then)));
  const Result<void> started = children_.back()->start();
  if (!started) children_.back()->end(fail("cannot run " + program + ": " + started.error().text));
}

void SystemProcesses::bury(const Child* child) {
  const auto at = std::find_if(children_.begin(), children_.end(),
                               [child](const auto& each) { return each.get() == child; });
  CHECK(at != children_.end());
  children_.erase(at);
}

}  // namespace mailchute
