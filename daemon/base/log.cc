#include "base/log.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "base/log_emit.h"
#include "base/log_line.h"
#include "base/text.h"

namespace mailchute::log {

namespace {

std::atomic<unsigned long> lines_dropped{0};

/// Writes lines to a descriptor that may be a pipe nobody reads: a line that does not fit now is dropped,
/// never waited for.
class ImpatientSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    // A pipe that polls writable takes PIPE_BUF bytes without blocking, and a line has half of that at most.
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 ||
        ::write(STDERR_FILENO, line.data(), line.size()) < 0)
      lines_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}
};

/// Sends to journald; the payload is the whole datagram. Never blocks either.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  JournalSink() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sun_family = AF_UNIX;
    std::strcpy(address_.sun_path, "/run/systemd/journal/socket");
  }
  ~JournalSink() override { ::close(socket_); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto sent = ::sendto(socket_, message.payload.data(), message.payload.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    if (sent < 0) lines_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

 private:
  int socket_;
  sockaddr_un address_{};
};

/// True when standard error is the very stream that systemd opened for us (systemd.exec(5), $JOURNAL_STREAM).
bool under_journald() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

enum class Shape { Text, Json, Journal };

struct Output {
  std::unique_ptr<spdlog::logger> logger;
  Shape shape = Shape::Text;
};

std::mutex output_mutex;

Output make_output(Format format) {
  Output output;
  output.shape = under_journald() ? Shape::Journal : format == Format::Json ? Shape::Json : Shape::Text;
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (output.shape == Shape::Journal)
    sink = std::make_shared<JournalSink>();
  else
    sink = std::make_shared<ImpatientSink>();
  sink->set_pattern("%v");
  output.logger = std::make_unique<spdlog::logger>("mailchute", std::move(sink));
  return output;
}

Output& output() {
  static Output current = make_output(Format::Text);
  return current;
}

std::atomic<Level> wanted{Level::Info};

std::string shaped(Shape shape, Level level, std::string_view event, Fields fields) {
  switch (shape) {
    case Shape::Journal: return journal_datagram(level, event, fields);
    case Shape::Json: return json_line(SystemClock().wall(), level, event, fields);
    case Shape::Text: break;
  }
  return rfc3339(SystemClock().wall()) + " " + level_name(level) + " " + text_line(event, fields);
}

}  // namespace

void emit(Level level, std::string_view event, Fields fields) {
  if (level < wanted.load(std::memory_order_relaxed)) return;
  const std::lock_guard<std::mutex> lock(output_mutex);
  const Output& out = output();
  const std::string line = shaped(out.shape, level, event, fields);
  // The line goes as an argument, never as a format: braces in a subject stay braces.
  out.logger->log(spdlog::level::critical, spdlog::string_view_t(line.data(), line.size()));
}

void configure(Level level, Format format) {
  const std::lock_guard<std::mutex> lock(output_mutex);
  wanted = level;
  output() = make_output(format);
}

unsigned long dropped() { return lines_dropped.load(std::memory_order_relaxed); }

bool dialogue_wanted() { return wanted.load(std::memory_order_relaxed) <= Level::Debug; }

}  // namespace mailchute::log
