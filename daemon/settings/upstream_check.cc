#include <sys/stat.h>

#include <algorithm>

#include "base/exit_codes.h"
#include "base/text.h"
#include "settings/command_check.h"
#include "settings/effects.h"
#include "settings/host.h"
#include "settings/read_file.h"
#include "settings/secret.h"
#include "settings/upstreams.h"

namespace mailchute {

namespace {

/// Debian's bundle of all roots is 220 KiB.
constexpr std::size_t kRootsBytes = 16 * 1024 * 1024;

/// The upstream under examination, and where its keys stand.
struct Subject {
  Reading& reading;
  const UpstreamSettings& upstream;

  Where where(const std::string& key) const {
    return reading.where("upstreams." + upstream.name + "." + key);
  }
  /// True when a person wrote it, not a profile.
  bool written(const std::string& key) const {
    if (!reading.is_given("upstreams." + upstream.name + "." + key)) return false;
    return reading.report.source(where(key).source).kind != SourceText::Kind::Profile;
  }
  void error(const std::string& key, std::string message, std::string hint = {}) const {
    reading.report.error(where(key), std::move(message), std::move(hint));
  }
};

/// A password crosses no wire in clear, and mail crosses none outside this machine (RFC 8314 section 3).
void check_tls(const Subject& subject) {
  if (subject.upstream.tls != TlsMode::None || subject.upstream.host.empty()) return;
  if (!is_loopback_host(subject.upstream.host))
    subject.error("tls", "tls: none is for a loopback host only, not for " + printable(subject.upstream.host),
                  "write tls: implicit or tls: starttls");
  if (!subject.upstream.user.empty())
    subject.error("tls",
                  "tls: none would send the password of " + printable(subject.upstream.user) + " in clear",
                  "write tls: implicit or tls: starttls, or remove user");
}

void check_secret_sources(const Subject& subject) {
  const UpstreamSettings& upstream = subject.upstream;
  const bool password = !upstream.password_file.empty() || !upstream.password_command.empty();
  const bool any = password || !upstream.token_command.empty();
  if (!upstream.user.empty() && !any && subject.reading.report.complete())
    subject.error("user", "upstream " + upstream.name + " has a user but no secret",
                  "write password_file: credentials/" + upstream.name);
  if (!subject.written("user") && upstream.user.empty() && any && subject.reading.report.complete())
    subject.error(password ? "password_file" : "token_command",
                  "upstream " + upstream.name + " has a secret but no user");
  if (!upstream.password_file.empty() && !upstream.password_command.empty())
    subject.error("password_command", "password_file and password_command exclude each other",
                  "keep one of them");
  if (password && !upstream.token_command.empty())
    subject.reading.report.warning(subject.where("token_command"),
                                   uses_token(upstream) ? "the token is used, the password never"
                                                        : "the password is used, the token never",
                                   "keep one of them");
}

/// A file that is not there yet is a warning: mail is accepted and waits. A file that anyone can read is an
/// error.
void check_password_file(const Subject& subject) {
  if (subject.upstream.password_file.empty() || !subject.written("password_file")) return;
  const auto secret = read_secret(subject.upstream);
  if (secret) return;
  if (secret.error().code != exit_code::kNoInput)
    return subject.error("password_file", secret.error().text,
                         "it is for its owner and one group alone: mode 0640 or less");
  subject.reading.report.warning(
      subject.where("password_file"), secret.error().text,
      "mail for this upstream waits until it is there: write the password into that file, mode 0640");
}

void check_ca_file(const Subject& subject) {
  if (subject.upstream.ca_file.empty()) return;
  const auto roots = read_small_file(subject.upstream.ca_file, kRootsBytes);
  const bool holds_roots = roots && roots->bytes.find("-----BEGIN CERTIFICATE-----") != std::string::npos;
  if (holds_roots) return;
  subject.reading.report.warning(
      subject.where("ca_file"),
      roots ? subject.upstream.ca_file + " holds no certificate" : roots.error().text,
      "mail for this upstream waits until it does");
}

/// `login` stands for the user; where that is a key or a word, an address must be written.
void check_sender(const Subject& subject, const std::string& key, const std::string& value) {
  const UpstreamSettings& upstream = subject.upstream;
  if (value != "login" || upstream.user.find('@') != std::string::npos || !subject.reading.report.complete())
    return;
  if (subject.written("user") && upstream.user.empty()) return;  // It did not fit, which has been told.
  if (upstream.user.empty())
    return subject.error("user", "upstream " + upstream.name + " needs a user: it sends as the login address",
                         "write user: the address that is logged in");
  subject.error(subject.written(key) ? key : "user", key + " is login, but the user is no address",
                "write user as an address, or " + key + ": an address");
}

/// A password is for login and plain, a token for the others: what is listed beyond that is never tried.
void check_mechanisms(const Subject& subject) {
  const UpstreamSettings& upstream = subject.upstream;
  const bool password = !upstream.password_file.empty() || !upstream.password_command.empty();
  const bool token = uses_token(upstream) || (!password && !upstream.token_command.empty());
  const auto tried = [token](const std::string& mechanism) { return takes_token(mechanism) == token; };
  const auto idle = std::find_if_not(upstream.auth.begin(), upstream.auth.end(), tried);
  if (idle == upstream.auth.end() || upstream.user.empty()) return;
  if (std::any_of(upstream.auth.begin(), upstream.auth.end(), tried)) {
    if (subject.written("auth"))
      subject.reading.report.note(subject.where("auth"),
                                  *idle + " is not tried: it takes a " + (token ? "password" : "token"));
  } else if (token) {
    subject.error("token_command", "no mechanism of auth takes a token", "write auth: [xoauth2]");
  } else {
    subject.reading.report.warning(subject.where("auth"),
                                   "upstream " + upstream.name + " cannot log in: " + *idle +
                                       " takes a token, and token_command is missing",
                                   "write token_command: [a program that prints a token]");
  }
}

void check_commands(const Subject& subject) {
  check_command(subject.reading, subject.where("password_command"), "password_command",
                subject.upstream.password_command, Lookup::Path);
  check_command(subject.reading, subject.where("token_command"), "token_command",
                subject.upstream.token_command, Lookup::Path);
}

}  // namespace

void check_upstream(Reading& reading, const UpstreamSettings& upstream) {
  const Subject subject{reading, upstream};
  check_tls(subject);
  check_secret_sources(subject);
  check_password_file(subject);
  check_ca_file(subject);
  check_sender(subject, "envelope_sender", upstream.envelope_sender);
  check_sender(subject, "header_from", upstream.header_from);
  check_mechanisms(subject);
  check_commands(subject);
}

}  // namespace mailchute
