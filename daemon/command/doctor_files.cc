// The checks of files: the configuration's, the secrets', the queue's.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/text.h"
#include "command/doctor.h"
#include "command/file_facts.h"
#include "command/words.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

/// The main file and those of conf.d.
std::vector<std::string> configuration_files(const std::string& main_file) {
  std::vector<std::string> files = {main_file};
  std::error_code failed;
  const auto folder = std::filesystem::path(main_file).parent_path() / "conf.d";
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  std::sort(files.begin() + 1, files.end());
  return files;
}

Phrase first_error(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& each : diagnostics)
    if (each.severity == Diagnostic::Error)
      return untranslated(printable(each.file, 300) + ":" + std::to_string(each.line) + ": " +
                          printable(each.message, 300));
  return said({"it cannot be used", "配置无法使用"});
}

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

/// Whose the queue must be: the running daemon's; without one the service's user's, where it is the system's
/// queue.
std::optional<uid_t> owner_wanted(const Patient& patient) {
  if (patient.daemon_user) return patient.daemon_user;
  if (patient.service && patient.config_path.starts_with("/etc/mailchute/")) return patient.service->uid;
  return std::nullopt;
}

void say(Findings& findings, const std::optional<FileFault>& fault, const std::string& good) {
  if (fault)
    findings.fail(fault->found, fault->fix);
  else
    findings.ok(untranslated(good));
}

void check_secret_of(const Patient& patient, const UpstreamSettings& upstream, Findings findings) {
  const CommandLine& command = secret_command(upstream);
  if (!command.empty()) {
    const bool runs = !command.front().starts_with('/') || ::access(command.front().c_str(), X_OK) == 0;
    const std::string program = printable(command.front(), 200);
    if (runs) return findings.ok(said({"printed by {}", "由 {} 输出"}, {program}));
    return findings.fail(said({"{} is not there, or cannot be executed", "{} 不存在，或无法执行"}, {program}),
                         said({"install it, or write another command under upstreams.{}",
                               "安装它，或在 upstreams.{} 下写别的命令"},
                              {upstream.name}));
  }
  const Phrase store = fix_by(patient, "credential set " + upstream.name);
  if (look_at(upstream.password_file).kind == FileFacts::Kind::Unseen)
    return findings.unseen(
        said({"only root may look into the folder of {}", "只有 root 能查看 {} 所在的目录"},
             {upstream.password_file}));
  if (auto fault = fault_of_secret(upstream.password_file, look_at(upstream.password_file)))
    return findings.fail(fault->found, fault->fix.empty() ? store : fault->fix);
  if (is_closed_to_us(upstream.password_file))
    return findings.unseen(said({"only root and the daemon may read {}", "只有 root 和守护进程可以读取 {}"},
                                {upstream.password_file}));
  const auto secret = read_secret(upstream);
  if (!secret) return findings.fail(found_of(secret.error()), store);
  findings.ok(untranslated(upstream.password_file + ", " + describe(look_at(upstream.password_file))));
}

}  // namespace

void check_configuration(Patient& patient, Findings& findings) {
  if (!patient.settings) return findings.fail(first_error(patient.diagnostics), fix_by(patient, "check"));
  const auto warnings =
      std::count_if(patient.diagnostics.begin(), patient.diagnostics.end(),
                    [](const Diagnostic& each) { return each.severity == Diagnostic::Warning; });
  if (warnings > 0)
    return findings.warn(
        said({"{} can be used, with {}", "{} 可以使用，有 {}"},
             {patient.config_path, counted(static_cast<std::uint64_t>(warnings), "warning", "条提醒")}),
        fix_by(patient, "check"));
  findings.ok(said({"{} is good, with {}", "{} 没有问题，有 {}"},
                   {patient.config_path, counted(patient.settings->upstreams.size(), "upstream", "个上游")}));
}

void check_configuration_files(Patient& patient, Findings& findings) {
  const auto files = configuration_files(patient.config_path);
  bool good = true;
  for (const std::string& named : files) {
    const std::string file = where_it_leads(named);
    const auto fault = fault_of_configuration(file, look_at(file), ::geteuid());
    const Phrase make = fix_by(patient, "setup");
    if (fault) findings.about(named).fail(fault->found, fault->fix.empty() ? make : fault->fix);
    good = good && !fault;
  }
  if (!good) return;
  if (::geteuid() == 0 && patient.service && patient.settings &&
      owner_wanted(patient) == patient.service->uid) {
    const auto access = check_access(*patient.service, *patient.settings);
    if (!access)
      return findings.fail(found_of(access.error()), fix_of(access.error(), fix_by(patient, "check")));
  }
  const std::string facts = describe(look_at(where_it_leads(patient.config_path)));
  findings.ok(files.size() > 1 ? said({"{}, and conf.d", "{}，以及 conf.d"}, {facts}) : untranslated(facts));
}

void check_reloaded(Patient& patient, Findings& findings) {
  if (!patient.live) return findings.unseen(why_not_asked(patient));
  for (const std::string& file : configuration_files(patient.config_path)) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) continue;
    const WallTime changed{std::chrono::seconds(facts.st_mtim.tv_sec)};
    if (changed <= patient.live->config_loaded_at + std::chrono::seconds(1)) continue;
    return findings.warn(said({"{} was changed {} ago, and the daemon still has what was there before",
                               "{} 在 {}前改过，守护进程用的还是之前的内容"},
                              {file, spoken(patient.now - changed)}),
                         fix_by(patient, patient.look->broken ? "check" : "reload"));
  }
  findings.ok(said({"the daemon has what is in the files", "守护进程用的就是文件里的内容"}));
}

void check_secrets(Patient& patient, Findings& findings) {
  bool any = false;
  for (const UpstreamSettings& upstream : patient.settings->upstreams) {
    if (upstream.user.empty()) continue;
    check_secret_of(patient, upstream, findings.about(upstream.name));
    any = true;
  }
  if (!any) findings.ok(said({"no upstream has a login", "没有需要登录的上游"}));
}

void check_queue_files(Patient& patient, Findings& findings) {
  const std::string& path = patient.settings->queue.path;
  const std::string folder = folder_of(path);
  if (auto fault = fault_of_queue(folder, look_at(folder), owner_wanted(patient)))
    return findings.fail(fault->found, fault->fix);
  if (look_at(path).kind == FileFacts::Kind::Missing && !patient.live)
    return findings.ok(said(
        {"there is no queue yet; the daemon makes it when it starts", "还没有队列；守护进程启动时会建立"}));
  say(findings, fault_of_queue(path, look_at(path), owner_wanted(patient)),
      path + ", " + describe(look_at(path)));
  for (const char* suffix : {"-wal", "-shm", ".lock", ".sent", ".ballast"}) {
    const FileFacts beside = look_at(path + suffix);
    if (beside.kind != FileFacts::Kind::File) continue;
    if (auto fault = fault_of_queue(path + suffix, beside, owner_wanted(patient)))
      findings.about(path + suffix).fail(fault->found, fault->fix);
  }
}

}  // namespace mailchute
