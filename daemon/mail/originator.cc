#include "mail/originator.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address_completion.h"
#include "mail/address_list.h"
#include "mail/encoded_word.h"
#include "mail/header.h"
#include "mail/header_edits.h"

namespace mailchute {

namespace {

using Utf8 = OriginatorRules::Utf8;

/// Of a name; a longer one is no name. Encoded, with an address behind it, it still fits one line.
constexpr std::size_t kNameBytes = 256;
/// Addresses of one From that are kept elsewhere; the few messages that have several have two or three.
constexpr std::size_t kOriginalsKept = 20;

/// What one walk over a section finds.
struct Found {
  std::vector<HeaderField> from;
  std::vector<HeaderField> sender;
  std::vector<HeaderField> signatures;
  std::optional<HeaderField> content_type;
  std::optional<HeaderField> below_trace;  ///< The first field that no server put on top.
  bool reply_to = false;
  bool original_from = false;

  explicit Found(std::string_view section) {
    HeaderReader reader(section);
    while (const auto field = reader.next()) look_at(*field);
  }

  void look_at(const HeaderField& field) {
    // RFC 5322 3.6.7: trace fields stand together at the top. A stray line with a blank in front would become
    // part of whatever is put above it.
    const bool stray = field.raw.front() == ' ' || field.raw.front() == '\t';
    if (!below_trace && !stray && !field.is("Received") && !field.is("Return-Path")) below_trace = field;
    if (field.is("From")) from.push_back(field);
    if (field.is("Sender")) sender.push_back(field);
    if (field.is("DKIM-Signature")) signatures.push_back(field);
    if (field.is("Content-Type") && !content_type) content_type = field;
    if (field.is("Reply-To") && !unfolded(field.value, 16).empty()) reply_to = true;
    if (field.is("X-Original-From")) original_from = true;
  }
};

/// Raw bytes in a header that are not UTF-8 are most likely in the charset of the text below it.
std::string charset_of(const std::optional<HeaderField>& content_type) {
  const std::string value = content_type ? lower(unfolded(content_type->value, 1024)) : std::string();
  const auto at = value.find("charset=");
  if (at == std::string::npos) return {};
  std::string_view charset = std::string_view(value).substr(at + 8);
  if (charset.starts_with('"')) charset.remove_prefix(1);
  charset = charset.substr(0, charset.find_first_of("\"; \t("));
  return charset == "us-ascii" || charset == "utf-8" ? std::string() : std::string(charset);
}

/// A name and an address as they were meant, whatever the field looked like.
struct Originator {
  std::string name;
  std::optional<Mailbox> mailbox;
};

std::string_view without_quotes(std::string_view name) {
  const bool quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
  return quoted ? name.substr(1, name.size() - 2) : name;
}

/// `=?utf-8?B?name <a@b>?=`: some programs encode the whole field, which hides the address from every server
/// (RFC 2047 5 forbids it).
std::optional<Originator> unwrapped(std::string_view display) {
  const auto decoded = decode_words(display);
  if (!decoded) return std::nullopt;
  std::string_view address = trim(decoded->bytes);
  std::string_view name;
  const auto open = address.ends_with('>') ? address.rfind('<') : std::string_view::npos;
  if (open != std::string_view::npos) {
    name = without_quotes(trim(address.substr(0, open)));
    address = trim(address.substr(open + 1, address.size() - open - 2));
  }
  auto mailbox = Mailbox::parse(address, Mailbox::Utf8::Allowed);
  if (!mailbox || mailbox->bare()) return std::nullopt;
  return Originator{is_ascii(name) ? std::string(name) : encode_words(name, decoded->charset),
                    std::move(*mailbox)};
}

Originator meant(const ListedAddress& listed) {
  auto mailbox = listed.mailbox();
  if (mailbox) return {listed.name(), std::move(mailbox)};
  auto inner = unwrapped(listed.display);
  if (inner) return *std::move(inner);
  const bool both = !listed.display.empty() && !listed.address.empty();
  return {listed.name() + (both ? " " : "") + listed.address, std::nullopt};
}

std::vector<Originator> originators(const std::vector<HeaderField>& fields) {
  std::vector<Originator> all;
  for (const HeaderField& field : fields) {
    AddressListReader reader(field.value);
    while (const auto listed = reader.next()) {
      if (all.size() == kOriginalsKept) return all;
      all.push_back(meant(*listed));
    }
  }
  return all;
}

/// What a person is shown in place of the old sender: its name, and for a user of this machine (`root`) the
/// user's.
std::string shown_name(const std::vector<Originator>& all) {
  if (all.empty()) return {};
  const Originator& first = all.front();
  return first.name.empty() && first.mailbox && first.mailbox->bare() ? first.mailbox->local() : first.name;
}

class Rewriting {
 public:
  Rewriting(std::string_view section, const OriginatorRules& rules)
      : rules_(rules), section_(section), found_(section), edits_(section) {}

  std::string run() {
    if (rules_.from) {
      force(found_.from, "From");
      force(found_.sender, "Sender");
    }
    add_missing_from();
    if (!rules_.mail_domain.empty()) complete();
    return edits_.apply();
  }

