#include "mail/intake.h"

#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/trace.h"

namespace mailchute {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kSummaryBytes = 512;

/// RFC 3834 5 for Auto-Submitted; Precedence is older than any standard and still what list software writes.
bool says_automatic(const HeaderField& field) {
  if (field.is("Auto-Submitted")) {
    const std::string value = unfolded(field.value, kSummaryBytes);
    const std::string_view word = trim(std::string_view(value).substr(0, value.find_first_of(";(")));
    return !word.empty() && !equal_nocase(word, "no");
  }
  if (!field.is("Precedence")) return false;
  const std::string value = unfolded(field.value, kSummaryBytes);
  return equal_nocase(value, "bulk") || equal_nocase(value, "junk") || equal_nocase(value, "list");
}

/// RFC 6758 2: from -9 to 9, what has a sign is written with it.
bool above_usual(std::string_view priority) {
  if (priority.starts_with('+')) priority.remove_prefix(1);
  return priority.size() == 1 && priority.front() >= '1' && priority.front() <= '9';
}

/// None of these is more than custom: X-Priority is what mail programs write, Importance and Priority are
/// RFC 2156 5.3.4 and 5.3.6, MT-Priority stands in for the SMTP extension that is not offered here.
bool says_urgent(const HeaderField& field) {
  const auto value = [&] { return unfolded(field.value, kSummaryBytes); };
  if (field.is("X-Priority")) return value().starts_with('1') || value().starts_with('2');
  if (field.is("MT-Priority")) return above_usual(value());
  if (field.is("Importance")) return equal_nocase(value(), "high");
  return field.is("Priority") && equal_nocase(value(), "urgent");
}

void keep_first(std::string& kept, const HeaderField& field) {
  if (kept.empty()) kept = unfolded(field.value, kSummaryBytes);
}

}  // namespace

/// What one walk over a header section finds.
struct Intake::Findings {
  HeaderSummary summary;
  int received_lines = 0;
  bool been_here = false;  ///< One of them is our own.
  bool date = false;
  bool message_id = false;
  bool orderly = true;  ///< Every line belongs to a field.

  Findings(std::string_view section, std::string_view token);
  void look_at(const HeaderField& field, std::string_view token);
};

Intake::Intake(TraceFacts facts, std::size_t header_bytes_max)
    : facts_(std::move(facts)), header_bytes_max_(header_bytes_max) {}

std::string Intake::take(std::string_view content) {
  if (state_ == State::Body) return std::string(content);
  if (state_ == State::Refused) return {};
  header_ += content;
  return advance();
}

std::string Intake::finish() {
  // A first line that ended before it could become a field is text; so is nothing at all, except that it
  // needs no empty line.
  if (state_ == State::FirstLine) return header_.empty() ? pass_header(0) : pass_text();
  if (state_ == State::Header) return pass_header(header_.size());
  return {};
}

std::optional<Reply> Intake::refusal() const { return refusal_; }

const HeaderSummary& Intake::summary() const { return summary_; }

std::string Intake::advance() {
  if (state_ == State::FirstLine) {
    const FirstLine first = first_line(header_);
    if (first == FirstLine::Undecided) return {};
    if (first == FirstLine::Text) return pass_text();
    state_ = State::Header;
  }
  const std::size_t end = header_end(header_, searched_);
  if (end != std::string::npos) return pass_header(end);

  searched_ = header_.size();
  // One byte more than allowed may be the first of the empty line's two; where reads are cut must not decide.
  if (header_.size() > header_bytes_max_ + 1) return pass_header(header_.size());
  return {};
}

std::string Intake::pass_header(std::size_t section_bytes) {
  const std::string gathered =
      std::exchange(header_, {});  // The buffer goes with it: a body may take long to come.
  // RFC 5321 4.5.3.1.9 and RFC 3463 X.3.4: a bound of ours, which the client cannot get around by trying
  // again.
  if (section_bytes > header_bytes_max_)
    return refuse({552, "5.3.4", "the header of the message is too large"});
  const std::string_view section = std::string_view(gathered).substr(0, section_bytes);
  Findings found(section, facts_.token);
  // RFC 5321 6.3: a simple count of trace lines is what tells a loop.
  if (found.received_lines > limits::kReceivedLines)
    return refuse({554, "5.4.6", "too many hops: the message is going in circles"});
  // Long before that many: what left this queue has come back to it.
  if (found.been_here)
    return refuse({554, "5.4.6", "the message has been here before: it is going in circles"});

  summary_ = std::move(found.summary);
  std::string out = header_with_ours(section, found);
  out += std::string_view(gathered).substr(section_bytes);
  state_ = State::Body;
  return out;
}

std::string Intake::header_with_ours(std::string_view section, const Findings& found) {
  std::string added;
  if (!found.date) added += header_line("Date", {rfc5322_date(facts_.received)});
  if (!found.message_id) {
    summary_.message_id = "<" + message_id_for(facts_) + ">";
    added += header_line("Message-ID", {summary_.message_id});
  }

  const std::string received = received_line(facts_);
  if (!found.orderly) return received + added + std::string(section);
  // The last line of a message may lack its end (RFC 3030 allows it); only then, and only to write below it,
  // one is added.
  const bool open = !added.empty() && !section.empty() && !section.ends_with(kLineEnd);
  return received + std::string(section) + std::string(open ? kLineEnd : "") + added;
}

std::string Intake::pass_text() {
  // Without the empty line the first paragraph of the text would be read as header, or lost.
  const std::string text = std::exchange(header_, {});
  return pass_header(0) + std::string(kLineEnd) + text;
}

void Intake::give_up(Reply reply) {
  std::string().swap(header_);
  refuse(std::move(reply));
}

std::string Intake::refuse(Reply reply) {
  refusal_ = std::move(reply);
  state_ = State::Refused;
  return {};
}

Intake::Findings::Findings(std::string_view section, std::string_view token) {
  HeaderReader reader(section);
  while (const auto field = reader.next()) look_at(*field, token);
}

void Intake::Findings::look_at(const HeaderField& field, std::string_view token) {
  if (field.name.empty()) orderly = false;
  if (field.is("Received")) {
    ++received_lines;
    been_here = been_here || (!token.empty() && field.value.find(token) != std::string_view::npos);
  }
  if (field.is("Date")) date = true;
  if (field.is("Message-ID")) {
    message_id = true;
    keep_first(summary.message_id, field);
  }
  if (field.is("Subject")) keep_first(summary.subject, field);
  if (field.is("From")) keep_first(summary.from, field);
  if (says_automatic(field)) summary.automatic = true;
  if (says_urgent(field)) summary.urgent = true;
}

}  // namespace mailchute
