// The checks of the running daemon: there, of this version, confined, taking mail, and reachable where
// applications look for it.
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/file_facts.h"
#include "command/greeting.h"
#include "command/process_facts.h"
#include "command/status_view.h"
#include "command/words.h"
#include "net/listening.h"

namespace mailchute {

namespace {

constexpr std::uint64_t kFilesLeast = 2048;
constexpr char kStart[] = "systemctl start mailchute";
constexpr char kEdit[] = "systemctl edit mailchute";
constexpr char kRestart[] = "systemctl restart mailchute";
constexpr char kJournal[] = "journalctl -u mailchute -n 50";

/// Whose listener it is. Who is not root sees few processes, and then a listener may well be ours.
enum class Holder { Nobody, Ours, Unseen, Other };

Holder whose(const std::optional<std::string>& holder) {
  if (!holder) return Holder::Nobody;
  if (holder->starts_with("systemd ") || holder->starts_with("mailchute ")) return Holder::Ours;
  return holder->empty() && ::geteuid() != 0 ? Holder::Unseen : Holder::Other;
}

Phrase holder_phrase(const std::string& holder) {
  return holder.empty() ? Phrase{holder_in_words(holder), "别的程序"} : untranslated(holder);
}

/// A connection would make systemd start the daemon: the kernel's table is asked instead.
void check_unasked(const std::optional<std::string>& holder, Findings& findings) {
  switch (whose(holder)) {
    case Holder::Nobody: return findings.ok(said({"free for the daemon", "空闲，守护进程可以使用"}));
    case Holder::Ours: return findings.ok(said({"kept by {}", "由 {} 保管"}, {*holder}));
    case Holder::Unseen:
      return findings.unseen(
          said({"somebody listens there, and only root sees who", "已有程序在监听，只有 root 看得到是谁"}));
    case Holder::Other: break;
  }
  findings.fail(said({"taken by {}: the daemon cannot listen there", "被 {} 占用：守护进程无法在此监听"},
                     {holder_phrase(*holder)}),
                said({"stop the other program, or write another address into listen.smtp",
                      "停掉那个程序，或在 listen.smtp 中写别的地址"}));
}

/// Without the address itself, which stands before it already.
std::string why_silent(const Error& error, const std::string& address) {
  const std::string before = address + ": ";
  return error.text.starts_with(before) ? error.text.substr(before.size()) : error.text;
}

Phrase stop_it() {
  return said({"stop the other program, then: {}", "停掉那个程序，再运行：{}"}, {kRestart});
}

void check_address(const Patient& patient, const std::string& text, Findings findings) {
  const auto address = SocketAddress::parse(text);
  if (!address)
    return findings.fail(said({"it is no address with a port", "不是带端口的地址"}),
                         fix_by(patient, "check"));
  const auto holder = listener_at(address->port());
  if (!patient.live) return check_unasked(holder, findings);
  const auto greeting = greeting_at(*address, kCheckPatience);
  if (greeting && is_our_greeting(*greeting))
    return findings.ok(said({"ours, and it answers", "是本程序，且有应答"}));
  if (!greeting && greeting.error().code == exit_code::kNoSuchAddress)
    return findings.ok(
        said({"this machine has no such address; it is passed over", "本机没有这个地址；已略过"}));
  const bool refused =
      !greeting && greeting.error().code == exit_code::kNotRunning;  // nobody is at this address of the port
  const bool others = !refused && whose(holder) == Holder::Other;
  const Phrase by = others ? said({", taken by {}", "，被 {} 占用"}, {holder_phrase(*holder)}) : Phrase();
  if (!greeting)
    return findings.fail(untranslated(why_silent(greeting.error(), address->text())) + by,
                         others ? stop_it() : typed(kRestart));
  const std::string words = printable(*greeting, 200);
  if (greeting->starts_with("421") && !others)
    return findings.warn(said({"it answers: {}", "它的应答是：{}"}, {words}), fix_by(patient, "status"));
  findings.fail(said({"another program answers there{}: {}", "那里应答的是别的程序{}：{}"}, {by, words}),
                stop_it());
}

void check_socket(const Patient& patient, const std::string& path, mode_t mode, Findings findings) {
  if (path.empty()) return;
  const FileFacts facts = look_at(path);
  if (facts.kind == FileFacts::Kind::Missing && !patient.live)
    return findings.ok(said({"{} is made when the daemon starts", "{} 在守护进程启动时建立"}, {path}));
  const auto fault = fault_of_socket(path, facts, mode);
  if (fault) return findings.fail(fault->found, fault->fix);
  findings.ok(untranslated(path + ", " + describe(facts)));
}

/// Of the names in /etc/hosts some are of addresses that the kernel was told not to have.
bool is_here(const SocketAddress& address) {
  std::string host = address.text().substr(0, address.text().rfind(':'));
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  const auto any_port = SocketAddress::numeric(host, 0);
  return any_port && listen_on(*any_port).has_value();
}

/// The addresses that this machine means by `localhost`.
std::vector<std::string> addresses_of_localhost() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> addresses;
  if (::getaddrinfo("localhost", "25", &hints, &found) != 0) return addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next)
    if (const auto address = SocketAddress::from(*each->ai_addr); address && is_here(*address))
      addresses.push_back(address->text());
  ::freeaddrinfo(found);
  return addresses;
}

