#include "settings/schema.h"

#include <array>

#include "settings/value.h"

namespace mailchute {

namespace {

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kTiB = 1024 * 1024 * kMiB;

constexpr std::string_view kLevels = "debug|info|warning|error";
constexpr std::string_view kMechanisms = "login|plain|xoauth2|oauthbearer";

constexpr Form form(Form::Kind kind, std::int64_t least = 0, std::int64_t most = INT64_MAX) {
  return {kind, least, most, {}};
}
constexpr Form choice(Form::Kind kind, std::string_view choices, std::int64_t least = 0) {
  return {kind, least, INT64_MAX, choices};
}

#define FIELD(Owner, member) [](Owner& owner) -> Field { return &owner.member; }
#define AT(member) FIELD(Settings, member)

constexpr std::array kSettingsKeys = {
    Key<Settings>{"root", form(Form::Address), AT(root), "who reads the mail for root and other local names"},
    Key<Settings>{"hostname", form(Form::HostName), AT(hostname),
                  "the name in EHLO, Received: and Message-ID:"},
    Key<Settings>{"mail_domain", form(Form::Domain), AT(mail_domain),
                  "completes bare names (root, www-data)"},
    Key<Settings>{"aliases", form(Form::TextMap), AT(aliases),
                  "local name to address; wins over aliases_file"},
    Key<Settings>{"aliases_file", form(Form::Path), AT(aliases_file), "aliases in the form of aliases(5)"},

    Key<Settings>{"listen.smtp", form(Form::Endpoints), AT(listen.smtp), "where apps hand over mail"},
    Key<Settings>{"listen.submit", form(Form::Path), AT(listen.submit),
                  "the socket of the sendmail command, mode 0666"},
    Key<Settings>{"listen.control", form(Form::Path), AT(listen.control),
                  "the socket of the other commands, mode 0660"},
    Key<Settings>{"listen.allow_nonloopback", form(Form::Flag), AT(listen.allow_nonloopback),
                  "permits a listener that other machines reach; needs smtp_users and a certificate"},
    Key<Settings>{"listen.tls_certificate", form(Form::Path), AT(listen.tls_certificate),
                  "PEM file: the listener's certificate, then its issuers; re-read at reload"},
    Key<Settings>{"listen.tls_key", form(Form::Path), AT(listen.tls_key), "PEM file: its key, unencrypted"},
    Key<Settings>{"listen.smtp_users", form(Form::SmtpUsers), AT(listen.smtp_users),
                  "who may log in to the listener, over TLS"},

    Key<Settings>{"queue.path", form(Form::Path), AT(queue.path), "the queue's database"},
    Key<Settings>{"queue.lifetime", form(Form::Time, kMinute, 365 * kDay), AT(queue.lifetime),
                  "how long delivery is tried; then the sender is told"},
    Key<Settings>{"queue.delay_notice", form(Form::Time, 0, 365 * kDay), AT(queue.delay_notice),
                  "when the sender is told that mail is late; 0: never"},
    Key<Settings>{"queue.history", form(Form::Time, 0, 3650 * kDay), AT(queue.history),
                  "how long the record of a finished message is kept"},
    Key<Settings>{"queue.history_bodies", form(Form::Time, 0, 3650 * kDay), AT(queue.history_bodies),
                  "how long its content is kept"},
    Key<Settings>{"queue.max_bytes", form(Form::Size, kMiB, 1024 * kTiB), AT(queue.max_bytes),
                  "size of the queue beyond which new mail gets 452"},
    Key<Settings>{"queue.reserve", form(Form::Size, kMiB, 1024 * kTiB), AT(queue.reserve),
                  "free disk below which new mail gets 452"},

    Key<Settings>{"limits.message_size", form(Form::Size, 64 * kKiB, 2048 * kMiB), AT(limits.message_size),
                  "largest message taken from an app"},
    // RFC 5321 4.5.3.1.8: at least 100 recipients must be taken.
    Key<Settings>{"limits.recipients", form(Form::Count, 100, 100'000), AT(limits.recipients),
                  "recipients of one message"},
    Key<Settings>{"limits.connections", form(Form::Count, 1, 100'000), AT(limits.connections),
                  "apps connected at once"},
    Key<Settings>{"limits.connections_per_user", form(Form::Count, 1, 100'000),
                  AT(limits.connections_per_user), "of them from one system user"},
    Key<Settings>{"limits.header_size", form(Form::Size, 16 * kKiB, 16 * kMiB), AT(limits.header_size),
                  "header of one message"},
    Key<Settings>{"limits.command_timeout", form(Form::Time, kSecond, kDay), AT(limits.command_timeout),
                  "patience for a whole command of an app"},
    Key<Settings>{"limits.data_timeout", form(Form::Time, kSecond, kDay), AT(limits.data_timeout),
                  "patience for each 4 KiB of content"},

    Key<Settings>{"retry.first", form(Form::Time, kSecond, 30 * kDay), AT(retry.first),
                  "wait after the first deferral"},
    Key<Settings>{"retry.max", form(Form::Time, kSecond, 30 * kDay), AT(retry.max),
                  "longest wait between two attempts"},
    Key<Settings>{"retry.factor", form(Form::Fraction, 1'000, 100'000), AT(retry.factor),
                  "each wait is this much longer"},
    Key<Settings>{"retry.jitter", form(Form::Fraction, 0, 900), AT(retry.jitter),
                  "part of a wait left to chance"},
    Key<Settings>{"uncertain", choice(Form::Choice, "retry_once|hold|give_up"), AT(uncertain),
                  "what becomes of a message whose final reply was lost"},

    Key<Settings>{"cooldown.login_first", form(Form::Time, kSecond, 30 * kDay), AT(cooldown.login_first),
                  "an upstream's pause after a refused login"},
    Key<Settings>{"cooldown.login_max", form(Form::Time, kSecond, 30 * kDay), AT(cooldown.login_max),
                  "longest pause after refused logins"},
    Key<Settings>{"cooldown.connect_first", form(Form::Time, kSecond, 30 * kDay), AT(cooldown.connect_first),
                  "an upstream's pause after a failed connection"},
    Key<Settings>{"cooldown.connect_max", form(Form::Time, kSecond, 30 * kDay), AT(cooldown.connect_max),
                  "longest pause after failed connections"},

    Key<Settings>{"upstreams", form(Form::Upstreams), AT(upstreams),
                  "the providers, by a name of your choice"},
    Key<Settings>{"routes", form(Form::Routes), AT(routes),
                  "which mail goes by which upstream; the first match wins"},

    Key<Settings>{"notify.command", form(Form::Command, 1), AT(notify.command),
                  "run with each event as JSON on its input"},
    Key<Settings>{"notify.after.oldest_message", form(Form::Time, 0, 365 * kDay), AT(notify.oldest_message),
                  "tell when mail has waited this long"},
    Key<Settings>{"notify.after.login_refused", form(Form::Count, 0, 1'000), AT(notify.login_refused),
                  "tell after this many refused logins"},

    Key<Settings>{"log.level", choice(Form::Choice, kLevels), AT(log.level),
                  "the least important thing that is logged"},
    Key<Settings>{"log.format", choice(Form::Choice, "text|json"), AT(log.format),
                  "under systemd journald gets fields instead"},
    Key<Settings>{"http.listen", form(Form::Endpoint), AT(http.listen),
                  "metrics, health and dashboard; off unless set"},
};

/// For keys whose values are tables of their own.
template <typename Owner>
Field nowhere(Owner&) {
  return std::monostate{};
}

#undef AT
#define AT(member) FIELD(UpstreamSettings, member)

constexpr std::array kUpstreamKeys = {
    Key<UpstreamSettings>{"provider", form(Form::Text), AT(provider),
                          "the profile that gives the defaults below"},
    Key<UpstreamSettings>{"host", form(Form::Host), AT(host), "name or IP address of the provider's server"},
    Key<UpstreamSettings>{"port", form(Form::Count, 1, 65'535), AT(port), "its port"},
    Key<UpstreamSettings>{"tls", choice(Form::Choice, "implicit|starttls|none"), AT(tls),
                          "how the connection is secured; none: loopback host and no user only"},
    Key<UpstreamSettings>{"ca_file", form(Form::Path), AT(ca_file),
                          "roots that replace the system's for this upstream"},
    Key<UpstreamSettings>{"tls_fingerprint", form(Form::Fingerprint), AT(tls_fingerprint),
                          "narrows the verified chain"},
    Key<UpstreamSettings>{"user", form(Form::Text), AT(user), "the login; none: no login"},
    Key<UpstreamSettings>{"password_file", form(Form::Path), AT(password_file),
                          "file with the password; re-read at reload and after a refused login"},
    Key<UpstreamSettings>{"password_command", form(Form::Command, 1), AT(password_command),
                          "prints the password"},
    Key<UpstreamSettings>{"token_command", form(Form::Command, 1), AT(token_command),
                          "prints a token for xoauth2 or oauthbearer"},
    Key<UpstreamSettings>{"auth", choice(Form::ChoiceList, kMechanisms, 1), AT(auth),
                          "login mechanisms in order of preference"},
    Key<UpstreamSettings>{"envelope_sender", form(Form::Sender), AT(envelope_sender),
                          "MAIL FROM: keep the app's, the login address, or this address"},
    Key<UpstreamSettings>{"header_from", form(Form::Sender), AT(header_from),
                          "From: keep, login or an address; the original goes to Reply-To"},
    Key<UpstreamSettings>{"recipients_per_message", form(Form::Count, 1, 100'000), AT(recipients_per_message),
                          "recipients of one transaction"},
    Key<UpstreamSettings>{"message_size", form(Form::Size, kKiB, 2048 * kMiB), AT(message_size),
                          "largest message it takes"},
    Key<UpstreamSettings>{"max_connections", form(Form::Count, 1, 1'000), AT(max_connections),
                          "connections at once"},
    Key<UpstreamSettings>{"messages_per_connection", form(Form::Count, 1, 1'000'000),
                          AT(messages_per_connection), "messages before a new login"},
    Key<UpstreamSettings>{"idle_close", form(Form::Time, 0, kDay), AT(idle_close),
                          "how long an idle connection is kept"},
    Key<UpstreamSettings>{"rate", form(Form::Rate), AT(rate), "messages in a span of time"},
    Key<UpstreamSettings>{"quota", choice(Form::RateMap, "messages|recipients"), AT(quota),
                          "messages and recipients in longer spans"},
    Key<UpstreamSettings>{"timeouts.connect", form(Form::Time, kSecond, kHour), AT(timeouts.connect),
                          "for TCP and TLS"},
    Key<UpstreamSettings>{"timeouts.greeting", form(Form::Time, kSecond, kHour), AT(timeouts.greeting),
                          "for the 220"},
    Key<UpstreamSettings>{"timeouts.command", form(Form::Time, kSecond, kHour), AT(timeouts.command),
                          "for a reply"},
    Key<UpstreamSettings>{"timeouts.data", form(Form::Time, kSecond, kHour), AT(timeouts.data),
                          "for each block of content"},
    Key<UpstreamSettings>{"timeouts.final_dot", form(Form::Time, kSecond, kDay), AT(timeouts.final_dot),
                          "for the reply to a whole message"},
};

constexpr std::array kRouteKeys = {
    Key<RouteSettings>{"from", form(Form::Text), FIELD(RouteSettings, from),
                       "pattern for the envelope sender"},
    Key<RouteSettings>{"to", form(Form::Text), FIELD(RouteSettings, to), "pattern for the recipient"},
    Key<RouteSettings>{"via", form(Form::TextList, 1), FIELD(RouteSettings, via),
                       "upstreams; a later one is tried when an earlier one is not usable"},
};

constexpr std::array kSmtpUserKeys = {
    Key<SmtpUser>{"name", form(Form::Text), FIELD(SmtpUser, name), "the login of an app"},
    Key<SmtpUser>{"password_file", form(Form::Path), FIELD(SmtpUser, password_file),
                  "file with its password"},
};

constexpr std::array kProfileKeys = {
    Key<ProfileHead>{"title", form(Form::Text), FIELD(ProfileHead, title), "the provider's name for people"},
    Key<ProfileHead>{"domains", form(Form::TextList), FIELD(ProfileHead, domains),
                     "domains of users it follows from"},
    Key<ProfileHead>{"host_example", form(Form::Text), FIELD(ProfileHead, host_example),
                     "where the host is one of many"},
    Key<ProfileHead>{"like", form(Form::Text), FIELD(ProfileHead, like),
                     "a profile that says what this one leaves out"},
    Key<ProfileHead>{"replies_of", form(Form::Text), FIELD(ProfileHead, replies_of),
                     "a profile whose replies follow this one's"},
    Key<ProfileHead>{"secret.name", form(Form::Text), FIELD(ProfileHead, secret.name),
                     "what the password is called"},
    Key<ProfileHead>{"secret.name_zh", form(Form::Text), FIELD(ProfileHead, secret.name_zh), "in Chinese"},
    Key<ProfileHead>{"secret.how", form(Form::Text), FIELD(ProfileHead, secret.how), "how to get one"},
    Key<ProfileHead>{"secret.how_zh", form(Form::Text), FIELD(ProfileHead, secret.how_zh), "in Chinese"},
    Key<ProfileHead>{"secret.blanks", choice(Form::Choice, "keep|drop"), FIELD(ProfileHead, blanks),
                     "whether blanks in it are part of it"},
    Key<ProfileHead>{"defaults", form(Form::Defaults), nowhere<ProfileHead>, "values of upstream keys"},
    Key<ProfileHead>{"alternatives", form(Form::Alternatives), nowhere<ProfileHead>,
                     "where else the server answers"},
    Key<ProfileHead>{"replies", form(Form::Replies), nowhere<ProfileHead>, "what its replies mean"},
    Key<ProfileHead>{"explanations", form(Form::Explanations), nowhere<ProfileHead>, "the words for them"},
};

constexpr std::array kAlternativeKeys = {
    Key<Alternative>{"host", form(Form::Host), FIELD(Alternative, host), "another name of the server"},
    Key<Alternative>{"port", form(Form::Count, 1, 65'535), FIELD(Alternative, port), "its port"},
    Key<Alternative>{"tls", choice(Form::Choice, "implicit|starttls"), FIELD(Alternative, tls),
                     "how the connection is secured there"},
};

#undef AT
#undef FIELD

template <typename Owner>
void append(std::vector<KeyFact>& facts, std::string_view prefix, std::span<const Key<Owner>> keys) {
  Owner defaults;
  for (const auto& key : keys)
    facts.push_back({std::string(prefix) + std::string(key.path), key.form.kind,
                     show(key.form, key.field(defaults)), std::string(key.meaning)});
}

}  // namespace

std::span<const Key<Settings>> settings_keys() { return kSettingsKeys; }
std::span<const Key<UpstreamSettings>> upstream_keys() { return kUpstreamKeys; }
std::span<const Key<RouteSettings>> route_keys() { return kRouteKeys; }
std::span<const Key<SmtpUser>> smtp_user_keys() { return kSmtpUserKeys; }
std::span<const Key<ProfileHead>> profile_keys() { return kProfileKeys; }
std::span<const Key<Alternative>> alternative_keys() { return kAlternativeKeys; }

std::vector<KeyFact> key_facts() {
  std::vector<KeyFact> facts;
  append(facts, "", settings_keys());
  append(facts, "listen.smtp_users.*.", smtp_user_keys());
  append(facts, "upstreams.*.", upstream_keys());
  append(facts, "routes.*.", route_keys());
  return facts;
}

}  // namespace mailchute
