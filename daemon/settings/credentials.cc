#include "settings/credentials.h"

#include <sys/stat.h>

namespace mailchute {

namespace {

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

/// The credential of the same name; empty when the file is none of ours or nothing was passed for it.
std::string passed_for(const std::string& file, const std::string& ours, const std::string& passed) {
  if (!file.starts_with(ours)) return {};
  const std::string name = file.substr(ours.size());
  if (name.empty() || name.find('/') != std::string::npos) return {};
  const std::string path = passed + "/" + name;
  return exists(path) ? path : std::string();
}

}  // namespace

void use_passed_credentials(Reading& reading, const std::string& passed, Settings& settings) {
  if (passed.empty()) return;
  const std::string ours = reading.folder + "/credentials/";
  const auto use = [&](std::string& file, const std::string& key) {
    const std::string path = passed_for(file, ours, passed);
    if (path.empty()) return;
    if (exists(file))
      reading.report.note(reading.where(key), "the credential that systemd passes is used, not " + file,
                          "remove that file, or the LoadCredential line of the unit");
    file = path;
  };
  for (UpstreamSettings& upstream : settings.upstreams)
    use(upstream.password_file, "upstreams." + upstream.name + ".password_file");
  for (SmtpUser& user : settings.listen.smtp_users) use(user.password_file, "listen.smtp_users");
  use(settings.listen.tls_certificate, "listen.tls_certificate");
  use(settings.listen.tls_key, "listen.tls_key");
}

}  // namespace mailchute
