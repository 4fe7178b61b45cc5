// `credential set NAME`: an upstream's secret into its file, and on to the daemon.
#include <utility>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/privileges.h"
#include "command/queue_access.h"
#include "command/secret_store.h"
#include "command/upstream_states.h"
#include "control/json.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// Where the secret belongs; an error where a file is not what the upstream reads.
Result<std::string> secret_path(const CommonOptions& options, const UpstreamSettings& upstream) {
  const std::string name = printable(upstream.name);
  if (!secret_command(upstream).empty())
    return fail("upstream " + name + " gets its secret from " + printable(secret_command(upstream).front()) +
                    ": store it there; next: " + next_command(options, "upstream test " + name),
                exit_code::kConfiguration);
  if (upstream.password_file.empty())
    return fail("upstream " + name +
                    " has no user, so it needs no secret; next: " + next_command(options, "config show"),
                exit_code::kConfiguration);
  return upstream.password_file;
}

Result<Secret> obtain(const CredentialOptions& credential, const UpstreamSettings& upstream) {
  if (!credential.file.empty()) return secret_from_input(credential.file, upstream.secret.blanks);
  if (!someone_to_ask())
    return fail("nobody is here to type it; next: mailchute credential set " + printable(upstream.name) +
                    " --file FILE, or --file - for standard input",
                66);
  const Language language = language_of_process();
  const std::string how = secret_advice(upstream.secret, language);
  if (!how.empty()) say(how.substr(0, how.size() - 1));
  return secret_from_person(upstream, language);
}

/// Blanks at the ends are hardly ever meant, but they may be.
void warn_of_blanks(const Secret& secret) {
  static constexpr std::string_view kBlanks = " \t\r\n";
  const auto blank = [](char byte) { return kBlanks.find(byte) != std::string_view::npos; };
  if (blank(secret.reveal().front()) || blank(secret.reveal().back()))
    say("note: the secret begins or ends with a blank, which is kept; is that meant?");
}

/// The daemon, if one runs, reads it now: a reload ends the cooldown after a refused login.
int hand_over(const CommonOptions& options, const Settings& settings, const std::string& name) {
  const auto body = ask_if_running(settings, "POST", "/v1/reload", "");
  if (!body && body.error().code == exit_code::kNotRunning) {
    say("no daemon runs; it reads the secret when it starts; next: " +
        next_command(options, "upstream test " + name));
    return finish(0);
  }
  if (!body) return complain(options, body.error());
  const auto outcome = decode_reload(*body);
  if (!outcome) return complain(options, outcome.error());
  if (!outcome->accepted) {
    say(outcome->text);
    return complain(options, Error("the secret is stored, but the daemon refuses the configuration and keeps "
                                   "what it has",
                                   exit_code::kConfiguration));
  }
  say("the daemon reads it at its next login; next: " + next_command(options, "upstream list"));
  return finish(0);
}

Result<void> store(const CommonOptions& options, const CredentialOptions& credential,
                   const UpstreamSettings& upstream) {
  const std::string path = TRY(secret_path(options, upstream));
  const Secret secret = TRY(obtain(credential, upstream));
  warn_of_blanks(secret);
  NewFile file = TRY(prepare_secret(path, secret));
  TRY_VOID(file.place());
  print("stored the secret of " + printable(upstream.name) + " in " + printable(path, 4096) + " (" +
        secret_access_words() + ")\n");
  return {};
}

}  // namespace

int command_credential_set(const CommonOptions& options, const CredentialOptions& credential) {
  harden_process();
  const auto settings = command_settings(options);
  if (!settings) return complain(options, settings.error());
  const auto upstream = find_upstream(*settings, credential.name);
  if (!upstream)
    return complain(
        options,
        Error(upstream.error().text + "; next: " + next_command(options, "upstream list"), kNothing));
  const auto stored = store(options, credential, *upstream);
  if (!stored) return complain(options, stored.error());
  return hand_over(options, *settings, printable(upstream->name));
}

}  // namespace mailchute
