#include "command/doctor.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/bundle.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/doctor_view.h"
#include "command/message_view.h"
#include "command/process_facts.h"
#include "command/progress.h"
#include "command/queue_access.h"
#include "command/status_view.h"
#include "command/upstream_view.h"
#include "control/json.h"
#include "settings/effective.h"

namespace mailchute {

namespace {

constexpr int kFailed = 1;
constexpr std::size_t kEventsBundled = 200;
constexpr std::size_t kMessagesBundled = 100;

tl::expected<LiveStatus, Error> ask_live(const Settings& settings) {
  auto body = ask_if_running(settings, "GET", "/v1/status", "");
  if (!body) return tl::unexpected(body.error());
  return decode_live_status(*body);
}

void look_into_queue(Patient& patient) {
  auto reader = open_reader(patient.look->settings);
  if (reader)
    patient.queue.emplace(std::move(*reader));
  else
    patient.queue_error = reader.error();
  // Root reads a queue as its owner; what follows is looked at as who we are.
  (void)act_as_oneself();
  if (!patient.queue) return;
  if (auto summary = patient.queue->summary(patient.now)) patient.summary = *summary;
  if (auto saved = patient.queue->upstreams()) patient.saved = *saved;
}

Patient examine(const CommonOptions& options) {
  Patient patient{.options = options, .config_path = {}};
  const LoadOptions load_options = options_of_process(options.config);
  Loaded loaded = load(load_options);
  patient.config_path = load_options.path;
  if (loaded.settings) patient.effective = effective_yaml(effective_keys(loaded), Origins::Shown);
  patient.diagnostics = std::move(loaded.diagnostics);
  patient.settings = std::move(loaded.settings);
  patient.service = service_user();
  patient.now = SystemClock().wall();
  patient.language = language_of_process();
  auto look = look_for_daemon(options);
  if (!look && look.error().code == exit_code::kPermission) patient.closed = look.error();
  if (!look) return patient;
  patient.look = std::move(*look);
  patient.config_path = patient.look->settings.path;
  patient.live = ask_live(patient.look->settings);
  if (!patient.live && patient.live.error().code == exit_code::kPermission)
    patient.closed = patient.live.error();
  if (patient.live)
    if (const auto process = process_facts(patient.live->pid)) patient.daemon_user = process->user;
  look_into_queue(patient);
  return patient;
}

/// Results are shown as they come: a provider that does not answer takes its time.
Checkup run_checks(Patient& patient, const std::function<void(const CheckResult&)>& show) {
  Checkup all;
  Progress progress;
  std::size_t shown = 0;
  for (const Check& check : doctor_checks()) {
    if (check.needs == Check::Needs::Settings && !patient.settings) continue;
    progress.show(std::string(check.name) + "...");
    Findings findings(check.name, all);
    check.run(patient, findings);
    progress.clear();
    for (; shown < all.size(); ++shown) show(all[shown]);
  }
  return all;
}

Colour colour_wanted() {
  return screen_width() > 0 && std::getenv("NO_COLOR") == nullptr ? Colour::Ansi : Colour::None;
}

// --- the bundle ---

std::string section(const std::string& title, const std::string& text) {
  return "== " + title + "\n" + text + (text.ends_with('\n') || text.empty() ? "\n" : "\n\n");
}

std::string machine() {
  utsname name{};
  std::string text = "mailchute " MAILCHUTE_VERSION "\n";
  if (::uname(&name) == 0) text += std::string(name.sysname) + " " + name.release + " " + name.machine + "\n";
  return text;
}

std::string checkup_text(const Checkup& checkup) {
  std::string text;
  for (const CheckResult& each : checkup) text += checkup_lines(each, 0, Colour::None);
  return text + checkup_summary(checkup) + "\n";
}

std::vector<std::string> logins_of(const Patient& patient) {
  std::vector<std::string> logins;
  if (!patient.settings) return logins;
  for (const UpstreamSettings& upstream : patient.settings->upstreams) logins.push_back(upstream.user);
  return logins;
}

std::string status_text(const Patient& patient) {
  StatusReport report;
  report.now = patient.now;
  report.version = MAILCHUTE_VERSION;
  report.config_path = patient.config_path;
  report.queue = patient.summary;
  if (patient.live) report.live = *patient.live;
  if (patient.settings)
    report.upstreams = patient.live ? patient.live->upstreams
                                    : saved_upstreams(*patient.settings, patient.saved, patient.now);
  return status_screen(report, 0);
}

std::string messages_text(Patient& patient) {
  if (!patient.queue) return patient.queue_error.text;
  std::string text = message_list_header(0);
  const auto listed = patient.queue->list({}, kMessagesBundled, [&](const SeenMessage& message) {
    text += message_row(message, waiting(message, patient.saved, patient.now), patient.now, 0);
  });
  return listed ? text : listed.error().text;
}

std::string events_text(Patient& patient) {
  if (!patient.queue) return "";
  std::string text;
  for (const SeenEvent& event : patient.queue->events(kEventsBundled).value_or(std::vector<SeenEvent>()))
    text += rfc3339(event.at) + " " + printable(event.kind) + " " + printable(event.subject) + " " +
            printable(event.text) + "\n";
  return text;
}

/// Without secrets, which are nowhere in it; without anybody's name before the @.
std::string bundle_text(Patient& patient, const Checkup& checkup) {
  return with_addresses_masked(
      section("made", rfc3339(patient.now) + "\n" + machine()) +
      section("doctor", with_logins_masked(checkup_text(checkup), logins_of(patient))) +
      section("status", status_text(patient)) +
      section("configuration", render(patient.diagnostics) + with_users_masked(patient.effective)) +
      section("waiting", messages_text(patient)) + section("events", events_text(patient)));
}

int write_bundle(const CommonOptions& options, const std::string& file, const std::string& text) {
  const auto written = write_new_file(file, text);
  if (written) {
    say(printable(file, 4096) +
        " holds what a report of a fault needs: no secret, no content, addresses masked. "
        "Look through it before you give it away");
    return 0;
  }
  Error error = written.error();
  error.text += "; next: " + next_command(options, "doctor --bundle") + " with another FILE";
  return complain(options, error);
}

}  // namespace

int command_doctor(const CommonOptions& options, const DoctorOptions& doctor) {
  Patient patient = examine(options);
  if (patient.closed) return complain(options, *patient.closed);
  const bool text = options.output == Output::Text;
  const std::size_t screen = screen_width();
  const Colour colour = colour_wanted();
  const Checkup checkup = run_checks(patient, [&](const CheckResult& result) {
    if (text) print(checkup_lines(result, screen, colour, patient.language));
  });
  print(text ? checkup_summary(checkup, patient.language) + "\n" : encode_checkup(checkup) + "\n");
  if (!doctor.bundle.empty())
    if (const int failed = write_bundle(options, doctor.bundle, bundle_text(patient, checkup)))
      return finish(failed);
  return finish(count_of(checkup, Health::Fail) > 0 ? kFailed : 0);
}

}  // namespace mailchute
