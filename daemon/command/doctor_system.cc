// The checks of the machine around the daemon: its clock and names, who reads local mail, sendmail, systemd.
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/doctor_words.h"
#include "command/file_facts.h"
#include "net/loop.h"
#include "net/system_dialer.h"
#include "settings/aliases.h"

namespace mailchute {

namespace {

constexpr char kSendmail[] = "/usr/sbin/sendmail";
constexpr char kInstall[] = "apt install mailchute-mta";
constexpr std::size_t kTargetsMost = 1000;

std::optional<WallTime> latest_event(Patient& patient) {
  if (!patient.queue) return std::nullopt;
  const auto events = patient.queue->events(1);
  if (!events || events->empty()) return std::nullopt;
  return events->front().at;
}

/// As the kernel was told by whoever keeps the time.
bool clock_is_kept() {
  timex question{};
  return ::adjtimex(&question) != TIME_ERROR;
}

std::string addresses(const std::vector<Mailbox>& all) {
  std::string text;
  for (const Mailbox& each : all) text += (text.empty() ? "" : ", ") + printable(each.text());
  return text;
}

/// A name that leads back to a bare name or to itself is read by nobody.
void check_alias(const Aliases& aliases, const std::string& name, Findings findings, bool& good) {
  const auto targets = aliases.resolve(Mailbox(name, ""), kTargetsMost);
  if (!targets) {
    findings.fail(untranslated(targets.error().text), said({"mend it in aliases or aliases_file, then: {}",
                                                            "在 aliases 或 aliases_file 中改正，再运行：{}"},
                                                           {"mailchute reload"}));
    good = false;
    return;
  }
  for (const Mailbox& target : *targets) {
    if (!aliases.is_local(target)) continue;
    findings.warn(said({"it leads to {}, a name of this machine that nobody reads",
                        "它指向 {}，这是本机的一个名字，没有人读它的邮件"},
                       {printable(target.text())}),
                  said({"set root: to somebody's address", "把 root: 设为某人的邮箱地址"}));
    good = false;
    return;
  }
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat one {};
  struct stat other {};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

}  // namespace

void check_clock(Patient& patient, Findings& findings) {
  const Phrase fault = fault_of_clock(patient.now, latest_event(patient));
  constexpr char kSetNtp[] = "timedatectl set-ntp true";
  if (!fault.empty())
    return findings.fail(fault, said({"{}, or set the clock by hand", "{}，或手工校准时钟"}, {kSetNtp}));
  if (!clock_is_kept())
    return findings.warn(
        said({"it seems right, but nothing keeps it so: certificates and retries depend on it",
              "看来是准的，但没有校时服务：证书和重试都依赖时钟"}),
        said({"{}, or install chrony", "{}，或安装 chrony"}, {kSetNtp}));
  findings.ok(said({"{}, kept by a time service", "{}，由校时服务保持"}, {rfc3339(patient.now)}));
}

void check_names(Patient& patient, Findings& findings) {
  const Settings& settings = *patient.settings;
  const Phrase host = fault_of_host_name(settings.hostname);
  const Phrase domain = fault_of_mail_domain(settings.mail_domain);
  const std::string name = printable(settings.hostname), mail = printable(settings.mail_domain);
  if (!host.empty())
    findings.about("hostname")
        .warn(untranslated(name + ": ") + host,
              said({"set hostname: to this machine's full name", "把 hostname: 设为本机的完整主机名"}));
  if (!domain.empty())
    findings.about("mail_domain")
        .warn(
            said({"bare names become user@{}, and {}", "不带域名的地址会变成 user@{}，而{}"}, {mail, domain}),
            said({"set mail_domain: to a domain of yours", "把 mail_domain: 设为你自己的域名"}));
  if (host.empty() && domain.empty())
    findings.ok(said({"{}; bare names become user@{}", "{}；不带域名的地址会变成 user@{}"}, {name, mail}));
}

void check_root(Patient& patient, Findings& findings) {
  const auto readers = aliases_of(*patient.settings).resolve(Mailbox("root", ""), kTargetsMost);
  const bool read = readers && std::none_of(readers->begin(), readers->end(), [&](const Mailbox& each) {
                      return aliases_of(*patient.settings).is_local(each);
                    });
  if (!read)
    return findings.warn(
        said({"nobody reads the mail for root: cron's output and notices of failures have no reader",
              "没有人读发给 root 的邮件：cron 的输出和失败通知没有收件人"}),
        said({"set root: you@example.com in {}", "设置 root: you@example.com，在 {} 中"},
             {patient.config_path}));
  findings.ok(said({"mail for root goes to {}", "发给 root 的邮件送到 {}"}, {addresses(*readers)}));
}

void check_aliases(Patient& patient, Findings& findings) {
  const Aliases aliases = aliases_of(*patient.settings);
  bool good = true;
  for (const auto& [name, targets] : patient.settings->alias_table)
    if (!targets.empty()) check_alias(aliases, name, findings.about(printable(name, 64)), good);
  if (!good) return;
  const std::size_t count = patient.settings->alias_table.size();
  findings.ok(count == 0
                  ? said({"none", "没有别名"})
                  : said({"{}, and each leads to somebody", "{} 个，每个都有人收"}, {std::to_string(count)}));
}

void check_notify(Patient& patient, Findings& findings) {
  const CommandLine& command = patient.settings->notify.command;
  if (command.empty())
    return findings.ok(said({"no notify.command: alerts are in the log and in status alone",
                             "没有 notify.command：告警只在日志和 status 中"}));
  const std::string program = printable(command.front(), 300);
  struct stat facts {};
  if (::stat(command.front().c_str(), &facts) != 0)
    return findings.fail(said({"{} is not there", "{} 不存在"}, {program}),
                         said({"install it, or mend notify.command", "安装它，或改正 notify.command"}));
  const bool for_all = (facts.st_mode & 0111) == 0111;
  if (!S_ISREG(facts.st_mode) || ::access(command.front().c_str(), X_OK) != 0)
    return findings.fail(said({"{} cannot be executed", "{} 无法执行"}, {program}),
                         typed("chmod 0755 " + program));
  if (!for_all && patient.daemon_user && *patient.daemon_user != facts.st_uid && *patient.daemon_user != 0)
    return findings.warn(
        said({"the daemon's user may not be able to execute {}", "守护进程的用户可能无法执行 {}"}, {program}),
        typed("chmod 0755 " + program));
  findings.ok(said({"{} can be run", "{} 可以运行"}, {program}));
}

void check_roots(Patient& patient, Findings& findings) {
  Loop loop;
  SystemDialer dialer(loop);
  std::set<std::string> files;
  for (const UpstreamSettings& upstream : patient.settings->upstreams)
    if (upstream.tls != TlsMode::None) files.insert(upstream.ca_file);
  if (files.empty()) return findings.ok(said({"no upstream uses TLS", "没有使用 TLS 的上游"}));
  bool good = true;
  for (const std::string& file : files) {
    const auto loaded = dialer.load_roots(file);
    if (loaded) continue;
    findings.fail(untranslated(loaded.error().text),
                  file.empty() ? typed("apt install ca-certificates")
                               : said({"mend ca_file, then: {}", "改正 ca_file，再运行：{}"},
                                      {fix_by(patient, "reload")}));
    good = false;
  }
  if (good)
    findings.ok(files.count("") > 0
                    ? said({"the system's roots can be loaded", "系统的根证书可以加载"})
                    : said({"the roots of ca_file can be loaded", "ca_file 中的根证书可以加载"}));
}

void check_sendmail(Patient&, Findings& findings) {
  if (::access(kSendmail, F_OK) != 0)
    return findings.warn(
        said({"there is no {}: cron, at and PHP's mail() cannot hand in mail",
              "没有 {}：cron、at 和 PHP 的 mail() 无法交出邮件"},
             {kSendmail}),
        said({"{}, or: {}", "{}，或：{}"}, {kInstall, "ln -s /usr/sbin/mailchute /usr/sbin/sendmail"}));
  const std::string target = where_it_leads(kSendmail);
  const bool ours = same_file(kSendmail, "/proc/self/exe") || target.ends_with("/mailchute");
  if (ours) return findings.ok(said({"{} is mailchute", "{} 就是 mailchute"}, {kSendmail}));
  findings.warn(said({"{} belongs to another program ({}): what cron and PHP hand in goes there",
                      "{} 属于别的程序（{}）：cron 和 PHP 交出的邮件都到那里去"},
                     {kSendmail, printable(target, 200)}),
                said({"{}, which takes its place", "{}，它会取而代之"}, {kInstall}));
}

}  // namespace mailchute
