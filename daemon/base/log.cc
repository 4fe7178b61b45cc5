#include "base/log.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include "base/text.h"

namespace mailchute::log {

namespace {

std::atomic<unsigned long> lines_dropped{0};

struct Field {
  const char* key;
  std::string_view value;
};
using Fields = std::initializer_list<Field>;

/// Callers pass what printable() made; this is the second lock on the same door.
std::string guarded(std::string_view value) {
  for (char c : value)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F || (c & 0x80) != 0)
      return printable(value, 1024);
  return std::string(value.substr(0, 1024));
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// Writes lines to a descriptor that may be a pipe nobody reads: a line that does not fit now is dropped,
/// never waited for.
class ImpatientSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    // A pipe that polls writable takes PIPE_BUF bytes without blocking, and a line is kept below that.
    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0 ||
        ::write(STDERR_FILENO, line.data(), line.size()) < 0)
      lines_dropped.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}
};

/// Speaks journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), so that fields can be searched
/// for; the payload is the whole datagram. Never blocks either.
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

constexpr std::array<const char*, 4> kLevelNames = {"debug", "info", "warning", "error"};
constexpr std::array<char, 4> kSyslogPriorities = {'7', '6', '4', '3'};

std::size_t index(Level level) { return static_cast<std::size_t>(level); }

std::string text_line(std::string_view event, const Fields& fields) {
  std::string line;
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    const std::string value = guarded(field.value);
    if (std::string_view(field.key) == "id") {  // first and bare, so that the eye finds it
      line = value + " " + line;
      continue;
    }
    line += std::string(" ") + field.key + "=";
    if (value.find_first_of(" \"=") == std::string::npos)
      line += value;
    else
      append_quoted(line, value);
  }
  const bool has_id =
      fields.size() > 0 && std::string_view(fields.begin()->key) == "id" && !fields.begin()->value.empty();
  if (!has_id) return std::string(event) + line;
  const auto end_of_id = line.find(' ');
  return line.substr(0, end_of_id + 1) + std::string(event) + line.substr(end_of_id + 1);
}

std::string json_line(Level level, std::string_view event, const Fields& fields) {
  std::string line = "{\"time\":\"" + rfc3339(SystemClock().wall()) + "\",\"level\":\"" +
                     kLevelNames[index(level)] + "\",\"event\":\"" + std::string(event) + "\"";
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    line += std::string(",\"") + field.key + "\":";
    append_quoted(line, guarded(field.value));
  }
  return line + "}";
}

std::string journal_datagram(Level level, std::string_view event, const Fields& fields) {
  std::string datagram = "MESSAGE=" + text_line(event, fields) +
                         "\nPRIORITY=" + kSyslogPriorities[index(level)] +
                         "\nSYSLOG_IDENTIFIER=mailchute\nMAILCHUTE_EVENT=" + std::string(event) + "\n";
  for (const Field& field : fields) {
    if (field.value.empty()) continue;
    datagram += "MAILCHUTE_";
    for (const char* c = field.key; *c != '\0'; ++c)
      datagram += static_cast<char>(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    datagram += "=" + guarded(field.value) + "\n";
  }
  return datagram;
}

void emit(Level level, std::string_view event, const Fields& fields) {
  if (level < wanted.load(std::memory_order_relaxed)) return;
  const std::lock_guard<std::mutex> lock(output_mutex);
  Output& out = output();
  std::string line;
  switch (out.shape) {
    case Shape::Journal: line = journal_datagram(level, event, fields); break;
    case Shape::Json: line = json_line(level, event, fields); break;
    case Shape::Text:
      line = rfc3339(SystemClock().wall()) + " " + kLevelNames[index(level)] + " " + text_line(event, fields);
      break;
  }
  if (line.size() > 4000) line.resize(4000);
  // The line goes as an argument, never as a format: braces in a subject stay braces.
  out.logger->log(spdlog::level::critical, spdlog::string_view_t(line.data(), line.size()));
}

/// Ten lines in ten seconds about one kind of client trouble, then a count: a storm of connections must not
/// become a storm of lines.
class Throttle {
 public:
  void emit_limited(Level level, const char* event, std::string_view peer, std::string_view why) {
    const SteadyTime now = SystemClock().steady();
    unsigned long suppressed = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (now - window_ >= std::chrono::seconds(10)) {
        suppressed = lines_ > kLines ? lines_ - kLines : 0;
        window_ = now;
        lines_ = 0;
      }
      if (++lines_ > kLines) return;
    }
    if (suppressed > 0) emit(level, event, {{"suppressed", std::to_string(suppressed)}});
    emit(level, event, {{"peer", peer}, {"why", why}});
  }

 private:
  static constexpr unsigned long kLines = 10;
  std::mutex mutex_;
  SteadyTime window_{};
  unsigned long lines_ = 0;
};

}  // namespace

void configure(Level level, Format format) {
  const std::lock_guard<std::mutex> lock(output_mutex);
  wanted = level;
  output() = make_output(format);
}

unsigned long dropped() { return lines_dropped.load(std::memory_order_relaxed); }

void accepted(std::string_view id, std::string_view sender, std::size_t recipients, std::size_t bytes,
              std::string_view source) {
  emit(Level::Info, "accepted",
       {{"id", id},
        {"from", sender.empty() ? "<>" : sender},
        {"recipients", std::to_string(recipients)},
        {"bytes", std::to_string(bytes)},
        {"source", source}});
}