 private:
  void force(const std::vector<HeaderField>& fields, std::string_view name);
  bool is_in_order(const std::vector<HeaderField>& fields) const;
  std::string moved_originals(const std::vector<Originator>& all) const;
  void add_missing_from();
  void complete();
  void from_changes();
  std::string shown(const std::string& name, const Mailbox& mailbox) const;
  std::string line(std::string_view field, const std::vector<std::string>& entries) const;

  const OriginatorRules& rules_;
  std::string_view section_;
  Found found_;
  HeaderEdits edits_;
};

/// One field with the wanted address remains, in the place of the first.
void Rewriting::force(const std::vector<HeaderField>& fields, std::string_view name) {
  if (fields.empty() || is_in_order(fields)) return;
  const auto all = originators(fields);
  std::string lines = line(name, {shown(shown_name(all), *rules_.from)});
  if (name == "From") {
    lines += moved_originals(all);
    from_changes();
  }
  edits_.replace(fields.front(), std::move(lines));
  for (std::size_t i = 1; i < fields.size(); ++i) edits_.remove(fields[i]);
}

/// Bytes beyond ASCII are in order only where SMTPUTF8 says so (RFC 5322 3.2.3, RFC 6532 3.2).
bool Rewriting::is_in_order(const std::vector<HeaderField>& fields) const {
  if (fields.size() > 1) return false;
  if (rules_.utf8 == Utf8::Refused && !is_ascii(fields.front().value)) return false;
  AddressListReader reader(fields.front().value);
  const auto only = reader.next();
  return only && only->orderly && !only->grouped && only->mailbox() == rules_.from && !reader.next();
}

/// Answers go to who wrote the message. An address of a machine that nobody can reach is no place for them.
std::string Rewriting::moved_originals(const std::vector<Originator>& all) const {
  std::vector<std::string> answers;
  std::vector<std::string> record;
  for (const Originator& original : all) {
    if (!original.mailbox) continue;
    const Mailbox mailbox = original.mailbox->completed(rules_.mail_domain);
    if (mailbox == *rules_.from || mailbox.bare()) continue;
    const bool writable = rules_.utf8 == Utf8::Allowed || !mailbox.needs_utf8();
    if (writable && !mailbox.domain().starts_with('[')) answers.push_back(shown(original.name, mailbox));
    record.push_back(writable ? shown(original.name, mailbox) : encode_words(mailbox.text(), "UTF-8"));
  }
  std::string lines;
  if (!found_.reply_to && !answers.empty()) lines += line("Reply-To", answers);
  if (!found_.original_from && !record.empty()) lines += line("X-Original-From", record);
  return lines;
}

/// RFC 5322 3.6: a message has a From. The envelope's sender is the best that is known.
void Rewriting::add_missing_from() {
  const bool blank = std::all_of(found_.from.begin(), found_.from.end(),
                                 [](const HeaderField& field) { return unfolded(field.value, 16).empty(); });
  const auto& who = rules_.from ? rules_.from : rules_.sender;
  if (!blank || !who || who->bare() || (rules_.from && !found_.from.empty())) return;
  std::string from = line("From", {shown({}, *who)});
  from_changes();
  if (!found_.from.empty())
    edits_.replace(found_.from.front(), std::move(from));
  else if (found_.below_trace)
    edits_.insert_before(*found_.below_trace, std::move(from));
  else
    edits_.append(std::move(from));
}

/// Of fields that are replaced already the replacement stays.
void Rewriting::complete() {
  HeaderReader reader(section_);
  while (const auto field = reader.next()) {
    if (!holds_addresses(*field)) continue;
    std::string value = complete_addresses(field->value, rules_.mail_domain);
    if (value == field->value) continue;
    const std::size_t before = static_cast<std::size_t>(field->value.data() - field->raw.data());
    edits_.replace(*field, std::string(field->raw.substr(0, before)) + std::move(value) + "\r\n");
    if (field->is("From")) from_changes();
  }
}

/// ARC-* fields stay: they tell what earlier servers saw, and their readers expect that the last link may be
/// broken (RFC 8617 5.2). A DKIM-Signature that fails only makes the message suspect.
void Rewriting::from_changes() {
  for (const HeaderField& signature : std::exchange(found_.signatures, {})) edits_.remove(signature);
}

std::string Rewriting::shown(const std::string& name, const Mailbox& mailbox) const {
  const std::string display = phrase(unfolded(name, kNameBytes), charset_of(found_.content_type));
  return display + (display.empty() ? "<" : " <") + mailbox.text() + ">";
}

std::string Rewriting::line(std::string_view field, const std::vector<std::string>& entries) const {
  std::string text;
  const bool ascii = std::all_of(entries.begin(), entries.end(),
                                 [](const std::string& entry) { return is_ascii(std::string_view(entry)); });
  for (const std::string& entry : entries) text += (text.empty() ? "" : ascii ? ", " : ",\r\n ") + entry;
  if (ascii) return header_line(field, {text});
  return std::string(field) + ": " + text + "\r\n";
}

}  // namespace

std::string with_originator(std::string_view section, const OriginatorRules& rules) {
  return Rewriting(section, rules).run();
}

}  // namespace mailchute
