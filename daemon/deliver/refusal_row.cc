#include "deliver/refusal_row.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace mailchute {

namespace {

/// Behind them, and in words with digits, are a queue's numbers, times, and addresses of the web.
constexpr int kFirstWords = 3;

/// What a provider's own row says is known to be about this message.
bool is_of_no_row(const Verdict& verdict) {
  return verdict.rule == "sender-refused" || verdict.rule == "recipient-refused" ||
         verdict.rule == "message-refused";
}

/// RFC 3463: X.1 and X.2 speak of addresses and mailboxes, X.3.4 of the size, X.6 of the content.
bool has_code_of_its_own(const Reply& reply) {
  static constexpr std::array<std::string_view, 4> kCodes = {"5.1.", "5.2.", "5.3.4", "5.6."};
  return reply.code == 501 || reply.code == 553 ||
         std::any_of(kCodes.begin(), kCodes.end(),
                     [&](std::string_view code) { return reply.enhanced.starts_with(code); });
}

bool speaks_of_this_message(const Reply& reply, const std::string& recipient) {
  static constexpr std::array<std::string_view, 18> kWords = {
      "recipient", "mailbox", "address", "unknown", "no such", "not exist", "invalid user", "sender", "from",
      "spam",      "content", "virus",   "header",  "attach",  "size",      "large",        "url",    "link"};
  const std::string text = lower(reply.text);
  return text.find(lower(recipient)) != std::string::npos ||
         std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

bool could_be_said_to_all(const Verdict& verdict, const std::string& recipient) {
  return verdict.fate == Fate::Refused && is_of_no_row(verdict) && !has_code_of_its_own(verdict.reply) &&
         !speaks_of_this_message(verdict.reply, recipient);
}

/// Whoever is judged for what they are is let in.
bool was_let_in(const Verdict& verdict) {
  return verdict.fate == Fate::Delivered || (verdict.reply.code != 0 && verdict.blame != Blame::Upstream);
}

std::string alike(const Verdict& verdict) {
  std::string words = std::string(stage_name(verdict.stage)) + ' ' + std::to_string(verdict.reply.code);
  const std::string text = lower(verdict.reply.text);
  int count = 0;
  for (const std::string_view word : split(text, ' '))
    if (word.find_first_of("0123456789") == word.npos && ++count <= kFirstWords)
      words.append(" ").append(word);
  return words;
}

void amend(Verdict& verdict) {
  verdict.fate = Fate::Deferred;
  verdict.blame = Blame::Upstream;
  verdict.rule = "refuses-everybody";
  verdict.pause = Pause{Pause::Kind::Person};
  verdict.alert = Alert::First;
}

}  // namespace

void RefusalRow::judge(Attempt& attempt) {
  if (judge_each(attempt)) attempt.refused_alike = row_;
}

// A message is one word, however many recipients it was said of.
bool RefusalRow::judge_each(Attempt& attempt) {
  const bool full = row_.recipients.size() >= kInARow;
  bool changed = false;
  std::optional<std::string> counted;
  for (std::size_t i = 0; i < attempt.verdicts.size(); ++i) {
    Verdict& verdict = attempt.verdicts[i];
    const std::string recipient = attempt.parcel.recipients[i].recipient.mailbox.text();
    if (!could_be_said_to_all(verdict, recipient)) {
      if (was_let_in(verdict)) changed |= clear();
      continue;
    }
    const std::string words = alike(verdict);
    if (words != row_.words) changed |= clear();
    row_.words = words;
    if (full && !row_.recipients.empty()) amend(verdict);
    counted = recipient;
  }
  if (counted) changed |= count(*counted);
  return changed;
}

bool RefusalRow::clear() {
  if (row_.recipients.empty()) return false;
  row_.recipients.clear();
  return true;
}

bool RefusalRow::count(const std::string& recipient) {
  std::vector<std::string>& known = row_.recipients;
  if (known.size() >= kInARow || std::find(known.begin(), known.end(), recipient) != known.end())
    return false;
  known.push_back(recipient);
  return true;
}

}  // namespace mailchute
