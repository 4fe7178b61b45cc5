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

constexpr char kRestart[] = "systemctl restart mailchute";

Phrase then_restart(const std::string& look) {
  return said({"{}; then: {}", "{}；然后：{}"}, {look, kRestart});
}

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

/// `, exposure 1.2 of 10`, by systemd's own measure; empty when it does not say.
Phrase exposure() {
  const auto measured =
      run_program({"systemd-analyze", "security", "--no-pager", kServiceUnit}, kCheckPatience);
  if (!measured || !measured->good()) return {};
  constexpr std::string_view kBefore = "exposure level for mailchute.service: ";
  const auto at = measured->output.find(kBefore);
  if (at == std::string::npos) return {};
  const auto begin = at + kBefore.size();
  const auto end = measured->output.find(' ', begin);
  return said({", exposure {} of 10", "，暴露程度 {}（满分 10）"},
              {printable(measured->output.substr(begin, end - begin), 20)});
}

/// A socket of systemd's keeps its address while the daemon restarts. True when each of them is there.
bool judge_sockets(std::map<std::string, UnitProperties>& units, Findings& findings) {
  bool good = true;
  for (const char* const name : kServiceUnits) {
    if (std::string_view(name) == kServiceUnit) continue;
    UnitProperties& unit = units[name];
    if (unit["ActiveState"] == "failed")
      findings.fail(said({"{} has failed ({}): most likely its address was taken",
                          "{} 已失败（{}）：多半是它的地址被占用了"},
                         {name, unit["Result"]}),
                    then_restart("systemctl status " + std::string(name)));
    else if (unit["ActiveState"] != "active" && unit["LoadState"] == "loaded")
      findings.warn(said({"{} is not there: while the daemon restarts, connections are refused",
                          "{} 没有打开：守护进程重启期间，连接会被拒绝"},
                         {name}),
                    typed(kRestart));
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
    return findings.warn(said({"systemd has had to start it again {} times", "systemd 已不得不重启它 {} 次"},
                              {service["NRestarts"]}),
                         typed("journalctl -u mailchute -p err"));
  const std::string& watchdog = service["WatchdogUSec"];
  if (watchdog.empty() || watchdog == "0" || watchdog == "infinity")
    return findings.warn(
        said({"the unit has no watchdog: a daemon that hangs is not noticed",
              "服务没有看门狗：守护进程卡住时没人知道"}),
        said({"WatchdogSec=60 in: {}", "写入 WatchdogSec=60：{}"}, {"systemctl edit mailchute"}));
  findings.ok(said({"enabled, {}, watchdog {}", "已设为开机启动，{}，看门狗 {}"},
                   {service["ActiveState"], watchdog}) +
              exposure());
}

void judge_units(std::map<std::string, UnitProperties> units, Findings& findings) {
  UnitProperties& service = units[kServiceUnit];
  if (service["LoadState"] != "loaded")
    return findings.warn(said({"systemd runs here, and knows no unit mailchute.service",
                               "本机运行 systemd，但它不认识 mailchute.service"}),
                         said({"install the package, or systemd/mailchute.service",
                               "安装软件包，或安装 systemd/mailchute.service"}));
  if (service["ActiveState"] == "failed")
    return findings.fail(said({"the unit has failed ({})", "服务已失败（{}）"}, {service["Result"]}),
                         then_restart("journalctl -u mailchute -n 50"));
  if (!starts_with_the_system(units))
    return findings.warn(said({"the unit is not enabled: after a boot nothing takes mail",
                               "服务没有设为开机启动：重启之后没有人收邮件"}),
                         typed("systemctl enable --now mailchute"));
  if (service["ActiveState"] == "active" && !judge_sockets(units, findings)) return;
  judge_service(service, findings);
}

}  // namespace

void check_service(Patient&, Findings& findings) {
  if (::access("/run/systemd/system", F_OK) != 0)
    return findings.ok(said({"systemd does not run here", "本机不运行 systemd"}));
  auto units = our_units();
  if (!units) return findings.warn(untranslated(units.error().text), typed("systemctl status mailchute"));
  judge_units(std::move(*units), findings);
}

}  // namespace mailchute
