// The table of the checks.
#include <string_view>

#include "base/exit_codes.h"
#include "command/console.h"
#include "command/doctor.h"

namespace mailchute {

const std::vector<Check>& doctor_checks() {
  using Needs = Check::Needs;
  static const std::vector<Check> kChecks = {
      {"configuration", "Can the configuration be used?", Needs::Nothing, &check_configuration},
      {"files", "May only the right people write the configuration, and the daemon read it?", Needs::Nothing,
       &check_configuration_files},
      {"secrets", "Is each secret there, fit to be used, and closed to others?", Needs::Settings,
       &check_secrets},
      {"daemon", "Does the daemon answer, and is it of this version?", Needs::Nothing, &check_daemon},
      {"process", "Is its process confined?", Needs::Nothing, &check_process},
      {"reloaded", "Does it have what is in the files?", Needs::Nothing, &check_reloaded},
      {"service", "Does systemd start it, watch it, and confine it?", Needs::Nothing, &check_service},
      {"sockets", "Are the sockets of the commands and of sendmail there?", Needs::Settings, &check_sockets},
      {"smtp", "Is it mailchute that answers where applications hand in mail?", Needs::Settings,
       &check_listeners},
      {"listener", "Can clients do TLS there and log in, and until when is the certificate good?",
       Needs::Settings, &check_listener_tls},
      {"localhost", "Does the name localhost lead to where we listen?", Needs::Settings, &check_loopback},
      {"sendmail", "Whose is /usr/sbin/sendmail?", Needs::Nothing, &check_sendmail},
      {"queue files", "Are the queue's files the daemon's alone?", Needs::Settings, &check_queue_files},
      {"queue", "Is the queue ours, of this version, and whole?", Needs::Nothing, &check_queue_health},
      {"disk", "Is there room for new mail?", Needs::Settings, &check_disk},
      {"file system", "Does the disk keep what is written to it?", Needs::Settings, &check_file_system},
      {"new mail", "Is new mail taken?", Needs::Nothing, &check_admission},
      {"waiting", "Does mail get away?", Needs::Settings, &check_waiting},
      {"alerts", "Is anything wrong that a person was told of?", Needs::Nothing, &check_alerts},
      {"clock", "Is the clock right?", Needs::Nothing, &check_clock},
      {"names", "Do others know our names?", Needs::Settings, &check_names},
      {"root", "Does anybody read the mail for root?", Needs::Settings, &check_root},
      {"aliases", "Does each alias lead to somebody?", Needs::Settings, &check_aliases},
      {"notify", "Can notify.command be run?", Needs::Settings, &check_notify},
      {"roots", "Can the roots of TLS be loaded?", Needs::Settings, &check_roots},
      {"upstream", "Is each provider usable: name, connection, certificate, login?", Needs::Settings,
       &check_upstreams},
  };
  return kChecks;
}

namespace {

constexpr std::string_view kNext = "; next: ";

}  // namespace

Phrase why_not_asked(const Patient& patient) {
  if (patient.live.error().code == exit_code::kNotRunning)
    return said({"the daemon does not run", "守护进程没有运行"});
  return said({"the daemon was not asked", "没有询问守护进程"});
}

Phrase found_of(const Error& error) { return untranslated(error.text.substr(0, error.text.find(kNext))); }

Phrase fix_of(const Error& error, const Phrase& otherwise) {
  const auto at = error.text.find(kNext);
  return at == std::string::npos ? otherwise : typed(error.text.substr(at + kNext.size()));
}

Phrase fix_by(const Patient& patient, const std::string& words) {
  return typed(next_command(patient.options, words));
}

}  // namespace mailchute
