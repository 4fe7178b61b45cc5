// The checks of the machine around the daemon: its clock and names, who reads local mail, sendmail, systemd.
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/doctor_words.h"
#include "net/loop.h"
#include "net/system_dialer.h"
#include "settings/aliases.h"

namespace mailchute {

namespace {

constexpr char kSendmail[] = "/usr/sbin/sendmail";
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
    findings.fail(targets.error().text, "mend it in aliases or aliases_file, then: mailchute reload");
    good = false;
    return;
  }
  for (const Mailbox& target : *targets) {
    if (!aliases.is_local(target)) continue;
    findings.warn("it leads to " + printable(target.text()) + ", a name of this machine that nobody reads",
                  "set root: to somebody's address");
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

std::string final_target(const std::string& path) {
  std::error_code failed;
  const auto target = std::filesystem::canonical(path, failed);
  return failed ? path : target.string();
}

}  // namespace

void check_clock(Patient& patient, Findings& findings) {
  const std::string fault = fault_of_clock(patient.now, latest_event(patient));
  if (!fault.empty()) return findings.fail(fault, "timedatectl set-ntp true, or set the clock by hand");
  if (!clock_is_kept())
    return findings.warn("it seems right, but nothing keeps it so: certificates and retries depend on it",
                         "timedatectl set-ntp true, or install chrony");
  findings.ok(rfc3339(patient.now) + ", kept by a time service");
}

void check_names(Patient& patient, Findings& findings) {
  const Settings& settings = *patient.settings;
  const std::string host = fault_of_host_name(settings.hostname);
  const std::string domain = fault_of_mail_domain(settings.mail_domain);
  if (!host.empty())
    findings.about("hostname")
        .warn(printable(settings.hostname) + ": " + host, "set hostname: to this machine's full name");
  if (!domain.empty())
    findings.about("mail_domain")
        .warn("bare names become user@" + printable(settings.mail_domain) + ", and " + domain,
              "set mail_domain: to a domain of yours");
  if (host.empty() && domain.empty())
    findings.ok(printable(settings.hostname) + "; bare names become user@" + printable(settings.mail_domain));
}

void check_root(Patient& patient, Findings& findings) {
  const auto readers = aliases_of(*patient.settings).resolve(Mailbox("root", ""), kTargetsMost);
  const bool read = readers && std::none_of(readers->begin(), readers->end(), [&](const Mailbox& each) {
                      return aliases_of(*patient.settings).is_local(each);
                    });
  if (!read)
    return findings.warn(
        "nobody reads the mail for root: cron's output and notices of failures have no reader",
        "set root: you@example.com in " + patient.config_path);
  findings.ok("mail for root goes to " + addresses(*readers));
}

void check_aliases(Patient& patient, Findings& findings) {
  const Aliases aliases = aliases_of(*patient.settings);
  bool good = true;
  for (const auto& [name, targets] : patient.settings->alias_table)
    if (!targets.empty()) check_alias(aliases, name, findings.about(printable(name, 64)), good);
  if (!good) return;
  const std::size_t count = patient.settings->alias_table.size();
  findings.ok(count == 0 ? "none" : std::to_string(count) + ", and each leads to somebody");
}

void check_notify(Patient& patient, Findings& findings) {
  const CommandLine& command = patient.settings->notify.command;
  if (command.empty()) return findings.ok("no notify.command: alerts are in the log and in status alone");
  const std::string program = printable(command.front(), 300);
  struct stat facts {};
  if (::stat(command.front().c_str(), &facts) != 0)
    return findings.fail(program + " is not there", "install it, or mend notify.command");
  const bool for_all = (facts.st_mode & 0111) == 0111;
  if (!S_ISREG(facts.st_mode) || ::access(command.front().c_str(), X_OK) != 0)
    return findings.fail(program + " cannot be executed", "chmod 0755 " + program);
  if (!for_all && patient.daemon_user && *patient.daemon_user != facts.st_uid && *patient.daemon_user != 0)
    return findings.warn("the daemon's user may not be able to execute " + program, "chmod 0755 " + program);
  findings.ok(program + " can be run");
}

void check_roots(Patient& patient, Findings& findings) {
  Loop loop;
  SystemDialer dialer(loop);
  std::set<std::string> files;
  for (const UpstreamSettings& upstream : patient.settings->upstreams)
    if (upstream.tls != TlsMode::None) files.insert(upstream.ca_file);
  if (files.empty()) return findings.ok("no upstream uses TLS");
  bool good = true;
  for (const std::string& file : files) {
    const auto loaded = dialer.load_roots(file);
    if (loaded) continue;
    findings.fail(loaded.error().text, file.empty() ? "apt install ca-certificates"
                                                    : "mend ca_file, then: " + fix_by(patient, "reload"));
    good = false;
  }
  if (good)
    findings.ok(files.count("") > 0 ? "the system's roots can be loaded"
                                    : "the roots of ca_file can be loaded");
}

void check_sendmail(Patient&, Findings& findings) {
  if (::access(kSendmail, F_OK) != 0)
    return findings.warn(
        std::string("there is no ") + kSendmail + ": cron, at and PHP's mail() cannot hand in mail",
        "apt install mailchute-mta, or: ln -s /usr/sbin/mailchute /usr/sbin/sendmail");
  const std::string target = final_target(kSendmail);
  const bool ours = same_file(kSendmail, "/proc/self/exe") || target.ends_with("/mailchute");
  if (ours) return findings.ok(std::string(kSendmail) + " is mailchute");
  findings.warn(std::string(kSendmail) + " belongs to another program (" + printable(target, 200) +
                    "): what cron and PHP hand in goes there",
                "apt install mailchute-mta, which takes its place");
}

}  // namespace mailchute
