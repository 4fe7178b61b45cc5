// The check of the service as systemd sees it: started with the system, with its sockets, watched, confined.
#include <unistd.h>

#include <algorithm>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/doctor.h"
#include "command/doctor_words.h"
#include "command/run_program.h"
#include "command/setup_service.h"

namespace mailchute {

namespace {

/// What systemctl says of each unit of ours, by its name.
Result<std::map<std::string, UnitProperties>> our_units() {
  std::vector<std::string> question = {
      "systemctl", "show", "--property",
      "Id,LoadState,UnitFileState,ActiveState,Result,NRestarts,WatchdogUSec"};
  question.insert(question.end(), kServiceUnits.begin(), kServiceUnits.end());
  auto shown = TRY(run_program(std::move(question), kCheckPatience));
  if (!shown.good()) return fail("systemctl show: " + describe(shown), exit_code::kTryLater);
  std::map<std::string, UnitProperties> units;
  for (UnitProperties& each : parse_units(shown.output)) {
    const std::string name = each["Id"];
    units[name] = std::move(each);
  }
  return units;
}

/// `exposure 1.2 of 10`, by systemd's own measure; empty when it does not say.
std::string exposure() {
  const auto measured =
      run_program({"systemd-analyze", "security", "--no-pager", kServiceUnit}, kCheckPatience);
  if (!measured || !measured->good()) return "";
  constexpr std::string_view kBefore = "exposure level for mailchute.service: ";
  const auto at = measured->output.find(kBefore);
  if (at == std::string::npos) return "";
  const auto begin = at + kBefore.size();
  const auto end = measured->output.find(' ', begin);
  return ", exposure " + printable(measured->output.substr(begin, end - begin), 20) + " of 10";
}

/// A socket of systemd's keeps its address while the daemon restarts. True when each of them is there.
bool judge_sockets(std::map<std::string, UnitProperties>& units, Findings& findings) {
  bool good = true;
  for (const char* const name : kServiceUnits) {
    if (std::string_view(name) == kServiceUnit) continue;
    UnitProperties& unit = units[name];
    if (unit["ActiveState"] == "failed")
      findings.fail(
          std::string(name) + " has failed (" + unit["Result"] + "): most likely its address was taken",
          "systemctl status " + std::string(name) + "; then: systemctl restart mailchute");
    else if (unit["ActiveState"] != "active" && unit["LoadState"] == "loaded")
      findings.warn(std::string(name) + " is not there: while the daemon restarts, connections are refused",
                    "systemctl restart mailchute");
    else
      continue;
    good = false;
  }
  return good;
}

/// One of them is enough: the service brings its sockets, and a connection to a socket the service.
bool starts_with_the_system(std::map<std::string, UnitProperties>& units) {
  return std::any_of(units.begin(), units.end(),
                     [](auto& unit) { return unit.second["UnitFileState"].starts_with("enabled"); });
}

void judge_service(UnitProperties& service, Findings& findings) {
  if (service["NRestarts"] != "0" && !service["NRestarts"].empty())
    return findings.warn("systemd has had to start it again " + service["NRestarts"] + " times",
                         "journalctl -u mailchute -p err");
  const std::string& watchdog = service["WatchdogUSec"];
  if (watchdog.empty() || watchdog == "0" || watchdog == "infinity")
    return findings.warn("the unit has no watchdog: a daemon that hangs is not noticed",
                         "WatchdogSec=60 in: systemctl edit mailchute");
  findings.ok("enabled, " + service["ActiveState"] + ", watchdog " + watchdog + exposure());
}

void judge_units(std::map<std::string, UnitProperties> units, Findings& findings) {
  UnitProperties& service = units[kServiceUnit];
  if (service["LoadState"] != "loaded")
    return findings.warn("systemd runs here, and knows no unit mailchute.service",
                         "install the package, or systemd/mailchute.service");
  if (service["ActiveState"] == "failed")
    return findings.fail("the unit has failed (" + service["Result"] + ")",
                         "journalctl -u mailchute -n 50; then: systemctl restart mailchute");
  if (!starts_with_the_system(units))
    return findings.warn("the unit is not enabled: after a boot nothing takes mail",
                         "systemctl enable --now mailchute");
  if (service["ActiveState"] == "active" && !judge_sockets(units, findings)) return;
  judge_service(service, findings);
}

}  // namespace

void check_service(Patient&, Findings& findings) {
  if (::access("/run/systemd/system", F_OK) != 0) return findings.ok("systemd does not run here");
  auto units = our_units();
  if (!units) return findings.warn(units.error().text, "systemctl status mailchute");
  judge_units(std::move(*units), findings);
}

}  // namespace mailchute
