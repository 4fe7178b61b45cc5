// The checks of the queue: whole, on a disk that keeps it and has room, and not full of what does not get
// away.
#include <sys/statvfs.h>

#include <algorithm>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/words.h"
#include "store/space.h"

namespace mailchute {

namespace {

struct Room {
  std::uint64_t free = 0;
  std::uint64_t free_inodes = 0;
  std::uint64_t inodes = 0;
};

std::optional<Room> room_beside(const std::string& path) {
  const std::string folder = path.substr(0, std::max<std::size_t>(1, path.rfind('/')));
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0) return std::nullopt;
  return Room{static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize, facts.f_favail, facts.f_files};
}

bool no_queue_yet(const Patient& patient) {
  return !patient.queue && patient.queue_error.code == exit_code::kNoInput;
}

}  // namespace

void check_queue_health(Patient& patient, Findings& findings) {
  if (no_queue_yet(patient)) return findings.ok("there is no queue yet");
  if (!patient.queue)
    return findings.fail(found_of(patient.queue_error),
                         fix_of(patient.queue_error, "journalctl -u mailchute -n 50"));
  const auto check = patient.queue->quick_check(kCheckPatience);
  if (!check) return findings.fail(check.error().text, "dmesg | tail (is the disk failing?)");
  if (!check->fault.empty())
    return findings.fail(
        "the file is damaged: " + printable(check->fault, 300),
        fix_by(patient, "backup FILE") + " while it can be read; then put a good copy in its place");
  findings.ok(check->seen == QuickCheck::Seen::Whole
                  ? "ours, of this version, and whole"
                  : "ours, of this version; too large to be looked through in " +
                        long_duration(kCheckPatience) + ", and whole as far as that came");
}

void check_disk(Patient& patient, Findings& findings) {
  const auto room = room_beside(patient.settings->queue.path);
  if (!room) return findings.ok("the queue's folder is not there yet");
  const std::uint64_t reserve = patient.settings->queue.reserve;
  const std::string words =
      short_size(room->free) + " free, of which " + short_size(reserve) + " are kept (queue.reserve)";
  const std::string fix = "make room: du -xh --max-depth=2 / | sort -h | tail";
  if (room->free < reserve) return findings.fail(words + ": new mail is refused (452)", fix);
  if (room->inodes > 0 && room->free_inodes < 100)
    return findings.fail("no more files can be made on the queue's disk (inodes)",
                         "remove files nobody needs");
  if (room->free < 2 * reserve) return findings.warn(words + ": soon new mail is refused", fix);
  findings.ok(words);
}

void check_file_system(Patient& patient, Findings& findings) {
  const std::string frail = frail_file_system(patient.settings->queue.path);
  if (frail.empty()) return findings.ok("a local disk");
  findings.warn("the queue's folder " + frail, "put queue.path on a local disk, or a volume");
}

void check_waiting(Patient& patient, Findings& findings) {
  if (!patient.summary) return findings.ok("nothing can be said without the queue");
  const QueueSummary& queue = *patient.summary;
  bool good = true;
  const auto warn = [&](const std::string& found, const std::string& words) {
    findings.warn(found, fix_by(patient, words));
    good = false;
  };
  const Duration patience = patient.settings->notify.oldest_message;
  const Duration limit = patience > Duration::zero() ? patience : Duration(std::chrono::hours(1));
  if (queue.oldest && patient.now - *queue.oldest > limit)
    warn("a message has waited for " + long_duration(patient.now - *queue.oldest),
         "queue list --older " + short_duration(limit));
  if (queue.held > 0)
    warn(counted(static_cast<std::uint64_t>(queue.held), "recipient") + " held back",
         "queue list --state held");
  if (queue.uncertain > 0)
    warn(counted(static_cast<std::uint64_t>(queue.uncertain), "recipient") + " may have been reached already",
         "queue list --state uncertain");
  if (queue.last_hour.failed > 0)
    warn(
        counted(static_cast<std::uint64_t>(queue.last_hour.failed), "recipient") + " failed in the last hour",
        "queue list --state failed --younger 1h");
  if (good)
    findings.ok(queue.messages == 0
                    ? "the queue is empty"
                    : counted(static_cast<std::uint64_t>(queue.messages), "message") + ", none for long");
}

}  // namespace mailchute