std::string without_port(const std::string& address) { return address.substr(0, address.rfind(':')); }

bool listens_at(const Settings& settings, const std::string& host) {
  return std::any_of(settings.listen.smtp.begin(), settings.listen.smtp.end(),
                     [&](const std::string& each) { return without_port(each) == host; });
}

/// What is not as the unit makes it, and what mends it.
std::vector<std::pair<Phrase, Phrase>> process_faults(const ProcessFacts& facts) {
  std::vector<std::pair<Phrase, Phrase>> faults;
  const Phrase unit =
      said({"let systemd run it: {}", "让 systemd 来运行它：{}"}, {"systemctl enable --now mailchute"});
  if (facts.user == 0u)
    faults.emplace_back(
        said({"it runs as root: a mistake in it would be root's", "它以 root 运行：它出错就等于 root 出错"}),
        said({"useradd --system mailchute, or systemd-sysusers; then restart it",
              "运行 useradd --system mailchute 或 systemd-sysusers，然后重启它"}));
  if (facts.user != 0u && facts.capabilities.value_or(0) != 0)
    faults.emplace_back(
        said({"it has capabilities that it does not need", "它拥有不需要的特权（capabilities）"}), unit);
  if (facts.core_bytes_max.value_or(0) != 0)
    faults.emplace_back(said({"a crash could write its memory, secrets too, into a core file",
                              "一旦崩溃，内存内容（包括密码）可能写进 core 文件"}),
                        unit);
  if (facts.files_max.value_or(kFilesLeast) < kFilesLeast)
    faults.emplace_back(said({"it may have few files and connections open (RLIMIT_NOFILE)",
                              "它能同时打开的文件和连接太少（RLIMIT_NOFILE）"}),
                        said({"LimitNOFILE=8192 in: {}", "写入 LimitNOFILE=8192：{}"}, {kEdit}));
  return faults;
}

Phrase process_words(const ProcessFacts& facts) {
  Phrase words = facts.user ? said({"user {}", "用户 {}"}, {std::to_string(*facts.user)})
                            : said({"user unknown", "用户未知"});
  if (facts.core_bytes_max) words = words + said({", no core files", "，不写 core 文件"});
  if (facts.no_new_privileges == 1) words = words + said({", no new privileges", "，不能获得新特权"});
  if (facts.seccomp.value_or(0) != 0) words = words + said({", system calls filtered", "，系统调用受过滤"});
  return words;
}

}  // namespace

void check_daemon(Patient& patient, Findings& findings) {
  if (!patient.live && patient.live.error().code == exit_code::kNotRunning)
    return findings.fail(said({"the daemon is not running", "守护进程没有运行"}), typed(kStart));
  if (!patient.look)
    return findings.unseen(said({"the configuration says where it listens", "要由配置说明它在哪里监听"}));
  if (!patient.live) return findings.fail(found_of(patient.live.error()), typed(kJournal));
  if (patient.look->broken) return findings.warn(*patient.look->broken, fix_by(patient, "check"));
  const LiveStatus& live = *patient.live;
  if (live.version != MAILCHUTE_VERSION)
    return findings.warn(said({"it is version {}, and this command {}", "它的版本是 {}，而这个命令是 {}"},
                              {printable(live.version, 40), MAILCHUTE_VERSION}),
                         typed(kRestart));
  const std::string path = printable(live.config_path, 300);
  if (!live.config_path.empty() && live.config_path != patient.config_path)
    return findings.warn(
        said({"it runs with {}, not with {}", "它用的是 {}，不是 {}"}, {path, patient.config_path}),
        typed("mailchute doctor --config " + path));
  findings.ok(said({"version {}, up {}, process {}", "版本 {}，已运行 {}，进程 {}"},
                   {printable(live.version, 40), spoken(std::chrono::seconds(live.uptime_seconds)),
                    std::to_string(live.pid)}));
}

