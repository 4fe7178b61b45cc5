// What the checks of `doctor` share: what they look at, how they say what they found, and the table that they
// stand in. Each check is one small function; none waits longer than its patience, and none changes anything.
// Main thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/locale.h"
#include "base/phrase.h"
#include "base/result.h"
#include "command/commands.h"
#include "command/looking.h"
#include "command/privileges.h"
#include "control/checkup.h"
#include "control/operator.h"
#include "settings/load.h"
#include "store/reader.h"

namespace mailchute {

/// How long one check may wait for somebody else.
inline constexpr Duration kCheckPatience{5'000};
/// For one step of a conversation with a provider.
inline constexpr Duration kProviderPatience{15'000};

/// What was gathered before the first check.
struct Patient {
  const CommonOptions& options;
  std::string config_path;
  std::vector<Diagnostic> diagnostics{};
  std::optional<Settings> settings{};
  std::optional<Look> look{};  ///< Where the daemon and its queue are; the file may be broken all the same.
  std::string effective{};     ///< The configuration as it is in effect, secrets masked.
  std::optional<ServiceUser> service{};  ///< Whom the daemon runs as, where the system has such a user.
  std::optional<uid_t> daemon_user{};    ///< Of the running daemon's process.
  tl::expected<LiveStatus, Error> live = tl::unexpected(Error("not asked"));
  std::optional<QueueReader> queue{};
  std::optional<Error>
      closed{};  ///< Neither daemon nor files are for us to look at: nothing true could be said.
  Error queue_error{"the queue was not looked at"};
  std::optional<QueueSummary> summary{};
  std::vector<UpstreamState> saved{};
  WallTime now{};
  Language language = Language::English;
};

/// What one check says. A check that found nothing wrong says one `ok`.
class Findings {
 public:
  Findings(std::string check, Checkup& all) : check_(std::move(check)), all_(all) {}

  void ok(Phrase found) { add(Health::Ok, std::move(found), {}); }
  void warn(Phrase found, Phrase fix) { add(Health::Warn, std::move(found), std::move(fix)); }
  void fail(Phrase found, Phrase fix) { add(Health::Fail, std::move(found), std::move(fix)); }

  /// `why` stands behind "not looked at".
  void unseen(const Phrase& why) {
    add(Health::Unseen, said({"not looked at: {}", "没有查看：{}"}, {why}), {});
  }

  /// The same check, of one of several.
  Findings about(std::string what) const {
    Findings one(check_, all_);
    one.about_ = std::move(what);
    return one;
  }
  /// A part of the check that has a name of its own.
  Findings part(std::string name) const {
    Findings one(std::move(name), all_);
    one.about_ = about_;
    return one;
  }

 private:
  void add(Health health, Phrase found, Phrase fix) {
    all_.push_back({check_, about_, health, std::move(found), std::move(fix)});
  }

  std::string check_;
  std::string about_;
  Checkup& all_;
};

struct Check {
  const char* name;
  const char* asks;  ///< The question, for the manual.
  enum class Needs { Nothing, Settings } needs;
  void (*run)(Patient& patient, Findings& findings);
};

/// In the order in which they are shown: what a later one stands on comes first.
const std::vector<Check>& doctor_checks();

// The checks, by what they look at.
void check_configuration(Patient& patient, Findings& findings);
void check_configuration_files(Patient& patient, Findings& findings);
void check_reloaded(Patient& patient, Findings& findings);
void check_secrets(Patient& patient, Findings& findings);
void check_queue_files(Patient& patient, Findings& findings);
void check_queue_health(Patient& patient, Findings& findings);
void check_disk(Patient& patient, Findings& findings);
void check_file_system(Patient& patient, Findings& findings);
void check_waiting(Patient& patient, Findings& findings);
void check_daemon(Patient& patient, Findings& findings);
void check_process(Patient& patient, Findings& findings);
void check_admission(Patient& patient, Findings& findings);
void check_alerts(Patient& patient, Findings& findings);
void check_sockets(Patient& patient, Findings& findings);
void check_listeners(Patient& patient, Findings& findings);
void check_listener_tls(Patient& patient, Findings& findings);
void check_loopback(Patient& patient, Findings& findings);
void check_sendmail(Patient& patient, Findings& findings);
void check_service(Patient& patient, Findings& findings);
void check_clock(Patient& patient, Findings& findings);
void check_names(Patient& patient, Findings& findings);
void check_root(Patient& patient, Findings& findings);
void check_aliases(Patient& patient, Findings& findings);
void check_notify(Patient& patient, Findings& findings);
void check_roots(Patient& patient, Findings& findings);
void check_upstreams(Patient& patient, Findings& findings);

/// Why nothing can be said of what only the daemon knows.
Phrase why_not_asked(const Patient& patient);

/// An error in two halves: what is wrong, and what to type, where it says so itself. Errors are in English.
Phrase found_of(const Error& error);
Phrase fix_of(const Error& error, const Phrase& otherwise);

/// A command line as a fix: one of ours by the words behind `mailchute`, or any.
Phrase fix_by(const Patient& patient, const std::string& words);
inline Phrase typed(const std::string& command_line) { return untranslated(command_line); }

}  // namespace mailchute
