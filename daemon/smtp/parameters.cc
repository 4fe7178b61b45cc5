#include "smtp/parameters.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "mail/xtext.h"

namespace mailchute {

namespace {

/// RFC 3461 4.4 and 4.2.
constexpr std::size_t kEnvelopeIdBytes = 100;
constexpr std::size_t kOriginalBytes = 500;

struct Parameter {
  std::string_view keyword;
  std::optional<std::string_view> value;

  bool is(std::string_view name) const { return equal_nocase(keyword, name); }
  std::string_view text() const { return value.value_or(std::string_view()); }
};

tl::unexpected<Reply> malformed(std::string_view what) {
  return tl::unexpected(Reply{501, "5.5.4", "Bad parameter " + std::string(what)});
}

// RFC 5321 4.1.1.11: a parameter that is not recognized or not implemented.
tl::unexpected<Reply> not_offered() {
  return tl::unexpected(Reply{555, "5.5.4", "Parameter not recognized"});
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5321 4.1.2 esmtp-keyword.
bool is_keyword(std::string_view text) {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-'; };
  return !text.empty() && is_alphanumeric(text[0]) && std::all_of(text.begin(), text.end(), fits);
}

/// RFC 5321 4.1.2 esmtp-value.
bool is_value(std::string_view text) {
  const auto fits = [](char c) { return c > ' ' && c != '=' && c < 0x7f; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

/// RFC 3461 4: xtext whose bytes are all printable ASCII, so that none can end a line or a field later.
bool is_safe_xtext(std::string_view text) {
  const auto bytes = xtext_decode(text);
  const auto shows = [](char c) { return c >= ' ' && c < 0x7f; };
  return bytes && !bytes->empty() && std::all_of(bytes->begin(), bytes->end(), shows);
}

Parsed<Parameter> parse_parameter(std::string_view word) {
  const auto equals = word.find('=');
  Parameter parameter{word.substr(0, equals), std::nullopt};
  if (!is_keyword(parameter.keyword)) return malformed("name");
  if (equals == std::string_view::npos) return parameter;
  parameter.value = word.substr(equals + 1);
  // ORCPT and ENVID hold '=' never, but a few programs pad with it: refused like everything else outside the
  // grammar.
  if (!is_value(*parameter.value)) return malformed("value");
  return parameter;
}

Parsed<std::vector<Parameter>> parse_parameters(std::string_view text) {
  std::vector<Parameter> parameters;
  for (const auto word : split(text, ' ')) {
    if (word.empty()) continue;
    const Parameter parameter = TRY(parse_parameter(word));
    const auto same = [&](const Parameter& known) { return known.is(parameter.keyword); };
    if (std::any_of(parameters.begin(), parameters.end(), same))
      return malformed("given twice");  // RFC 5321 4.1.1.11
    parameters.push_back(parameter);
  }
  return parameters;
}

Parsed<void> take_size(const Parameter& parameter, const Dialect& dialect, Envelope& envelope) {
  const auto digits = parameter.text();
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (!number || digits.size() > 20) return malformed("SIZE");  // RFC 1870 3: 1 to 20 digits
  const auto bytes = parse_unsigned(digits);
  // RFC 1870 6.1: told now, the client need not send it.
  if (!bytes || *bytes > dialect.message_bytes_max)
    return tl::unexpected(
        Reply{552, "5.3.4",
              "Message larger than the limit of " + std::to_string(dialect.message_bytes_max) + " bytes"});
  envelope.declared_bytes = *bytes;
  return {};
}

Parsed<void> take_body(const Parameter& parameter, Envelope& envelope) {
  if (equal_nocase(parameter.text(), "7BIT"))
    envelope.body = Body::SevenBit;
  else if (equal_nocase(parameter.text(), "8BITMIME"))
    envelope.body = Body::EightBit;
  else if (equal_nocase(parameter.text(), "BINARYMIME"))
    return not_offered();  // RFC 3030 3
  else
    return malformed("BODY");  // RFC 6152 3
  return {};
}

Parsed<void> take_ret(const Parameter& parameter, Envelope& envelope) {
  if (equal_nocase(parameter.text(), "FULL"))
    envelope.ret = Return::Full;
  else if (equal_nocase(parameter.text(), "HDRS"))
    envelope.ret = Return::Headers;
  else
    return malformed("RET");  // RFC 3461 4.3
  return {};
}

Parsed<void> take_envelope_id(const Parameter& parameter, Envelope& envelope) {
  const auto id = parameter.text();
  if (!is_safe_xtext(id) || id.size() > kEnvelopeIdBytes) return malformed("ENVID");  // RFC 3461 4.4
  envelope.envelope_id = id;
  return {};
}

Parsed<void> take_mail_parameter(const Parameter& parameter, const Dialect& dialect, Envelope& envelope) {
  if (parameter.is("SIZE")) return take_size(parameter, dialect, envelope);
  if (parameter.is("BODY")) return take_body(parameter, envelope);
  if (parameter.is("RET")) return take_ret(parameter, envelope);
  if (parameter.is("ENVID")) return take_envelope_id(parameter, envelope);
  if (parameter.is("SMTPUTF8") && dialect.smtputf8) {
    if (parameter.value) return malformed("SMTPUTF8");  // RFC 6531 3.4: it has no value
    envelope.smtputf8 = true;
    return {};
  }
  if (parameter.is("AUTH") && dialect.logins) {
    // RFC 4954 5: who submitted it first. We vouch for nobody, which the RFC allows, so it is read and
    // forgotten.
    if (parameter.text() == "<>" || is_safe_xtext(parameter.text())) return {};
    return malformed("AUTH");
  }
  return not_offered();
}

Parsed<void> take_notify(const Parameter& parameter, Recipient& recipient) {
  for (const auto word : split(parameter.text(), ',')) {
    if (equal_nocase(word, "NEVER"))
      recipient.notify.never = true;
    else if (equal_nocase(word, "SUCCESS"))
      recipient.notify.success = true;
    else if (equal_nocase(word, "FAILURE"))
      recipient.notify.failure = true;
    else if (equal_nocase(word, "DELAY"))
      recipient.notify.delay = true;
    else
      return malformed("NOTIFY");
  }
  const Notify& said = recipient.notify;
  if (said.never && (said.success || said.failure || said.delay)) return malformed("NOTIFY");  // RFC 3461 4.1
  return {};
}

Parsed<void> take_original(const Parameter& parameter, Recipient& recipient) {
  const auto text = parameter.text();
  const auto semicolon = text.find(';');
  const bool typed = semicolon != std::string_view::npos && is_keyword(text.substr(0, semicolon));
  // RFC 3461 4.2. Raw UTF-8 (RFC 6533 3) is not taken: its ASCII form says the same and goes through every
  // upstream.
  if (!typed || !is_safe_xtext(text.substr(semicolon + 1)) || text.size() > kOriginalBytes)
    return malformed("ORCPT");
  recipient.original = text;
  return {};
}

Parsed<void> take_rcpt_parameter(const Parameter& parameter, Recipient& recipient) {
  if (parameter.is("NOTIFY")) return take_notify(parameter, recipient);
  if (parameter.is("ORCPT")) return take_original(parameter, recipient);
  return not_offered();
}

Mailbox::Utf8 utf8_of(const Envelope& envelope) {
  return envelope.smtputf8 ? Mailbox::Utf8::Allowed : Mailbox::Utf8::Refused;
}

}  // namespace

Parsed<Envelope> parse_mail(std::string_view argument, const Dialect& dialect) {
  const Path path = TRY(parse_path(argument, Side::Sender));
  const auto parameters = TRY(parse_parameters(path.parameters));
  if (!dialect.extended && !parameters.empty())
    return not_offered();  // RFC 5321 4.1.1.2: after HELO there are none

  Envelope envelope;
  for (const auto& parameter : parameters) TRY_VOID(take_mail_parameter(parameter, dialect, envelope));
  if (path.address.empty()) return envelope;  // RFC 5321 4.5.5: the null sender
  envelope.sender = TRY(parse_address(path.address, Side::Sender, utf8_of(envelope), dialect.mail_domain));
  return envelope;
}

Parsed<Recipient> parse_rcpt(std::string_view argument, const Dialect& dialect, const Envelope& envelope) {
  const Path path = TRY(parse_path(argument, Side::Recipient));
  const auto parameters = TRY(parse_parameters(path.parameters));
  if (!dialect.extended && !parameters.empty()) return not_offered();  // RFC 5321 4.1.1.2

  Recipient recipient;
  for (const auto& parameter : parameters) TRY_VOID(take_rcpt_parameter(parameter, recipient));
  // An empty address fails here as well: RFC 5321 4.1.1.3 has no null recipient.
  recipient.mailbox =
      TRY(parse_address(path.address, Side::Recipient, utf8_of(envelope), dialect.mail_domain));
  return recipient;
}

}  // namespace mailchute
