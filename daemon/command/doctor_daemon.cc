// The checks of the running daemon: there, of this version, confined, taking mail, and reachable where
// applications look for it.
#include <netdb.h>
#include <unistd.h>

#include <algorithm>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/file_facts.h"
#include "command/greeting.h"
#include "command/process_facts.h"
#include "command/words.h"
#include "net/listening.h"

namespace mailchute {

namespace {

constexpr std::uint64_t kFilesLeast = 2048;
constexpr char kStart[] = "systemctl start mailchute";

/// Whose listener it is. Who is not root sees few processes, and then a listener may well be ours.
enum class Holder { Nobody, Ours, Unseen, Other };

Holder whose(const std::optional<std::string>& holder) {
  if (!holder) return Holder::Nobody;
  if (holder->starts_with("systemd ") || holder->starts_with("mailchute ")) return Holder::Ours;
  return holder->empty() && ::geteuid() != 0 ? Holder::Unseen : Holder::Other;
}

/// A connection would make systemd start the daemon: the kernel's table is asked instead.
void check_unasked(const std::optional<std::string>& holder, Findings& findings) {
  switch (whose(holder)) {
    case Holder::Nobody: return findings.ok("free for the daemon");
    case Holder::Ours: return findings.ok("kept by " + *holder);
    case Holder::Unseen: return findings.ok("somebody listens there, and only root sees who");
    case Holder::Other: break;
  }
  findings.fail("taken by " + holder_in_words(*holder) + ": the daemon cannot listen there",
                "stop the other program, or write another address into listen.smtp");
}

/// Without the address itself, which stands before it already.
std::string why_silent(const Error& error, const std::string& address) {
  const std::string before = address + ": ";
  return error.text.starts_with(before) ? error.text.substr(before.size()) : error.text;
}

constexpr char kTakeIt[] = "systemctl restart mailchute";
constexpr char kStopIt[] = "stop the other program, then: systemctl restart mailchute";

void check_address(const Patient& patient, const std::string& text, Findings findings) {
  const auto address = SocketAddress::parse(text);
  if (!address) return findings.fail("it is no address with a port", fix_by(patient, "check"));
  const auto holder = listener_at(address->port());
  if (!patient.live) return check_unasked(holder, findings);
  const auto greeting = greeting_at(*address, kCheckPatience);
  if (greeting && is_our_greeting(*greeting)) return findings.ok("ours, and it answers");
  if (!greeting && greeting.error().code == exit_code::kNoSuchAddress)
    return findings.ok("this machine has no such address; it is passed over");
  const bool refused =
      !greeting && greeting.error().code == exit_code::kNotRunning;  // nobody is at this address of the port
  const bool others = !refused && whose(holder) == Holder::Other;
  const std::string by = others ? ", taken by " + holder_in_words(*holder) : "";
  if (!greeting)
    return findings.fail(why_silent(greeting.error(), address->text()) + by, others ? kStopIt : kTakeIt);
  if (greeting->starts_with("421") && !others)
    return findings.warn("it answers: " + printable(*greeting, 200), fix_by(patient, "status"));
  findings.fail("another program answers there" + by + ": " + printable(*greeting, 200), kStopIt);
}

void check_socket(const Patient& patient, const std::string& path, mode_t mode, Findings findings) {
  if (path.empty()) return;
  const FileFacts facts = look_at(path);
  if (facts.kind == FileFacts::Kind::Missing && !patient.live)
    return findings.ok(path + " is made when the daemon starts");
  const auto fault = fault_of_socket(path, facts, mode);
  if (fault) return findings.fail(fault->found, fault->fix);
  findings.ok(path + ", " + describe(facts));
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

}  // namespace

void check_daemon(Patient& patient, Findings& findings) {
  if (!patient.live && patient.live.error().code == exit_code::kNotRunning)
    return findings.fail(found_of(patient.live.error()), kStart);
  if (!patient.live && patient.live.error().code == exit_code::kPermission)
    return findings.warn("you may not ask it: " + found_of(patient.live.error()),
                         "the same as root, or join the group mailchute");
  if (!patient.live) return findings.fail(found_of(patient.live.error()), "journalctl -u mailchute -n 50");
  const LiveStatus& live = *patient.live;
  if (live.version != MAILCHUTE_VERSION)
    return findings.warn(
        "it is version " + printable(live.version, 40) + ", and this command " MAILCHUTE_VERSION,
        "systemctl restart mailchute");
  if (!live.config_path.empty() && live.config_path != patient.config_path)
    return findings.warn(
        "it runs with " + printable(live.config_path, 300) + ", not with " + patient.config_path,
        "mailchute doctor --config " + printable(live.config_path, 300));
  findings.ok("version " + printable(live.version, 40) + ", up " +
              long_duration(std::chrono::seconds(live.uptime_seconds)) + ", process " +
              std::to_string(live.pid));
}

void check_process(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.ok("it does not run");
  const auto facts = process_facts(patient.live->pid);
  if (!facts) return findings.ok("the kernel does not show it to us");
  bool good = true;
  const auto warn = [&](const char* found, const char* fix) {
    findings.warn(found, fix);
    good = false;
  };
  const char* const kUnit = "let systemd run it: systemctl enable --now mailchute";
  if (facts->user == 0u)
    warn("it runs as root: a mistake in it would be root's",
         "useradd --system mailchute, or systemd-sysusers; then restart it");
  if (facts->user != 0u && facts->capabilities.value_or(0) != 0)
    warn("it has capabilities that it does not need", kUnit);
  if (facts->core_bytes_max.value_or(0) != 0)
    warn("a crash could write its memory, secrets too, into a core file", kUnit);
  if (facts->files_max.value_or(kFilesLeast) < kFilesLeast)
    warn("it may have few files and connections open (RLIMIT_NOFILE)",
         "LimitNOFILE=8192 in: systemctl edit mailchute");
  if (!good) return;
  std::string words = facts->user ? "user " + std::to_string(*facts->user) : "user unknown";
  words += facts->core_bytes_max ? ", no core files" : "";
  if (facts->no_new_privileges == 1) words += ", no new privileges";
  if (facts->seccomp.value_or(0) != 0) words += ", system calls filtered";
  findings.ok(words);
}

void check_admission(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.ok("the daemon was not asked");
  const std::string& state = patient.live->admission;
  if (state == "open") return findings.ok("new mail is taken");
  if (state == "disk_reserve")
    return findings.fail("new mail is refused (452): the disk is nearly full",
                         "make room on the queue's disk");
  if (state == "queue_full")
    return findings.fail("new mail is refused (452): the queue holds queue.max_bytes",
                         fix_by(patient, "queue list"));
  findings.fail("new mail is refused (451): the queue cannot be written", "journalctl -u mailchute -n 50");
}

void check_alerts(Patient& patient, Findings& findings) {
  if (!patient.live || patient.live->alerts.empty()) return findings.ok("none is open");
  for (const LiveAlert& alert : patient.live->alerts)
    findings.about(printable(alert.event, 40))
        .warn(printable(alert.summary, 300) + ", since " + rfc3339(alert.since),
              fix_by(patient, "explain " + printable(alert.event, 40)));
}

void check_sockets(Patient& patient, Findings& findings) {
  const auto& listen = patient.settings->listen;
  check_socket(patient, listen.control, 0660, findings.about("control"));
  check_socket(patient, listen.submit, 0666, findings.about("submit"));
}

void check_listeners(Patient& patient, Findings& findings) {
  if (patient.settings->listen.smtp.empty()) return findings.ok("no port is configured");
  for (const std::string& address : patient.settings->listen.smtp)
    check_address(patient, address, findings.about(address));
}

void check_loopback(Patient& patient, Findings& findings) {
  const auto addresses = addresses_of_localhost();
  if (addresses.empty())
    return findings.warn("the name localhost leads nowhere", "write into /etc/hosts: 127.0.0.1 localhost");
  std::string all;
  for (const std::string& each : addresses) {
    const std::string host = without_port(each);
    if (all.find(host) == std::string::npos) all += (all.empty() ? "" : ", ") + host;
    if (!patient.settings->listen.smtp.empty() && !listens_at(*patient.settings, host))
      return findings.warn(
          "localhost is " + host + " too, where nobody listens: applications that try it first are refused",
          "write \"" + host + ":25\" into listen.smtp");
  }
  findings.ok("localhost is " + all);
}

}  // namespace mailchute