void check_process(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.unseen(why_not_asked(patient));
  const auto facts = process_facts(patient.live->pid);
  if (!facts) return findings.unseen(said({"the kernel does not show it to us", "内核不让我们看到它"}));
  bool good = true;
  for (const auto& [found, fix] : process_faults(*facts)) {
    findings.warn(found, fix);
    good = false;
  }
  if (good) findings.ok(process_words(*facts));
}

void check_admission(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.unseen(why_not_asked(patient));
  const std::string& state = patient.live->admission;
  if (const auto& spent = patient.live->spent_share; spent && state == "open")
    return findings.warn(said({"mail of {} is refused (452): {} of it wait, as much as is left for all",
                               "拒收{}的邮件（452）：其等待中的邮件占 {}，已不少于为所有人剩下的空间"},
                              {user_words(spent->uid), short_size(spent->bytes)}),
                         fix_by(patient, "queue list"));
  if (state == "open") return findings.ok(said({"new mail is taken", "接收新邮件"}));
  if (state == "disk_reserve")
    return findings.fail(
        said({"new mail is refused (452): the disk is nearly full", "拒收新邮件（452）：磁盘快满了"}),
        said({"make room on the queue's disk", "在队列所在的磁盘上腾出空间"}));
  if (state == "queue_full")
    return findings.fail(said({"new mail is refused (452): the queue holds queue.max_bytes",
                               "拒收新邮件（452）：队列已达 queue.max_bytes"}),
                         fix_by(patient, "queue list"));
  findings.fail(
      said({"new mail is refused (451): the queue cannot be written", "拒收新邮件（451）：队列无法写入"}),
      typed(kJournal));
}

void check_alerts(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.unseen(why_not_asked(patient));
  if (patient.live->alerts.empty()) return findings.ok(said({"none is open", "没有未了结的告警"}));
  for (const LiveAlert& alert : patient.live->alerts)
    findings.about(printable(alert.event, 40))
        .warn(said({"{}, since {}", "{}，始于 {}"}, {alert_phrase(alert), rfc3339(alert.since)}),
              fix_by(patient, "explain " + printable(alert.event, 40)));
}

void check_sockets(Patient& patient, Findings& findings) {
  const auto& listen = patient.settings->listen;
  check_socket(patient, listen.control, 0660, findings.about("control"));
  check_socket(patient, listen.submit, 0666, findings.about("submit"));
}

void check_listeners(Patient& patient, Findings& findings) {
  if (patient.settings->listen.smtp.empty())
    return findings.ok(said({"no port is configured", "没有配置端口"}));
  for (const std::string& address : patient.settings->listen.smtp)
    check_address(patient, address, findings.about(address));
}

void check_loopback(Patient& patient, Findings& findings) {
  const auto addresses = addresses_of_localhost();
  if (addresses.empty())
    return findings.warn(
        said({"the name localhost leads nowhere", "localhost 这个名字没有地址"}),
        said({"write into /etc/hosts: {}", "在 /etc/hosts 中写入：{}"}, {"127.0.0.1 localhost"}));
  std::string all;
  for (const std::string& each : addresses) {
    const std::string host = without_port(each);
    if (all.find(host) == std::string::npos) all += (all.empty() ? "" : ", ") + host;
    if (!patient.settings->listen.smtp.empty() && !listens_at(*patient.settings, host))
      return findings.warn(
          said({"localhost is {} too, where nobody listens: applications that try it first are refused",
                "localhost 也是 {}，那里没有监听：先试它的程序会被拒绝"},
               {host}),
          said({"write \"{}:25\" into listen.smtp", "在 listen.smtp 中写入 \"{}:25\""}, {host}));
  }
  findings.ok(said({"localhost is {}", "localhost 是 {}"}, {all}));
}

}  // namespace mailchute
