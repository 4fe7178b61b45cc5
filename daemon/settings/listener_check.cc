#include "settings/listener_check.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "base/exit_codes.h"
#include "base/text.h"
#include "settings/host.h"
#include "settings/read_file.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::chrono::hours kSoon{24 * 14};
constexpr char kCertificate[] = "listen.tls_certificate";
constexpr char kKey[] = "listen.tls_key";
constexpr char kForTheOwner[] = "it is for its owner and one group alone: mode 0640 or less";
constexpr char kNoTlsMeanwhile[] = "until it can be used the listener offers no TLS and no logins";

bool has_certificate(const Settings& settings) {
  return !settings.listen.tls_certificate.empty() && !settings.listen.tls_key.empty();
}

/// What keeps the doors of a listener that others reach, and is missing.
std::string missing_guards(const Settings& settings) {
  std::string missing;
  const auto add = [&](bool there, const char* what) {
    if (!there) missing += (missing.empty() ? "" : ", ") + std::string(what);
  };
  add(settings.listen.allow_nonloopback, "listen.allow_nonloopback: true");
  add(!settings.listen.smtp_users.empty(), "listen.smtp_users");
  add(has_certificate(settings), "listen.tls_certificate and listen.tls_key");
  return missing;
}

/// An open relay is found by abusers within hours, so that one takes several keys.
void check_exposure(Reading& reading, const Settings& settings, const std::string& endpoint) {
  const auto parsed = parse_endpoint(endpoint);
  if (!parsed || is_loopback_address(parsed->address)) return;
  const std::string missing = missing_guards(settings);
  if (missing.empty()) return;
  reading.report.error(reading.where("listen.smtp"),
                       endpoint + " can be reached by other machines: anyone there could send mail as you",
                       "listen on 127.0.0.1, or set " + missing);
}

bool fits_a_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

void check_password_file(Reading& reading, const SmtpUser& user, const std::string& key) {
  const auto secret = read_secret_file(user.password_file, SecretAdvice::Blanks::Keep);
  if (secret) return;
  if (secret.error().code != exit_code::kNoInput)
    return reading.report.error(reading.where(key), secret.error().text, kForTheOwner);
  reading.report.warning(
      reading.where(key), secret.error().text,
      printable(user.name) +
          " cannot log in until it is there: write the password into that file, mode 0640");
}

void check_user(Reading& reading, const SmtpUser& user, const std::string& path,
                std::set<std::string>& names) {
  const auto error = [&](const std::string& key, const std::string& message, const std::string& hint) {
    reading.report.error(reading.where(path + key), message, hint);
  };
  if (reading.is_given(path + ".name") && !fits_a_name(user.name))
    error(".name", "\"" + printable(user.name, 80) + "\" is not a name for a login",
          "use visible ASCII without blanks, at most " + std::to_string(kNameBytes) + " bytes");
  else if (!user.name.empty() && !names.insert(user.name).second)
    error(".name", "there are two users " + printable(user.name), "give one of them another name");
  if (!user.password_file.empty()) return check_password_file(reading, user, path + ".password_file");
  if (reading.report.complete())
    error("", "the user " + printable(user.name) + " needs a password_file",
          "write password_file: credentials/" + printable(user.name));
}

void check_users(Reading& reading, const Settings& settings) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < settings.listen.smtp_users.size(); ++i)
    check_user(reading, settings.listen.smtp_users[i], "listen.smtp_users." + std::to_string(i), names);
  if (settings.listen.smtp_users.empty() || has_certificate(settings) || !reading.report.complete()) return;
  reading.report.warning(reading.where("listen.smtp_users"),
                         "nobody can log in: passwords are taken over TLS alone, and there is no certificate",
                         "set listen.tls_certificate and listen.tls_key");
}

/// One without the other.
void check_pair(Reading& reading, const Settings& settings) {
  const bool certificate = !settings.listen.tls_certificate.empty();
  if (certificate == !settings.listen.tls_key.empty() || !reading.report.complete()) return;
  const char* const there = certificate ? kCertificate : kKey;
  const char* const missing = certificate ? kKey : kCertificate;
  reading.report.error(reading.where(there), std::string(there) + " needs " + missing + " beside it",
                       certificate ? "write tls_key: the file with its key"
                                   : "write tls_certificate: the file with its certificate");
}

/// Told once the pair fits together.
void check_times(Reading& reading, const std::string& file, std::optional<WallTime> expires) {
  if (!expires) return;
  const WallTime now = SystemClock().wall();
  if (*expires <= now)
    reading.report.warning(reading.where(kCertificate),
                           "the certificate of " + file + " has expired, at " + rfc3339(*expires),
                           "clients that look at it refuse it; renew it, then: mailchute reload");
  else if (*expires <= now + kSoon)
    reading.report.warning(reading.where(kCertificate),
                           "the certificate of " + file + " expires soon, at " + rfc3339(*expires),
                           "renew it, then: mailchute reload");
}

/// Empty when it cannot be read, which has been told then.
std::optional<Secret> read_key(Reading& reading, const std::string& path) {
  auto file = read_small_file(path, kPemBytes, kOthersRead);
  if (!file && file.error().code == exit_code::kNoInput)
    reading.report.warning(reading.where(kKey), file.error().text, kNoTlsMeanwhile);
  else if (!file)
    reading.report.error(reading.where(kKey), file.error().text, kForTheOwner);
  if (!file) return std::nullopt;
  std::optional<Secret> key(std::in_place, file->bytes);
  Secret::wipe(file->bytes);
  return key;
}

void check_files(Reading& reading, const Settings& settings, const CertificateCheck& examine) {
  const auto& listen = settings.listen;
  const auto chain = read_small_file(listen.tls_certificate, kPemBytes);
  const auto key = read_key(reading, listen.tls_key);
  if (!chain) reading.report.warning(reading.where(kCertificate), chain.error().text, kNoTlsMeanwhile);
  if (!chain || !key || !examine) return;
  const auto expires = examine(chain->bytes, *key);
  if (!expires)
    return reading.report.warning(
        reading.where(kCertificate),
        "cannot use " + listen.tls_certificate + " with " + listen.tls_key + ": " + expires.error().text,
        kNoTlsMeanwhile);
  check_times(reading, listen.tls_certificate, *expires);
}

}  // namespace

void check_listeners(Reading& reading, const Settings& settings, const CertificateCheck& examine) {
  for (const auto& endpoint : settings.listen.smtp) check_exposure(reading, settings, endpoint);
  check_users(reading, settings);
  check_pair(reading, settings);
  if (has_certificate(settings)) check_files(reading, settings, examine);
}

}  // namespace mailchute
