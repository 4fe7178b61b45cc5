#include <algorithm>

#include "base/text.h"
#include "dialog/dialog.h"

namespace mailchute::test {

namespace {

/// The bytes of one burst, cut as wanted; `from` is where the burst begins in all that the client says.
std::vector<std::string_view> pieces_of(std::string_view burst, std::size_t from, Cut cut) {
  std::vector<std::string_view> pieces;
  if (cut.kind == Cut::Kind::EveryByte) {
    for (std::size_t at = 0; at < burst.size(); ++at) pieces.push_back(burst.substr(at, 1));
    return pieces;
  }
  const bool here = cut.kind == Cut::Kind::Once && cut.at > from && cut.at < from + burst.size();
  if (here) pieces.push_back(burst.substr(0, cut.at - from));
  pieces.push_back(here ? burst.substr(cut.at - from) : burst);
  return pieces;
}

/// One connection while it is held.
class Conversation {
 public:
  Conversation(const Dialog& dialog, Cut cut) : cut_(cut), driver_(dialog.options) { driver_.greet(); }

  Result<void> operator()(const step::Say& say) {
    burst_ += say.bytes;
    return {};
  }

  Result<void> operator()(const step::Answer& answer) {
    flush();
    driver_.will_answer(answer.question, answer.reply);
    return {};
  }

  Result<void> operator()(const step::HangUp&) {
    flush();
    driver_.hear_end();
    return {};
  }

  Result<void> operator()(const step::Reply& expected) {
    flush();
    reply_ = TRY(take_reply());
    for (const auto& line : reply_) {
      if (line.substr(0, 3) != std::to_string(expected.code))
        return fail("the server said " + printable(line));
    }
    if (!matches_pattern(expected.pattern, reply_.back().substr(4)))
      return fail("the server said " + printable(reply_.back()));
    return {};
  }

  Result<void> operator()(const step::Line& line) {
    const auto is_it = [&](const std::string& said) { return said.substr(4) == line.text; };
    if (std::none_of(reply_.begin(), reply_.end(), is_it)) return fail("the reply has no such line");
    return {};
  }

  Result<void> operator()(const step::Closed&) {
    TRY_VOID(expect_nothing_more());
    if (!driver_.closed()) return fail("the connection is still open");
    if (driver_.draft_open()) return fail("a draft was left open");
    return {};
  }

  Result<void> operator()(const step::Silent&) {
    TRY_VOID(expect_nothing_more());
    if (driver_.closed()) return fail("the connection was closed");
    return {};
  }

  Result<void> operator()(const step::Messages& expected) {
    const auto count = driver_.messages().size();
    if (count != expected.count) return fail(std::to_string(count) + " messages were accepted");
    return {};
  }

  Result<void> operator()(const step::Content& expected) {
    if (driver_.messages().empty()) return fail("no message was accepted");
    const auto& content = driver_.messages().back().content;
    if (content != expected.bytes) return fail("the content is " + printable(content));
    return {};
  }

  Result<void> operator()(const step::Sender& expected) {
    if (driver_.messages().empty()) return fail("no message was accepted");
    const auto sender = sender_text(driver_.messages().back().envelope.sender);
    if (sender != expected.address) return fail("the sender is " + printable(sender));
    return {};
  }

  Result<void> operator()(const step::Recipients& expected) {
    if (driver_.messages().empty()) return fail("no message was accepted");
    std::string addresses;
    for (const auto& recipient : driver_.messages().back().envelope.recipients)
      addresses += " " + recipient.mailbox.text();
    if (addresses != " " + expected.addresses) return fail("the recipients are" + printable(addresses));
    return {};
  }

  Result<void> expect_nothing_more() {
    flush();
    if (!said_.empty()) return fail("the server also said " + printable(said_));
    return {};
  }

  std::size_t bytes_said() const { return bytes_said_; }

 private:
  void flush() {
    for (const auto piece : pieces_of(burst_, bytes_said_, cut_)) driver_.hear(piece);
    bytes_said_ += burst_.size();
    burst_.clear();
    said_ += driver_.take_said();
  }

  /// The next reply, line by line, its form checked (RFC 5321 4.2).
  Result<std::vector<std::string>> take_reply() {
    std::vector<std::string> lines;
    do {
      const auto end = said_.find("\r\n");
      if (end == std::string::npos)
        return fail("the server said nothing" + std::string(driver_.closed() ? " and closed" : ""));
      lines.push_back(said_.substr(0, end));
      said_.erase(0, end + 2);
      const auto& line = lines.back();
      const bool formed = line.size() >= 4 && line.size() <= 510 && parse_unsigned(line.substr(0, 3)) &&
                          (line[3] == ' ' || line[3] == '-');
      if (!formed) return fail("not a reply: " + printable(line));
    } while (lines.back()[3] == '-');
    return lines;
  }

  Cut cut_;
  ServerDriver driver_;
  std::string burst_;
  std::size_t bytes_said_ = 0;
  std::string said_;
  std::vector<std::string> reply_;
};

}  // namespace

Result<std::size_t> hold(const Dialog& dialog, Cut cut) {
  Conversation conversation(dialog, cut);
  for (const auto& step : dialog.steps) {
    const auto went = std::visit([&](const auto& what) { return conversation(what); }, step.what);
    if (!went) return fail("line " + std::to_string(step.line) + ": " + went.error().text);
  }
  TRY_VOID(conversation.expect_nothing_more());
  return conversation.bytes_said();
}

}  // namespace mailchute::test
