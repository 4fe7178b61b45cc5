#include "mail/address_list.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "mail/encoded_word.h"

namespace mailchute {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// RFC 5322 3.2.3 `specials` that end an atom; `.` and `@` are left inside, for addresses are written with
/// them.
bool ends_atom(char c) {
  return is_blank(c) || std::string_view("()<>,;:\"").find(c) != std::string_view::npos;
}

/// How long the domain literal is that `text` begins with; 1, the bracket alone, where none is. It is looked
/// for as far as a domain may go: a value of nothing but brackets would be walked to its end for each of
/// them.
std::size_t literal_bytes(std::string_view text) {
  const auto close = text.substr(0, limits::kDomainBytes).find(']');
  return close == std::string_view::npos ? 1 : close + 1;
}

/// RFC 5322 4.4: `<@a,@b:user@domain>` names a route, which nobody follows.
void drop_route(std::string& address) {
  if (!address.starts_with('@')) return;
  const auto colon = address.find(':');
  if (colon != std::string::npos) address.erase(0, colon + 1);
}

std::string folded_to_blanks(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\r' || c == '\n') continue;
    out += c == '\t' ? ' ' : c;
  }
  return out;
}

}  // namespace

/// What has been read of one entry.
struct AddressListReader::Entry {
  ListedAddress listed;
  std::vector<Word> words;
  bool angle = false;
  bool blank_before = true;  ///< The next word stands apart from the last.
};

std::optional<Mailbox> ListedAddress::mailbox() const {
  auto parsed = Mailbox::parse(address, Mailbox::Utf8::Allowed);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

std::optional<ListedAddress> AddressListReader::next() {
  while (skip_separators()) {
    Entry entry;
    entry.listed.begin = at_;
    read_entry(entry);
    entry.listed.grouped = grouped_;
    const bool empty = entry.words.empty() && !entry.angle && entry.listed.comment.empty();
    if (!empty) return finished(std::move(entry));
  }
  return std::nullopt;
}

/// False at the end. A semicolon ends a group (RFC 5322 3.4), and separates entries where Outlook wrote them.
bool AddressListReader::skip_separators() {
  while (at_ < value_.size() && (is_blank(at_hand()) || at_hand() == ',' || at_hand() == ';')) {
    if (at_hand() == ';') grouped_ = false;
    ++at_;
  }
  return at_ < value_.size();
}

void AddressListReader::read_entry(Entry& entry) {
  while (at_ < value_.size() && at_hand() != ',' && at_hand() != ';') {
    if (is_blank(at_hand())) {
      ++at_;
      entry.blank_before = true;
      continue;
    }
    if (!read_piece(entry)) continue;
    entry.listed.end = at_;
    entry.blank_before = false;
  }
}

/// False when the entry begins anew behind a group's name.
bool AddressListReader::read_piece(Entry& entry) {
  const char c = at_hand();
  if (c == '"') {
    read_quoted(entry);
  } else if (c == '(') {
    read_comment(entry);
  } else if (c == '<') {
    read_angle(entry);
  } else if (c == '>' || c == ')') {
    entry.listed.orderly = false;
    ++at_;
  } else if (c == ':') {
    ++at_;
    // An address is no name of a group (RFC 5322 3.4): `a@x Bcc: b@y` is neither one thing nor the other.
    const auto is_address = [](const Word& word) {
      return !word.quoted && word.text.find('@') != word.text.npos;
    };
    const bool named =
        !entry.words.empty() && std::none_of(entry.words.begin(), entry.words.end(), is_address);
    const bool group = !entry.angle && !grouped_ && named;
    entry = Entry();
    entry.listed.orderly = group;
    entry.listed.begin = at_;
    grouped_ = grouped_ || group;
    return false;
  } else {
    read_atom(entry);
  }
  return true;
}

void AddressListReader::read_quoted(Entry& entry) {
  const std::size_t begin = at_;
  bool closed = false;
  std::string text = take_quoted(closed);
  entry.listed.orderly = entry.listed.orderly && closed && !entry.angle;
  // Before an `@` it is a local part, whose quotes belong to it.
  const bool local_part = closed && at_ < value_.size() && at_hand() == '@';
  if (local_part) text = value_.substr(begin, at_ - begin);
  entry.words.push_back({std::move(text), at_, !entry.blank_before, true});
  if (local_part) read_atom(entry);
}

/// RFC 5322 3.2.4, from its first quote to behind its last.
std::string AddressListReader::take_quoted(bool& closed) {
  std::string text;
  for (++at_; at_ < value_.size(); ++at_) {
    if (at_hand() == '"') {
      ++at_;
      closed = true;
      return folded_to_blanks(text);
    }
    if (at_hand() == '\\' && at_ + 1 < value_.size()) ++at_;
    text += at_hand();
  }
  return folded_to_blanks(text);
}

void AddressListReader::read_comment(Entry& entry) {
  bool closed = false;
  std::string text = take_comment(closed);
  entry.listed.orderly = entry.listed.orderly && closed;
  if (entry.listed.comment.empty()) entry.listed.comment = trim(text);
  entry.blank_before = true;
}

/// RFC 5322 3.2.2; the outermost parentheses go, inner ones are text.
std::string AddressListReader::take_comment(bool& closed) {
  std::string text;
  std::size_t depth = 1;
  for (++at_; at_ < value_.size(); ++at_) {
    char c = at_hand();
    if (c == '\\' && at_ + 1 < value_.size()) {
      text += value_[++at_];
      continue;
    }
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) {
      ++at_;
      closed = true;
      break;
    }
    text += c;
  }
  return folded_to_blanks(text);
}

