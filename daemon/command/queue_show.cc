#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/message_view.h"
#include "command/queue_access.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr std::size_t kHeaderBytes = 1 << 20;

Result<MessageId> find(const Settings& settings, const std::string& typed) {
  return TRY(resolve_ids(settings, {typed})).front();
}

// Chunk by chunk: the message may be larger than what memory there is.
Result<void> print_content(QueueReader& reader, MessageId id) {
  for (std::int64_t number = 0;; ++number) {
    const std::string chunk = TRY(reader.chunk(id, number));
    if (chunk.empty()) return {};
    print(chunk);
  }
}

/// Up to the empty line, or to the end of a message that has none.
Result<std::string> read_header(QueueReader& reader, MessageId id) {
  std::string header;
  for (std::int64_t number = 0; header.size() < kHeaderBytes; ++number) {
    const std::string chunk = TRY(reader.chunk(id, number));
    header += chunk;
    const auto end = header.starts_with("\r\n") ? 0 : header.find("\r\n\r\n");
    if (end == 0) return std::string();
    if (end != std::string::npos) return header.substr(0, end + 2);
    if (chunk.empty()) break;
  }
  return header;
}

Result<MessageReport> report(QueueReader& reader, MessageId id, const QueueShowOptions& show) {
  MessageReport report;
  report.message = TRY(reader.message(id));
  report.attempts = TRY(reader.attempts(id));
  if (show.headers) report.header = TRY(read_header(reader, id));
  return report;
}

Result<void> show_message(const CommonOptions& options, const QueueShowOptions& show) {
  const Settings settings = TRY(settings_for_looking(options));
  if (show.raw && (show.headers || options.output != Output::Text))
    return fail("--raw prints the content and nothing else; next: leave out --headers and --json",
                exit_code::kUsage);
  const MessageId id = TRY(find(settings, show.id));
  auto reader = TRY(open_reader(settings));
  if (show.raw) return print_content(reader, id);
  const MessageReport told = TRY(report(reader, id, show));
  if (options.output == Output::Text)
    print(message_page(told, TRY(reader.upstreams()), SystemClock().wall()));
  else
    print(encode_message_report(told) + "\n");
  return {};
}

}  // namespace

int command_queue_show(const CommonOptions& options, const QueueShowOptions& show) {
  const auto shown = show_message(options, show);
  if (!shown) return complain(options, shown.error());
  return finish(0);
}

}  // namespace mailchute
