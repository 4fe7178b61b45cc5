#include "settings/fit.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "mail/mailbox.h"
#include "settings/diagnose.h"
#include "settings/host.h"

namespace mailchute {

namespace {

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 120) + "\""; }

std::vector<std::string> words_of(std::string_view choices) {
  std::vector<std::string> words;
  for (const auto word : split(choices, '|')) words.emplace_back(word);
  return words;
}

std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

tl::unexpected<Unfit> unfit(std::string message, std::string hint) {
  return tl::unexpected<Unfit>(Unfit{std::move(message), std::move(hint)});
}

Fitted<std::string> fit_path(std::string_view text, const std::string& folder) {
  auto plain = fit_text(text);
  if (!plain) return plain;
  if (plain->starts_with("~"))
    return unfit(in_quotes(text) + " begins with ~, which only a shell understands", "write the whole path");
  const std::filesystem::path path(*plain);
  const auto whole = path.is_absolute() ? path : std::filesystem::path(folder) / path;
  return whole.lexically_normal().string();
}

Fitted<std::string> fit_address(std::string_view text) {
  const auto mailbox = Mailbox::parse(text, Mailbox::Utf8::Allowed);
  if (!mailbox) return unfit(in_quotes(text) + " is not a mail address", "write it like ops@example.com");
  if (mailbox->bare()) return unfit(in_quotes(text) + " has no domain", "write it like ops@example.com");
  return mailbox->text();
}

Fitted<std::string> fit_sender(std::string_view text) {
  if (text == "keep" || text == "login") return std::string(text);
  if (text.find('@') == std::string_view::npos) {
    const std::string meant = closest(text, {"keep", "login"});
    return unfit(in_quotes(text) + " is none of keep, login or an address",
                 meant.empty() ? "" : "did you mean " + in_quotes(meant) + "?");
  }
  return fit_address(text);
}

/// To `sha256:` and 64 lower-case digits.
Fitted<std::string> fit_fingerprint(std::string_view text) {
  std::string digits;
  if (starts_nocase(text, "sha256:"))
    for (const char c : lower(text.substr(7)))
      if (c != ':') digits += c;
  if (digits.size() == 64 && digits.find_first_not_of("0123456789abcdef") == std::string::npos)
    return "sha256:" + digits;
  return unfit(in_quotes(text) + " is not a fingerprint", "write sha256: and 64 hexadecimal digits");
}

Fitted<std::string> fit_endpoint(std::string_view text) {
  return parse_endpoint(text).map([&](const Endpoint&) { return std::string(text); });
}

template <typename T>
Fitted<T> in_range(const Form& form, Fitted<T> fitted, double value, std::string_view text) {
  if (!fitted) return fitted;
  if (value < static_cast<double>(form.least))
    return unfit(in_quotes(text) + " is too small", "the least is " + show_number(form, form.least));
  if (value > static_cast<double>(form.most))
    return unfit(in_quotes(text) + " is too large", "the most is " + show_number(form, form.most));
  return fitted;
}

}  // namespace

Fitted<std::string> fit_text(std::string_view text) {
  // YAML escapes can write what the file itself may not hold; a NUL would split a login in two (RFC 4616).
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (control) return unfit(in_quotes(text) + " has a control byte in it", "");
  if (text.empty()) return unfit("the text is empty", "leave the key out, or comment it out");
  return std::string(text);
}

Fitted<std::string> fit_choice(std::string_view text, const Form& form) {
  const auto words = words_of(form.choices);
  if (std::find(words.begin(), words.end(), text) != words.end()) return std::string(text);
  const std::string meant = closest(text, words);
  return unfit(in_quotes(text) + " is none of " + join(words, ", "),
               meant.empty() ? "write one of them" : "did you mean " + in_quotes(meant) + "?");
}

Fitted<bool> fit_flag(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  const std::string word = lower(text);
  const bool yes = word == "yes" || word == "on" || word == "true" || word == "y" || word == "1";
  const bool no = word == "no" || word == "off" || word == "false" || word == "n" || word == "0";
  return unfit(in_quotes(text) + " is neither true nor false", yes  ? "write true"
                                                               : no ? "write false"
                                                                    : "write true or false");
}

Fitted<std::string> fit_string(const Form& form, std::string_view text, const std::string& folder) {
  switch (form.kind) {
    case Form::Path: return fit_path(text, folder);
    case Form::Host: return canonical_host(text);
    case Form::Domain: return canonical_domain(text);
    case Form::HostName: return canonical_hostname(text);
    case Form::Address: return fit_address(text);
    case Form::Sender: return fit_sender(text);
    case Form::Fingerprint: return fit_fingerprint(text);
    case Form::Endpoint:
    case Form::Endpoints: return fit_endpoint(text);
    case Form::Choice:
    case Form::ChoiceList: return fit_choice(text, form);
    default: return fit_text(text);
  }
}

/// A number in the unit that `least` and `most` are in.
std::string show_number(const Form& form, std::int64_t value) {
  switch (form.kind) {
    case Form::Time: return format_duration(Duration(value));
    case Form::Size: return format_size(static_cast<std::uint64_t>(value));
    case Form::Fraction: return format_fraction(static_cast<double>(value) / 1000);
    default: return std::to_string(value);
  }
}

Fitted<std::uint64_t> fit_unsigned(const Form& form, std::string_view text) {
  auto number = form.kind == Form::Size ? parse_size(text) : parse_count(text);
  const double value = number ? static_cast<double>(*number) : 0;
  return in_range(form, std::move(number), value, text);
}

Fitted<Duration> fit_duration(const Form& form, std::string_view text) {
  auto duration = parse_duration(text);
  const double value = duration ? static_cast<double>(duration->count()) : 0;
  return in_range(form, std::move(duration), value, text);
}

Fitted<double> fit_fraction(const Form& form, std::string_view text) {
  auto number = parse_fraction(text);
  const double value = number ? *number * 1000 : 0;
  return in_range(form, std::move(number), value, text);
}

}  // namespace mailchute
