#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/program_text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/privileges.h"
#include "command/process_facts.h"
#include "control/presence.h"
#include "net/address.h"
#include "net/inherited.h"
#include "relay.h"
#include "relay_door.h"
#include "relay_options.h"
#include "settings/load.h"

namespace mailchute {

namespace {

/// A descriptor below 3 that is closed would be given to the database, and the next line on standard error
/// would be written into it.
void open_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) != descriptor)
      ::_exit(exit_code::kSystem);
}

/// The queue, the log, the loop and some listeners take about thirty, before anybody is served.
constexpr rlim_t kFewestDescriptors = 64;

/// A thousand clients and their deliveries need more than the traditional 1024 descriptors. Fails where too
/// few may be had: such a daemon would start, and take no mail.
Result<void> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 65536));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= kFewestDescriptors) return {};
  return fail("it may open " + std::to_string(limit.rlim_cur) + " files, and needs " +
                  std::to_string(kFewestDescriptors) + "; next: raise LimitNOFILE= of the unit, or ulimit -n",
              exit_code::kSystem);
}

/// A signal that means nothing to the daemon ends it where nobody has said otherwise: SIGUSR1, for which
/// other daemons open their log anew, is sent by many a script. And whoever started us may have left signals
/// blocked: it could not be stopped then. What is run later begins with neither.
void settle_signals() {
  for (const int number : {SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT})
    std::signal(number, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

constexpr char kAllowRoot[] = "; or, where that is really wanted: mailchute run --allow-root";

bool root_is_allowed(const RunOptions& run) {
  const char* variable = std::getenv("MAILCHUTE_ALLOW_ROOT");
  return run.root == RunOptions::Root::Allowed || (variable != nullptr && std::string_view(variable) == "1");
}

/// Before root is given up: the folder may be root's. Mail flows without it, too; and whoever is there
/// already has the queue, which will be said.
std::optional<Presence> announce(const Settings& settings) {
  if (settings.listen.control.empty() || daemon_is_present(settings.listen.control)) return std::nullopt;
  auto presence = Presence::announce(settings.listen.control);
  if (presence) return std::move(*presence);
  log::note(log::Level::Warning, "no-presence", presence.error().text);
  return std::nullopt;
}

/// What root does for the daemon before it is root no more.
struct Inheritance {
  std::vector<InheritedSocket> sockets;
  std::optional<Presence> presence;
};

Result<Inheritance> become_service_user(const ServiceUser& user, const Settings& settings) {
  TRY_VOID(make_missing_folders(user, settings));
  TRY_VOID(check_access(user, settings));
  Inheritance inheritance{TRY(bind_sockets(user, settings)), announce(settings)};
  TRY_VOID(become(user));
  harden_process();
  log::note(log::Level::Info, "user", "started as root, running as " + user.name);
  return inheritance;
}

/// In a container there may be nobody but root. It runs, and says so each time.
void stay_root() {
  log::note(
      log::Level::Error, "root",
      "running as root: there is no user mailchute to become; next: systemd-sysusers, or useradd --system "
      "mailchute; to be left alone about it: mailchute run --allow-root");
}

/// A mail daemon as root is a mail daemon that owns the machine when it errs. Where root is given up, the
/// sockets were bound before.
Result<Inheritance> step_down(const RunOptions& run, const Settings& settings) {
  if (::geteuid() != 0 || root_is_allowed(run)) return Inheritance{{}, announce(settings)};
  const auto user = service_user();
  if (!user) {
    stay_root();
    return Inheritance{{}, announce(settings)};
  }
  auto inheritance = become_service_user(*user, settings);
  // As root it would fare no better where a port is taken.
  if (!inheritance && inheritance.error().code == exit_code::kPermission)
    return fail(inheritance.error().text + kAllowRoot, exit_code::kPermission);
  return inheritance;
}

/// Who listens already where we would: that is what a person has to know.
std::string told_who_is_there(const Error& error, const std::vector<std::string>& addresses) {
  for (const std::string& text : addresses) {
    const auto address = SocketAddress::parse(text);
    if (!address || error.text.find(address->text()) == std::string::npos) continue;
    if (const auto holder = listener_at(address->port()))
      return error.text + ", taken by " + holder_in_words(*holder) +
             "; next: stop that program, or write another address into listen.smtp";
  }
  return error.text;
}

int not_started(const CommonOptions& options, const Error& error, const std::vector<std::string>& addresses) {
  std::string text = told_who_is_there(error, addresses);
  if (text.find("next: ") == std::string::npos) text += "; next: " + next_command(options, "doctor");
  std::fprintf(stderr, "mailchute: not started: %s\n", text.c_str());
  return error.code;
}

}  // namespace

int command_run(const CommonOptions& options, const RunOptions& run) {
  open_standard_descriptors();
  close_strays();
  settle_signals();
  harden_process();
  if (const auto raised = raise_descriptor_limit(); !raised) return not_started(options, raised.error(), {});
  share_heap();
  LoadOptions load_options = options_of_process(options.config);
  load_options.certificate_check = examine_certificate;
  Loaded loaded = load(load_options);
  if (!loaded.settings) {
    std::fputs(render(loaded.diagnostics).c_str(), stderr);
    std::fprintf(stderr, "mailchute: not started; next: mailchute check --config %s\n",
                 load_options.path.c_str());
    return exit_code::kConfiguration;
  }
  const auto& log_settings = loaded.settings->log;
  log::configure(log_level(log_settings.level), log_format(log_settings.format));
  const std::vector<std::string> addresses = loaded.settings->listen.smtp;
  auto inheritance = step_down(run, *loaded.settings);
  if (!inheritance) return not_started(options, inheritance.error(), addresses);
  auto relay = Relay::build(std::move(loaded), std::move(load_options), std::move(inheritance->sockets));
  if (!relay) return not_started(options, relay.error(), addresses);
  give_back_free_heap();  // the files of thirty providers were read to find the one in use
  let_go_of_program_text();
  return (*relay)->run();
}

}  // namespace mailchute