void AddressListReader::read_angle(Entry& entry) {
  entry.listed.orderly = entry.listed.orderly && !entry.angle;
  std::string address;
  bool closed = false;
  for (++at_; at_ < value_.size() && !closed;) {
    const char c = at_hand();
    bool piece_closed = true;
    if (c == '"') {
      const std::size_t begin = at_;
      take_quoted(piece_closed);
      address += folded_to_blanks(value_.substr(begin, at_ - begin));
      entry.listed.address_end = at_;
    } else if (c == '(') {
      take_comment(piece_closed);
    } else if (c == '>') {
      closed = true;
      ++at_;
    } else {
      if (!is_blank(c)) {
        address += c;
        entry.listed.address_end = at_ + 1;
      }
      ++at_;
    }
  }
  drop_route(address);
  entry.listed.orderly = entry.listed.orderly && closed;
  entry.listed.address = std::move(address);
  entry.angle = true;
}

/// A word, or what begins with `@`; a domain literal may hold what ends other words.
void AddressListReader::read_atom(Entry& entry) {
  const std::size_t begin = at_;
  while (at_ < value_.size() && !ends_atom(at_hand())) {
    const bool literal = at_hand() == '[' && at_ > begin && value_[at_ - 1] == '@';
    at_ += literal ? literal_bytes(value_.substr(at_)) : 1;
  }
  const std::string_view text = value_.substr(begin, at_ - begin);
  const bool joins = !entry.words.empty() && (text.front() == '@' || entry.words.back().text.ends_with('@'));
  entry.listed.orderly = entry.listed.orderly && !entry.angle;
  if (joins) {
    entry.words.back().text += text;
    entry.words.back().quoted = false;
    entry.words.back().end = at_;
  } else {
    entry.words.push_back({std::string(text), at_, !entry.blank_before, false});
  }
}

/// Without angle brackets, the last word with an `@` is the address, and so is one word alone that could be a
/// user of this machine.
ListedAddress AddressListReader::finished(Entry entry) {
  ListedAddress listed = std::move(entry.listed);
  auto& words = entry.words;
  if (!entry.angle) {
    const auto has_at = [](const Word& word) {
      return !word.quoted && word.text.find('@') != std::string::npos;
    };
    auto found = std::find_if(words.rbegin(), words.rend(), has_at);
    const bool lone = words.size() == 1 && !words[0].quoted && !is_encoded_word(words[0].text) &&
                      Mailbox::parse(words[0].text).has_value();
    if (found == words.rend() && lone) found = words.rbegin();
    if (found != words.rend()) {
      listed.address = std::move(found->text);
      listed.address_end = found->end;
      words.erase(std::next(found).base());
    }
    listed.orderly = listed.orderly && !listed.address.empty() && words.empty();
  }
  for (const Word& word : words) {
    if (!listed.display.empty() && !word.glued) listed.display += ' ';
    listed.display += word.text;
  }
  listed.display = trim(listed.display);
  listed.orderly = listed.orderly && listed.mailbox().has_value();
  return listed;
}

}  // namespace mailchute
