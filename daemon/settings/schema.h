// The one table of configuration keys: name, form, place in Settings, meaning. Reading, suggestions for
// unknown keys, environment twins, `config show` and the tests of the documentation all walk this table.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "settings/settings.h"

namespace mailchute {

/// How a value is written, and what it must be.
struct Form {
  enum Kind {
    Text,          ///< Any text without control bytes.
    Path,          ///< A file; made absolute against the configuration's folder.
    Host,          ///< A host name (IDN becomes its A-label) or an IP address.
    Domain,        ///< A host name.
    HostName,      ///< A host name or an address literal `[192.0.2.1]` (EHLO, RFC 5321 4.1.1.1).
    Address,       ///< A mailbox with a domain.
    Sender,        ///< keep | login | a mailbox with a domain.
    Fingerprint,   ///< `sha256:` and 64 hexadecimal digits, colons between them allowed.
    Endpoint,      ///< `127.0.0.1:25`, `[::1]:25`.
    Endpoints,     ///< A list of them.
    Time,          ///< units.h
    Size,          ///< units.h
    Count,         ///< A whole number without a unit.
    Fraction,      ///< A number, perhaps with a point.
    Flag,          ///< true | false
    Choice,        ///< One of `choices`.
    ChoiceList,    ///< A list of them, in order of preference.
    Rate,          ///< units.h
    RateMap,       ///< A map from one of `choices` to a rate.
    TextList,      ///< A list of texts.
    TextMap,       ///< A map of texts.
    Command,       ///< A list of words: program and arguments.
    Upstreams,     ///< A map from a name to upstream_keys().
    Routes,        ///< A list of route_keys().
    SmtpUsers,     ///< A list of smtp_user_keys().
    Defaults,      ///< Of a profile: upstream_keys() again.
    Alternatives,  ///< Of a profile: a list of host, port and tls.
    Replies,       ///< Of a profile: profile_replies.h
    Explanations,  ///< Of a profile: profile_replies.h
  };

  Kind kind = Text;
  std::int64_t least = 0;  ///< Milliseconds, bytes, a count, entries of a list, or thousandths of a Fraction.
  std::int64_t most = INT64_MAX;
  std::string_view choices;  ///< Separated by `|`.
};

/// Where a value is kept.
using Field = std::variant<std::string*, std::vector<std::string>*, std::map<std::string, std::string>*,
                           std::uint64_t*, std::uint16_t*, int*, double*, bool*, Duration*, TlsMode*,
                           std::optional<Rate>*, std::map<std::string, Rate>*, std::vector<UpstreamSettings>*,
                           std::vector<RouteSettings>*, std::vector<SmtpUser>*, std::monostate>;

template <typename Owner>
struct Key {
  std::string_view path;  ///< Dotted, from the owner: `queue.lifetime`, `timeouts.connect`.
  Form form;
  Field (*field)(Owner&);
  std::string_view meaning;  ///< One phrase.
};

/// What a provider's profile says; its `defaults` are kept as text until an upstream asks for them.
struct ProfileHead {
  std::string title;
  std::vector<std::string> domains;
  std::string host_example;
  std::string like;        ///< The profile that says what this one leaves out.
  std::string replies_of;  ///< The profile whose replies follow its own.
  SecretAdvice secret;
  std::string blanks;  ///< `secret.blanks` as written.
};

std::span<const Key<Settings>> settings_keys();
std::span<const Key<UpstreamSettings>> upstream_keys();
std::span<const Key<RouteSettings>> route_keys();
std::span<const Key<SmtpUser>> smtp_user_keys();
std::span<const Key<ProfileHead>> profile_keys();
std::span<const Key<Alternative>> alternative_keys();

/// A key as people and tests find it: `upstreams.*.host`, `routes.*.via`, with its default as it would be
/// written.
struct KeyFact {
  std::string path;
  Form::Kind kind;
  std::string fallback;  ///< Empty: none.
  std::string meaning;
};

/// Every key of the configuration, in the order of the table.
std::vector<KeyFact> key_facts();

}  // namespace mailchute
