#include <unistd.h>

#include <string>

#include "base/clock.h"
#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/message_view.h"
#include "command/own_mail.h"
#include "command/queue_access.h"
#include "command/sendmail_modes.h"
#include "command/submit_place.h"
#include "control/presence.h"
#include "settings/load.h"

namespace mailchute {

namespace {

/// What others who list a mail queue say: there are programs that look for it.
constexpr char kEmpty[] = "Mail queue is empty\n";

/// The queue's owner, and root, see it whether or not the daemon runs.
std::optional<QueueReader> readable_queue(const Loaded& loaded) {
  if (!loaded.settings) return std::nullopt;
  const std::string& path = loaded.settings->queue.path;
  if (::access(path.c_str(), R_OK) != 0) return std::nullopt;
  auto reader = open_reader(*loaded.settings);
  if (!reader) return std::nullopt;
  return std::move(*reader);
}

/// Prints as the messages come, with a heading before the first.
class Printer {
 public:
  void add(const SeenMessage& message, const std::vector<UpstreamState>& upstreams) {
    if (printed_++ == 0) print(message_list_header(screen_));
    print(message_row(message, waiting(message, upstreams, now_), now_, screen_));
  }
  void end() const {
    if (printed_ == 0) print(kEmpty);
  }

 private:
  WallTime now_ = SystemClock().wall();
  std::size_t screen_ = screen_width();
  std::size_t printed_ = 0;
};

Result<void> print_queue(QueueReader& reader, Printer& printer) {
  const auto upstreams = TRY(reader.upstreams());
  return reader.list({}, SIZE_MAX, [&](const SeenMessage& message) { printer.add(message, upstreams); });
}

/// Whoever may not read the configuration does not know where the daemon would say that it is there: then it
/// is asked, and started by that where systemd keeps its socket.
Result<void> print_own_mail(const Loaded& loaded, Printer& printer) {
  if (loaded.settings && !daemon_is_present(loaded.settings->listen.control))
    return fail(
        "the daemon is not running, and nobody else can show you your mail; next, as root: "
        "systemctl start mailchute",
        exit_code::kNotRunning);
  return read_own_mail(submit_place().socket, [&](const OwnMailPage& page) {
    for (const OwnMailPage::Entry& entry : page.entries) printer.add(entry.message, page.upstreams);
  });
}

}  // namespace

int list_mail() {
  Printer printer;
  const Loaded loaded = load(options_of_process(""));
  auto reader = readable_queue(loaded);
  if (reader) say_if_stopped(*loaded.settings);
  const auto listed = reader ? print_queue(*reader, printer) : print_own_mail(loaded, printer);
  if (!listed) {
    say("mailq: " + listed.error().text);
    return finish(listed.error().code);
  }
  printer.end();
  return finish(0);
}

}  // namespace mailchute
