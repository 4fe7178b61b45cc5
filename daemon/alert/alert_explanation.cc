#include "alert/alert_explanation.h"

#include <algorithm>
#include <array>

namespace mailchute {

namespace {

struct Row {
  AlertEvent event;
  const char* words;
  const char* words_zh;
};

constexpr std::array kRows = {
    Row{AlertEvent::LoginRefused,
        "A provider does not accept user and secret. No mail is lost: it waits, and the login is tried again "
        "ever more seldom, so that the account is not locked. `mailchute explain` with the upstream's name "
        "says which of the provider's reasons it was. Usually the secret has been changed or revoked: store "
        "the new one with `mailchute credential set` and that name, and it is tried at once.",
        "邮件服务商不接受用户名和密码（授权码）。邮件没有丢，都在等待；为了不让账号被锁，登录会越来越少地重试"
        "。"
        "用 `mailchute explain 上游名` 可以看到具体原因。通常是密码（授权码）改了或失效了：用 `mailchute "
        "credential set 上游名` 存入新的，会马上重试。"},
    Row{AlertEvent::UpstreamDown,
        "A provider has not been usable for a quarter of an hour: it cannot be reached, ends the connection, "
        "or says "
        "that it has trouble. Mail waits and goes out by itself once it works again. `mailchute doctor` "
        "tells "
        "whether it is this machine's network, the name, the port, TLS, or the provider.",
        "邮件服务商已有一刻钟无法使用：连不上、连接被断开，或它自己出了故障。邮件在等待，恢复后会自动发出。用"
        " "
        "`mailchute doctor` 可以看出是本机网络、域名、端口、TLS 还是服务商的问题。"},
    Row{AlertEvent::Certificate,
        "The provider could not prove that it is who it says: its certificate is expired, for another name, "
        "or "
        "signed by nobody whom this machine trusts. Neither secret nor mail is shown to it. Look at this "
        "machine's "
        "clock and at its CA certificates first; a proxy that opens TLS, or a wrong host, looks the same. "
        "For a "
        "server of your own set ca_file.",
        "服务商没能证明自己的身份：证书过期、域名不符，或者不是本机信任的机构签发。密码和邮件都不会发给它。请"
        "先检"
        "查本机的时间和 CA 证书；中间有解密 TLS 的代理或服务器地址写错也会这样。自己的服务器请设置 "
        "ca_file。"},
    Row{AlertEvent::Secret,
        "There is nothing to log in with: the file with the secret is missing, empty or may not be read, the "
        "command "
        "that prints it fails, or the provider offers no form of login that fits it. Mail waits. The detail "
        "says "
        "which it is; mend it and type `mailchute reload`.",
        "没有可用来登录的密码：密码文件不存在、是空的或无权读取，输出密码的命令失败，或者服务商不提供合适的登"
        "录方式"
        "。邮件在等待。详细信息里有具体原因，改好后运行 `mailchute reload`。"},
    Row{AlertEvent::QuotaHeld,
        "A rate, a quota, or a provider's own \"slow down\" has held mail back for a quarter of an hour. "
        "Nothing is "
        "broken: mail goes out as room comes. If that happens often, spread mail over more accounts, ask the "
        "provider for more, or let the app that floods send less.",
        "由于速率、额度限制，或服务商要求放慢，邮件已被压住一刻钟。这不是故障：有余量时会陆续发出。如果经常这"
        "样，请"
        "分散到多个账号、向服务商申请更高的额度，或让发信过多的程序少发一些。"},
    Row{AlertEvent::OldestMessage,
        "A message has waited for longer than notify.after.oldest_message. `mailchute queue list` says for "
        "each one "
        "why and when it is tried next; `mailchute explain ID` says what to do.",
        "有邮件等待的时间超过了 notify.after.oldest_message。`mailchute queue list` "
        "列出每一封在等什么、什么时候再试；`mailchute explain ID` 说明该怎么办。"},
    Row{AlertEvent::DiskReserve,
        "The disk of the queue has less free than queue.reserve. Apps are told to come again later (452), "
        "and what is "
        "queued still goes out. Make room on that disk; new mail is then taken by itself.",
        "队列所在磁盘的剩余空间低于 "
        "queue."
        "reserve。程序发信会被告知稍后再来（452），队列里的邮件照常发出。请腾出空间，之后会自动恢复接收。"},
    Row{AlertEvent::QueueFull,
        "The queue holds queue.max_bytes. Apps are told to come again later (452). Find out why mail does "
        "not get out "
        "(`mailchute status`), remove what nobody needs (`mailchute queue remove`), or raise the limit.",
        "队列已达到 queue.max_bytes。程序发信会被告知稍后再来（452）。请查清邮件为什么发不出去（`mailchute "
        "status`），删除没用的（`mailchute queue remove`），或调高上限。"},
    Row{AlertEvent::StoreBroken,
        "The queue could not be written or synced, so nothing more is promised to anybody; the daemon ends "
        "and systemd "
        "starts it again. What was acknowledged before is on disk. Look at the disk (`dmesg`, `journalctl -u "
        "mailchute`); make a copy with `mailchute backup` while it can still be read.",
        "队列无法写入或同步到磁盘，因此不再接收任何邮件；程序会退出并由 systemd "
        "重新启动。此前确认过的邮件都在磁盘上。请检查磁盘（`dmesg`、`journalctl -u "
        "mailchute`），趁还能读取时用 "
        "`mailchute backup` 备份一份。"},
    Row{AlertEvent::MessageUntold,
        "A message failed for good and its sender could not be told: it has none, or the notice itself was "
        "refused. "
        "`mailchute queue list --state failed` shows which; set root: to somebody who reads mail, so that "
        "notices "
        "have a place to go.",
        "一封邮件最终失败，而且没能通知发件人：它没有发件人，或者通知也被拒收。用 `mailchute queue list "
        "--state "
        "failed` 可以看到是哪一封；请把 root: 设为有人看的邮箱，让通知有地方去。"},
    Row{AlertEvent::ProviderAsks,
        "A provider said something that only a person can answer: confirm a login in its web pages, switch "
        "SMTP on, "
        "pay, or stop sending what it takes for spam. Its words are in the detail; `mailchute explain` with "
        "the "
        "upstream's name says what they mean.",
        "服务商的答复需要人来处理：到网页上确认登录、开启 "
        "SMTP、续费，或者不要再发它认为是垃圾的邮件。原话在详细信息里"
        "，`mailchute explain 上游名` 会解释它的意思。"},
};

}  // namespace

std::optional<AlertEvent> event_named(std::string_view word) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& each) { return event_name(each.event) == word; });
  return row == kRows.end() ? std::nullopt : std::optional(row->event);
}

Explanation event_explanation(AlertEvent event) {
  const auto row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.event == event; });
  if (row == kRows.end()) return {};
  return {row->words, row->words_zh};
}

}  // namespace mailchute
