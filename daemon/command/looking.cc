#include "command/looking.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/console.h"
#include "command/moments.h"
#include "command/queue_access.h"
#include "command/status_view.h"
#include "control/json.h"
#include "control/presence.h"
#include "settings/profile.h"

namespace mailchute {

namespace {

bool is_missing(const std::string& path) { return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT; }

/// The daemon's upstreams that the file does not tell of any more: what it made of their names is kept.
void add_upstreams(const LiveStatus& live, const LoadOptions& load_options, Settings& settings) {
  Report report;
  const Profiles profiles = Profiles::read(load_options.provider_dirs, report);
  for (const LiveUpstream& each : live.upstreams) {
    const auto known = [&each](const UpstreamSettings& upstream) { return upstream.name == each.name; };
    if (std::any_of(settings.upstreams.begin(), settings.upstreams.end(), known)) continue;
    UpstreamSettings made;
    made.name = each.name;
    made.provider = each.provider;
    if (const Profile* profile = profiles.find(each.provider)) made.rules = profile->rules;
    settings.upstreams.push_back(std::move(made));
  }
}

Phrase broken_words(const Loaded& loaded, const std::optional<LiveStatus>& live) {
  const std::string& path = loaded.understood.path;
  const std::string file = printable(path, 4096);
  const Phrase what = is_missing(path) ? said({"{} is gone", "{} 不见了"}, {file})
                                       : said({"{} is broken ({})", "{} 有错（{}）"},
                                              {file, first_mistake(loaded.diagnostics, path)});
  if (!live)
    return said({"{}, and no daemon runs: it would not start", "{}，守护进程没有运行，也无法启动"}, {what});
  return said({"{}; the daemon goes on with what it read at {}", "{}；守护进程仍按 {} 读入的内容运行"},
              {what, local_time(live->config_loaded_at, SystemClock().wall())});
}

/// Empty where none runs.
Result<std::optional<LiveStatus>> live_of(const Settings& settings) {
  const auto body = ask_if_running(settings, "GET", "/v1/status", "");
  if (body) return std::optional(TRY(decode_live_status(*body)));
  if (body.error().code == exit_code::kNotRunning) return std::optional<LiveStatus>();
  return tl::unexpected(body.error());
}

Error refused(const CommonOptions& options, const Loaded& loaded) {
  const std::string& path = loaded.understood.path;
  if (nothing_configured(loaded)) return not_configured(options);
  return Error(printable(path, 4096) + " cannot be used (" + first_mistake(loaded.diagnostics, path) +
                   "), and it says where the queue is",
               exit_code::kConfiguration);
}

}  // namespace

Result<Look> look_for_daemon(const CommonOptions& options) {
  const LoadOptions load_options = options_of_process(options.config);
  Loaded loaded = load(load_options);
  if (loaded.settings) return Look{std::move(*loaded.settings), std::nullopt};
  if (auto closed = closed_to_us(load_options.path)) return tl::unexpected(std::move(*closed));
  const auto live = TRY(live_of(loaded.understood));
  if (!live && (nothing_configured(loaded) || is_missing(loaded.understood.queue.path)))
    return tl::unexpected(refused(options, loaded));
  const Phrase broken = broken_words(loaded, live);
  if (live) add_upstreams(*live, load_options, loaded.understood);
  return Look{std::move(loaded.understood), broken};
}

Result<Settings> settings_for_looking(const CommonOptions& options) {
  Look look = TRY(look_for_daemon(options));
  if (look.broken) say_broken(options, *look.broken);
  return std::move(look.settings);
}

void say_broken(const CommonOptions& options, const Phrase& broken) {
  say("mailchute: " + next_step(broken, next_command(options, "check")).in(language_of_process()));
}

Result<Settings> settings_for_changing(const CommonOptions& options) {
  Look look = TRY(look_for_daemon(options));
  if (!look.broken) return std::move(look.settings);
  if (!daemon_is_present(look.settings.listen.control)) return command_settings(options);
  say_broken(options, *look.broken);
  return std::move(look.settings);
}

std::optional<std::string> read_by_the_daemon_instead(const Settings& settings) {
  const auto live = live_of(settings);
  if (!live || !*live) return std::nullopt;
  std::error_code failed;
  const std::string& path = (*live)->config_path;
  const bool same = std::filesystem::equivalent(settings.path, path, failed);
  return failed || same ? std::nullopt : std::optional(path);
}

std::string first_mistake(const std::vector<Diagnostic>& diagnostics, const std::string& path) {
  for (const Diagnostic& each : diagnostics) {
    if (each.severity != Diagnostic::Error) continue;
    const std::string line = each.line > 0 ? "line " + std::to_string(each.line) + ": " : "";
    return (each.file == path || each.file.empty() ? "" : printable(each.file, 300) + ", ") + line +
           printable(each.message, 300);
  }
  return "no mistake is known";
}

bool nothing_configured(const Loaded& loaded) {
  const std::string& path = loaded.understood.path;
  if (is_missing(path)) return true;
  const auto errors =
      std::count_if(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                    [](const Diagnostic& each) { return each.severity == Diagnostic::Error; });
  return errors == 1 && loaded.understood.upstreams.empty() &&
         first_mistake(loaded.diagnostics, path).find("no upstreams") != std::string::npos;
}

Error not_configured(const CommonOptions& options) {
  return Error("not configured yet; next: " + next_command(options, "setup"), exit_code::kConfiguration);
}

}  // namespace mailchute
