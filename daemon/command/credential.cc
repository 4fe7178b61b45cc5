// `credential set NAME`: an upstream's secret into its file, and on to the daemon.
#include <utility>

#include "base/exit_codes.h"
#include "base/phrase.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
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

void tell(const Phrase& words) { say(words.in(language_of_process())); }

/// Blanks at the ends are hardly ever meant, but they may be.
void warn_of_blanks(const Secret& secret) {
  static constexpr std::string_view kBlanks = " \t\r\n";
  const auto blank = [](char byte) { return kBlanks.find(byte) != std::string_view::npos; };
  if (blank(secret.reveal().front()) || blank(secret.reveal().back()))
    tell(said({"note: the secret begins or ends with a blank, which is kept; is that meant?",
               "注意：密码的开头或结尾有空白，会照样保留；是有意的吗？"}));
}

/// The daemon, if one runs, reads it now: another secret than before ends the rest after a refused login.
int hand_over(const CommonOptions& options, const Settings& settings, const std::string& name) {
  const std::string test = next_command(options, "upstream test " + name);
  if (const auto other = read_by_the_daemon_instead(settings)) {
    tell(said({"the daemon that runs reads {}; next: {}", "正在运行的守护进程读的是 {}；下一步：{}"},
              {printable(*other, 4096), test}));
    return finish(0);
  }
  const auto body = ask_if_running(settings, "POST", "/v1/reload", "");
  if (!body && body.error().code == exit_code::kNotRunning) {
    tell(said({"no daemon runs; it reads the secret when it starts; next: {}",
               "没有守护进程在运行；它启动时会读取密码；下一步：{}"},
              {test}));
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
  tell(said({"the daemon reads it at its next login; next: {}", "守护进程下次登录时会读取；下一步：{}"},
            {test}));
  return finish(0);
}

Result<void> store(const CommonOptions& options, const CredentialOptions& credential,
                   const UpstreamSettings& upstream) {
  const std::string path = TRY(secret_path(options, upstream));
  const Secret secret = TRY(obtain(credential, upstream));
  warn_of_blanks(secret);
  NewFile file = TRY(prepare_secret(path, secret));
  TRY_VOID(file.place());
  print(said({"stored the secret of {} in {} ({})", "已存入 {} 的密码：{}（{}）"},
             {printable(upstream.name), printable(path, 4096), secret_access_words()})
            .in(language_of_process()) +
        "\n");
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