void delivered(std::string_view id, std::string_view recipient, std::string_view upstream,
               std::string_view reply) {
  emit(Level::Info, "delivered", {{"id", id}, {"to", recipient}, {"upstream", upstream}, {"reply", reply}});
}

void deferred(std::string_view id, std::string_view recipient, std::string_view upstream,
              std::string_view why, WallTime next) {
  emit(Level::Info, "deferred",
       {{"id", id}, {"to", recipient}, {"upstream", upstream}, {"reply", why}, {"next", rfc3339(next)}});
}

void failed(std::string_view id, std::string_view recipient, std::string_view upstream,
            std::string_view why) {
  emit(Level::Warning, "failed", {{"id", id}, {"to", recipient}, {"upstream", upstream}, {"reply", why}});
}

void uncertain(std::string_view id, std::string_view recipient, std::string_view upstream,
               std::string_view why) {
  emit(Level::Warning, "uncertain", {{"id", id}, {"to", recipient}, {"upstream", upstream}, {"why", why}});
}

void held(std::string_view id, std::string_view recipient, std::string_view upstream, std::string_view why) {
  emit(Level::Warning, "held", {{"id", id}, {"to", recipient}, {"upstream", upstream}, {"why", why}});
}

void expired(std::string_view id, std::string_view recipient) {
  emit(Level::Warning, "expired", {{"id", id}, {"to", recipient}});
}

void notice_queued(std::string_view id, std::string_view notice_id, std::string_view to) {
  emit(Level::Info, "notice", {{"id", id}, {"notice", notice_id}, {"to", to}});
}

void notice_gathered(std::string_view id, std::string_view recipient, WallTime told_at) {
  emit(Level::Info, "notice-later", {{"id", id}, {"to", recipient}, {"at", rfc3339(told_at)}});
}

void digest_queued(std::string_view notice_id, std::string_view to, std::size_t count) {
  emit(Level::Info, "digest", {{"notice", notice_id}, {"to", to}, {"failures", std::to_string(count)}});
}

void notice_not_sent(std::string_view id, std::string_view why) {
  emit(Level::Info, "no-notice", {{"id", id}, {"why", why}});
}

void client_refused(std::string_view peer, std::string_view why) {
  static Throttle throttle;
  throttle.emit_limited(Level::Warning, "client-refused", peer, why);
}

void client_fault(std::string_view peer, std::string_view why) {
  static Throttle throttle;
  throttle.emit_limited(Level::Info, "client-fault", peer, why);
}

void upstream_ready(std::string_view upstream, std::string_view peer, std::string_view tls) {
  emit(Level::Info, "upstream-ready", {{"upstream", upstream}, {"peer", peer}, {"tls", tls}});
}

void upstream_cooling(std::string_view upstream, std::string_view stage, std::string_view why,
                      WallTime until) {
  emit(Level::Warning, "upstream-cooling",
       {{"upstream", upstream}, {"stage", stage}, {"why", why}, {"until", rfc3339(until)}});
}

void quota_held(std::string_view upstream, std::string_view why, WallTime until) {
  emit(Level::Warning, "quota-held", {{"upstream", upstream}, {"why", why}, {"until", rfc3339(until)}});
}

void upstream_recovered(std::string_view upstream) {
  emit(Level::Info, "upstream-recovered", {{"upstream", upstream}});
}

void upstream_setup(std::string_view upstream, std::string_view why) {
  emit(Level::Error, "upstream-setup", {{"upstream", upstream}, {"why", why}});
}

void started(std::string_view version, std::string_view configuration) {
  emit(Level::Info, "started", {{"version", version}, {"config", configuration}});
}

void listening(std::string_view what) { emit(Level::Info, "listening", {{"on", what}}); }
void stopping(std::string_view why) { emit(Level::Info, "stopping", {{"why", why}}); }
void stopped() { emit(Level::Info, "stopped", {{"lines_dropped", std::to_string(dropped())}}); }
void reloaded(std::string_view configuration) { emit(Level::Info, "reloaded", {{"config", configuration}}); }
void reload_refused(std::string_view why) { emit(Level::Error, "reload-refused", {{"why", why}}); }
void store_broken(std::string_view why) { emit(Level::Error, "store-broken", {{"why", why}}); }

void recovered(std::size_t messages) {
  emit(Level::Warning, "recovered", {{"messages", std::to_string(messages)}});
}

void admission_changed(std::string_view state) { emit(Level::Warning, "admission", {{"state", state}}); }

void clock_jumped(Duration by) {
  emit(Level::Warning, "clock-jumped", {{"seconds", std::to_string(by.count() / 1000)}});
}

void alert(std::string_view severity, std::string_view event, std::string_view state,
           std::string_view upstream, std::string_view text, std::string_view detail) {
  const Level level = severity == "error"     ? Level::Error
                      : severity == "warning" ? Level::Warning
                                              : Level::Info;
  emit(level, event, {{"alert", state}, {"upstream", upstream}, {"text", text}, {"detail", detail}});
}

void note(Level level, std::string_view what, std::string_view text) { emit(level, what, {{"text", text}}); }

void dialogue(std::string_view who, std::string_view direction, std::string_view line) {
  emit(Level::Debug, "dialogue", {{"with", who}, {"direction", direction}, {"line", line}});
}

bool dialogue_wanted() { return wanted.load(std::memory_order_relaxed) <= Level::Debug; }

}  // namespace mailchute::log
