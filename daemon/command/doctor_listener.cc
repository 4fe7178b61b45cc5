// The check of what clients of the SMTP port need for TLS and logins.
#include <unistd.h>

#include <chrono>

#include "base/text.h"
#include "command/doctor.h"
#include "command/file_facts.h"
#include "relay_door.h"

namespace mailchute {

namespace {

/// Tools that renew do it a month before the end: half of that has passed in vain.
constexpr std::chrono::hours kSoon{24 * 14};

Phrase renewed(const Patient& patient) {
  return said({"renew it, then: {}", "续期后运行：{}"}, {fix_by(patient, "reload")});
}

void say_times(const Patient& patient, std::optional<WallTime> expires, Findings findings) {
  if (!expires) return findings.ok(said({"the certificate and its key can be used", "证书和密钥可用"}));
  const std::string end = rfc3339(*expires);
  if (*expires <= patient.now)
    return findings.fail(
        said({"the certificate has expired, at {}; clients refuse it", "证书已于 {} 过期，客户端会拒绝"},
             {end}),
        renewed(patient));
  if (*expires <= patient.now + kSoon)
    return findings.warn(said({"the certificate is good only until {}", "证书有效期只到 {}"}, {end}),
                         renewed(patient));
  findings.ok(said({"the certificate is good until {}", "证书有效期至 {}"}, {end}));
}

/// What the daemon would make of the files.
void check_certificate(const Patient& patient, const DoorFiles& files, Findings findings) {
  const auto& listen = patient.settings->listen;
  const Phrase check = fix_by(patient, "check");
  if (auto fault = fault_of_secret(listen.tls_key, look_at(listen.tls_key)))
    return findings.fail(fault->found, fault->fix.empty() ? check : fault->fix);
  if (!files.chain_pem) return findings.fail(found_of(files.chain_pem.error()), check);
  if (!files.key_pem) return findings.fail(found_of(files.key_pem.error()), check);
  const auto expires = examine_certificate(*files.chain_pem, *files.key_pem);
  if (!expires)
    return findings.fail(said({"there is no TLS: {}", "没有 TLS：{}"}, {expires.error().text}), check);
  say_times(patient, *expires, findings);
}

void check_passwords(const Patient& patient, const DoorFiles& files, Findings& findings) {
  for (const DoorFiles::User& user : files.users)
    if (!user.password)
      findings.about(printable(user.name, 100))
          .fail(said({"cannot log in: {}", "无法登录：{}"}, {user.password.error().text}),
                said({"write the password into that file, mode 0640, then: {}",
                      "把密码写入该文件（权限 0640），然后运行：{}"},
                     {fix_by(patient, "reload")}));
}

}  // namespace

void check_listener_tls(Patient& patient, Findings& findings) {
  const auto& listen = patient.settings->listen;
  if (listen.tls_certificate.empty()) {
    if (listen.smtp_users.empty())
      return findings.ok(said({"programs of this machine alone, without TLS", "只接受本机程序，不使用 TLS"}));
    return findings.fail(said({"nobody can log in: there is no certificate", "没有证书，无人能登录"}),
                         said({"set listen.tls_certificate and listen.tls_key",
                               "设置 listen.tls_certificate 和 listen.tls_key"}));
  }
  if (::geteuid() == 0 && patient.service && patient.config_path.starts_with("/etc/mailchute/"))
    if (const auto access = check_listener_access(*patient.service, *patient.settings); !access)
      return findings.fail(found_of(access.error()), fix_of(access.error(), fix_by(patient, "check")));
  const DoorFiles files = read_door_files(listen);
  check_certificate(patient, files, findings.about(listen.tls_certificate));
  check_passwords(patient, files, findings);
}

}  // namespace mailchute
