// The configuration as the program sees it: plain values, complete and consistent, with every default filled
// in. How they are read is load.h's business. Values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/aliases.h"
#include "settings/reply_rule.h"

namespace mailchute {

/// A command to run: argv, without a shell.
using CommandLine = std::vector<std::string>;

/// `30/min`, `10000/day`.
struct Rate {
  std::uint64_t count = 0;
  Duration window{};
  bool operator==(const Rate&) const = default;
};

enum class TlsMode { Implicit, StartTls, None };

/// Another way to the same provider, where a port is blocked.
struct Alternative {
  std::string host;
  std::uint16_t port = 0;
  TlsMode tls = TlsMode::Implicit;
  bool operator==(const Alternative&) const = default;
};

/// What the provider calls the secret it wants here, and how to get one; English and Chinese. Empty: a plain
/// password.
struct SecretAdvice {
  std::string name;
  std::string name_zh;
  std::string how;
  std::string how_zh;
  /// Drop: blanks in it are decoration (shown in groups of four), or came with the clipboard.
  enum class Blanks { Keep, Drop } blanks = Blanks::Keep;
  bool operator==(const SecretAdvice&) const = default;
};

struct UpstreamSettings {
  std::string name;
  std::string provider = "custom";
  std::string host;
  std::uint16_t port = 0;
  TlsMode tls = TlsMode::Implicit;
  std::string ca_file;          ///< Absolute; empty: the system's roots.
  std::string tls_fingerprint;  ///< Empty: any.
  std::string user;             ///< Empty: no login.
  std::string password_file;    ///< Absolute.
  CommandLine password_command;
  CommandLine token_command;
  std::vector<std::string> auth = {"login", "plain"};
  std::string mail_domain;               ///< Settings::mail_domain: delivery completes names with it.
  std::size_t header_size = 256 << 10;   ///< Settings::Limits::header_size.
  std::string envelope_sender = "keep";  ///< keep | login | an address
  std::string header_from = "keep";      ///< keep | login | an address
  std::size_t recipients_per_message = 100;
  std::uint64_t message_size = 150ULL << 20;
  std::size_t max_connections = 2;
  std::size_t messages_per_connection = 100;
  Duration idle_close{20'000};
  std::optional<Rate> rate;
  std::map<std::string, Rate> quota;  ///< `messages`, `recipients`.
  struct Timeouts {
    Duration connect{30'000};
    Duration greeting{300'000};
    Duration command{300'000};
    Duration data{180'000};
    Duration final_dot{600'000};
    bool operator==(const Timeouts&) const = default;
  } timeouts;

  // What follows comes from the provider's profile alone.
  std::vector<ReplyRule> rules;           ///< What its replies mean, in order; then the generic table.
  std::vector<Alternative> alternatives;  ///< Where else the same server answers, in order of preference.
  SecretAdvice secret;
  bool operator==(const UpstreamSettings&) const = default;
};

struct RouteSettings {
  std::string from = "*";  ///< Patterns with `*`.
  std::string to = "*";
  std::vector<std::string> via;
  bool operator==(const RouteSettings&) const = default;
};

struct SmtpUser {
  std::string name;
  std::string password_file;
  bool operator==(const SmtpUser&) const = default;
};

struct Settings {
  std::string path;  ///< The main file, absolute; empty when built by hand.
  std::string root;
  std::string hostname;
  std::string mail_domain;
  std::map<std::string, std::string> aliases;
  std::string aliases_file;
  AliasTable alias_table;  ///< Of the two above, the map winning.

  struct Listen {
    std::vector<std::string> smtp = {"127.0.0.1:25", "[::1]:25"};
    std::string submit = "/run/mailchute/submit.sock";
    std::string control = "/run/mailchute/control.sock";
    bool allow_nonloopback = false;
    std::string tls_certificate;  ///< Absolute; empty: no TLS.
    std::string tls_key;          ///< Absolute.
    std::vector<SmtpUser> smtp_users;
    bool operator==(const Listen&) const = default;
  } listen;

  struct QueueSettings {
    std::string path = "/var/lib/mailchute/queue.db";
    Duration lifetime = std::chrono::hours(120);
    Duration delay_notice = std::chrono::hours(4);
    Duration history = std::chrono::hours(720);
    Duration history_bodies{0};
    std::uint64_t max_bytes = 4ULL << 30;
    std::uint64_t reserve = 256ULL << 20;
    bool operator==(const QueueSettings&) const = default;
  } queue;

  struct Limits {
    std::uint64_t message_size = 50ULL << 20;
    std::size_t recipients = 1000;
    std::size_t connections = 1000;
    std::size_t connections_per_user = 200;
    std::size_t header_size = 256 << 10;
    Duration command_timeout{300'000};
    Duration data_timeout{180'000};
    bool operator==(const Limits&) const = default;
  } limits;

  struct Retry {
    Duration first{60'000};
    Duration max{3'600'000};
    double factor = 2.0;
    double jitter = 0.2;
    bool operator==(const Retry&) const = default;
  } retry;

  std::string uncertain = "retry_once";  ///< After a lost final reply: retry_once | hold | give_up

  struct Cooldown {
    Duration login_first = std::chrono::minutes(15);
    Duration login_max = std::chrono::hours(6);
    Duration connect_first{30'000};
    Duration connect_max{600'000};
    bool operator==(const Cooldown&) const = default;
  } cooldown;

  std::vector<UpstreamSettings> upstreams;  ///< In file order.
  std::vector<RouteSettings> routes;        ///< Never empty after loading: the default route is the last.

  struct NotifySettings {
    CommandLine command;
    Duration oldest_message{3'600'000};
    int login_refused = 1;
    bool operator==(const NotifySettings&) const = default;
  } notify;

  struct LogSettings {
    std::string level = "info";
    std::string format = "text";
    bool operator==(const LogSettings&) const = default;
  } log;

  struct HttpSettings {
    std::string listen;  ///< Empty: off.
    bool operator==(const HttpSettings&) const = default;
  } http;

  bool operator==(const Settings&) const = default;
};

}  // namespace mailchute
