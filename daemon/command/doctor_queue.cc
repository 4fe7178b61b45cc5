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

Phrase recipients(std::int64_t count) {
  return counted(static_cast<std::uint64_t>(count), "recipient", "个收件人");
}

}  // namespace

void check_queue_health(Patient& patient, Findings& findings) {
  if (!patient.look)
    return findings.unseen(said({"the configuration says where it is", "要由配置说明它在哪里"}));
  if (no_queue_yet(patient)) return findings.ok(said({"there is no queue yet", "还没有队列"}));
  if (!patient.queue && patient.queue_error.code == exit_code::kPermission)
    return findings.unseen(said({"only root and the daemon may read it", "只有 root 和守护进程可以读取"}));
  if (!patient.queue)
    return findings.fail(found_of(patient.queue_error),
                         fix_of(patient.queue_error, typed("journalctl -u mailchute -n 50")));
  const auto check = patient.queue->quick_check(kCheckPatience);
  if (!check)
    return findings.fail(untranslated(check.error().text),
                         said({"{} (is the disk failing?)", "{}（磁盘是不是坏了？）"}, {"dmesg | tail"}));
  if (!check->fault.empty())
    return findings.fail(said({"the file is damaged: {}", "文件已损坏：{}"}, {printable(check->fault, 300)}),
                         said({"{} while it can be read; then put a good copy in its place",
                               "趁还能读取时运行 {}；然后换上完好的副本"},
                              {fix_by(patient, "backup FILE")}));
  if (check->seen == QuickCheck::Seen::Whole)
    return findings.ok(said({"ours, of this version, and whole", "是本程序这一版本的，完好"}));
  findings.ok(
      said({"ours, of this version; too large to be looked through in {}, and whole as far as that came",
            "是本程序这一版本的；太大，{}内看不完，看过的部分完好"},
           {spoken(kCheckPatience)}));
}

void check_disk(Patient& patient, Findings& findings) {
  const auto room = room_beside(patient.settings->queue.path);
  if (!room) return findings.ok(said({"the queue's folder is not there yet", "队列的目录还不存在"}));
  const std::uint64_t reserve = patient.settings->queue.reserve;
  const Phrase words =
      said({"{} free, of which {} are kept (queue.reserve)", "剩余 {}，其中 {} 要保留（queue.reserve）"},
           {short_size(room->free), short_size(reserve)});
  const Phrase fix = said({"make room: {}", "腾出空间：{}"}, {"du -xh --max-depth=2 / | sort -h | tail"});
  if (room->free < reserve)
    return findings.fail(words + said({": new mail is refused (452)", "：新邮件被拒收（452）"}), fix);
  if (room->inodes > 0 && room->free_inodes < 100)
    return findings.fail(said({"no more files can be made on the queue's disk (inodes)",
                               "队列所在的磁盘无法再建文件（inode 用完）"}),
                         said({"remove files nobody needs", "删除没有用的文件"}));
  if (room->free < 2 * reserve)
    return findings.warn(words + said({": soon new mail is refused", "：很快会拒收新邮件"}), fix);
  findings.ok(words);
}

void check_file_system(Patient& patient, Findings& findings) {
  const Phrase frail = frail_file_system(patient.settings->queue.path);
  if (frail.empty()) return findings.ok(said({"a local disk", "本地磁盘"}));
  findings.warn(said({"the queue's folder {}", "队列的目录不宜放在这里：{}"}, {frail}),
                said({"put queue.path on a local disk, or a volume", "把 queue.path 放到本地磁盘或卷上"}));
}

void check_waiting(Patient& patient, Findings& findings) {
  if (!patient.summary)
    return findings.unseen(said({"there is no queue that could be read", "没有可以读取的队列"}));
  const QueueSummary& queue = *patient.summary;
  bool good = true;
  const auto warn = [&](const Phrase& found, const std::string& words) {
    findings.warn(found, fix_by(patient, words));
    good = false;
  };
  const Duration patience = patient.settings->notify.oldest_message;
  const Duration limit = patience > Duration::zero() ? patience : Duration(std::chrono::hours(1));
  if (queue.oldest && patient.now - *queue.oldest > limit)
    warn(said({"a message has waited for {}", "有邮件已等待 {}"}, {spoken(patient.now - *queue.oldest)}),
         "queue list --older " + short_duration(limit));
  if (queue.held > 0)
    warn(said({"{} held back", "{}被扣留"}, {recipients(queue.held)}), "queue list --state held");
  if (queue.uncertain > 0)
    warn(said({"{} may have been reached already", "{}可能已经收到"}, {recipients(queue.uncertain)}),
         "queue list --state uncertain");
  if (queue.last_hour.failed > 0)
    warn(
        said({"{} failed in the last hour", "最近一小时有 {}投递失败"}, {recipients(queue.last_hour.failed)}),
        "queue list --state failed --younger 1h");
  if (!good) return;
  if (queue.messages == 0) return findings.ok(said({"the queue is empty", "队列是空的"}));
  findings.ok(said({"{}, none for long", "{}，都没有等很久"},
                   {counted(static_cast<std::uint64_t>(queue.messages), "message", "封邮件")}));
}

}  // namespace mailchute
