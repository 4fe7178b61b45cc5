#include "command/message_view.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "command/given_up.h"
#include "command/table.h"
#include "command/words.h"
#include "deliver/reply_rules.h"
#include "mail/reply.h"
#include "mail/reply_for_people.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

constexpr std::size_t kLongText = 4096;

const std::vector<Column>& list_columns() {
  static const std::vector<Column> kColumns = {
      {"ID", 12},  {"AGE", 4, Align::Right}, {"SIZE", 5, Align::Right}, {"STATE", 9},
      {"NEXT", 6}, {"FROM -> TO", 0}};
  return kColumns;
}

std::string shown_sender(const SeenMessage& message) {
  return message.sender.empty() ? "<>" : printable(message.sender);
}

std::string shown_recipients(const SeenMessage& message) {
  if (message.recipients.empty()) return "";
  std::string text = printable(message.recipients.front().address);
  const std::size_t more = message.recipients.size() - 1 + message.left_out;
  if (more > 0) text += " and " + std::to_string(more) + " more";
  return text;
}

/// Places of a line before its last column.
std::size_t places_before_last(const std::vector<Column>& columns) {
  return display_width(table_row(columns, std::vector<std::string>(columns.size(), "x"), 0)) - 1;
}

/// On a narrow screen each of the two gives way, the sender first: no end of either hides the other.
std::string from_and_to(const SeenMessage& message, std::size_t screen) {
  constexpr std::string_view kArrow = " -> ";
  constexpr std::size_t kShortest = 8;
  std::string from = shown_sender(message);
  const std::string to = shown_recipients(message);
  const std::size_t before = places_before_last(list_columns()) + kArrow.size();
  if (screen > before + 2 * kShortest) {
    const std::size_t places = screen - before;
    from = cut_to_width(from, std::max(places / 2, places - std::min(places, display_width(to))));
  }
  return from + std::string(kArrow) + to;
}

bool waits(const SeenRecipient& recipient) {
  return recipient.state == "queued" || recipient.state == "uncertain";
}

std::string stage_and_reply(Stage stage, const Reply& reply) {
  return std::string(stage_name(stage)) + ": " + reply_line(reply);
}

const UpstreamState* find_upstream(const std::vector<UpstreamState>& upstreams, std::string_view name) {
  const auto found = std::find_if(upstreams.begin(), upstreams.end(),
                                  [name](const UpstreamState& state) { return state.name == name; });
  return found == upstreams.end() ? nullptr : &*found;
}

/// When an upstream may be used: at once, at the end of its cooldown, or never unless somebody resumes it.
WallTime free_at(const UpstreamState* state) {
  if (state == nullptr) return WallTime::min();
  if (state->paused) return WallTime::max();
  const bool cools = !state->trouble.empty() && state->trouble != "none" && state->cooling_until;
  return cools ? *state->cooling_until : WallTime::min();
}

/// The upstream of a route that is free first, and when.
struct Free {
  WallTime at = WallTime::max();
  const UpstreamState* state = nullptr;
};
Free first_free(const std::string& route, const std::vector<UpstreamState>& upstreams) {
  Free first;
  bool any = false;
  for (const std::string& name : route_upstreams(route)) {
    const UpstreamState* state = find_upstream(upstreams, name);
    if (any && free_at(state) >= first.at) continue;
    first = {free_at(state), state};
    any = true;
  }
  return first;
}

/// The recipient that is tried first, with what holds it up.
struct Turn {
  WallTime at = WallTime::max();
  Free upstream;
};
std::optional<Turn> next_turn(const SeenMessage& message, const std::vector<UpstreamState>& upstreams) {
  std::optional<Turn> first;
  for (const SeenRecipient& recipient : message.recipients) {
    if (!waits(recipient)) continue;
    Turn turn;
    turn.upstream = first_free(recipient.route, upstreams);
    turn.at = std::max(recipient.next_attempt.value_or(WallTime::min()), turn.upstream.at);
    if (!first || turn.at < first->at) first = turn;
  }
  return first;
}

std::string next_word(WallTime at, WallTime now) {
  if (at == WallTime::max()) return "paused";
  return at <= now ? "now" : short_duration(at - now);
}

/// The last reply to a recipient that is as badly off as the message.
std::string last_reply(const SeenMessage& message) {
  for (const SeenRecipient& recipient : message.recipients)
    if (recipient.state == message.state && recipient.last_reply)
      return stage_and_reply(recipient.last_reply->stage, recipient.last_reply->reply);
  return "";
}

std::string upstream_reason(const Free& upstream, WallTime now) {
  if (upstream.state == nullptr || upstream.at <= now) return "";
  const std::string name = printable(upstream.state->name);
  if (upstream.state->paused) return name + " is paused by the operator";
  return name + ": " + stage_and_reply(upstream.state->stage, upstream.state->reply);
}

// --- one message ---

std::string field(const std::string& name, const std::string& value) {
  if (value.empty()) return "";
  return name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + value + "\n";
}

std::string moment(WallTime time, WallTime now) {
  const bool past = time <= now;
  const std::string distance = long_duration(past ? now - time : time - now);
  return rfc3339(time) + (past ? " (" + distance + " ago)" : " (in " + distance + ")");
}

std::string shown_source(const Source& source) {
  std::string text = printable(source.kind);
  if (!source.address.empty()) text += " from " + printable(source.address);
  if (!source.helo.empty()) text += ", helo " + printable(source.helo);
  if (!source.login.empty()) text += ", login " + printable(source.login);
  if (source.uid) text += ", uid " + std::to_string(*source.uid);
  if (source.pid) text += ", pid " + std::to_string(*source.pid);
  if (!source.command.empty()) text += ", program " + printable(source.command);
  return text;
}

/// Word for word: each line that the peer sent is a line here.
std::string verbatim(const Stage stage, const Reply& reply) {
  std::string text = "      " + std::string(stage_name(stage)) + ":";
  if (reply.code != 0) text += " " + std::to_string(reply.code);
  if (!reply.enhanced.empty()) text += " " + printable(reply.enhanced);
  bool first = true;
  for (const std::string_view line : split(reply.text, '\n')) {
    text += (first ? " " : "        ") + printable(reply_for_people(line), kLongText) + "\n";
    first = false;
  }
  return text;
}

/// When it is tried next, its upstreams' rest included: a recipient that is due waits for that as well.
std::string turn_words(const SeenRecipient& recipient, const Free& upstream, WallTime now) {
  if (!waits(recipient)) return "";
  const WallTime at = std::max(recipient.next_attempt.value_or(WallTime::min()), upstream.at);
  if (at == WallTime::max()) return "";
  return at <= now ? ", due now" : ", next in " + long_duration(at - now);
}

/// Which upstreams of its route cannot take the message, and what they said last.
std::string refuser_lines(const SeenRecipient& recipient, const std::vector<SeenAttempt>& attempts) {
  std::string text;
  for (const std::string& name : route_refusers(recipient.route)) {
    std::string why;
    for (const SeenAttempt& each : attempts)
      if (each.record.upstream == name && each.row.value_or(recipient.row) == recipient.row)
        why = ": " + stage_and_reply(each.record.stage, each.record.reply);
    text += "      not by " + printable(name) + ", which cannot take it" + why + "\n";
  }
  return text;
}

/// One recipient alone ended when its message did; of several, each may have been refused before that.
bool is_given_up(const SeenRecipient& recipient, const SeenMessage& message) {
  if (recipient.state != "failed" || !outlived(message)) return false;
  if (message.recipients.size() == 1 || !recipient.last_reply) return true;
  const SeenReply& last = *recipient.last_reply;
  return classify({.stage = last.stage, .reply = last.reply}, {}).fate != Fate::Refused;
}

std::string end_lines(const SeenRecipient& recipient, const SeenMessage& message) {
  if (!is_given_up(recipient, message)) return "";
  return "      given up: its time in the queue (queue.lifetime) was over\n      " +
         who_is_told(message).in(Language::English) + "\n      " +
         how_to_send_again(message).in(Language::English) + "\n";
}

std::string recipient_lines(const SeenRecipient& recipient, const SeenMessage& message,
                            const std::vector<UpstreamState>& upstreams,
                            const std::vector<SeenAttempt>& attempts, WallTime now) {
  const Free upstream = first_free(recipient.route, upstreams);
  std::string text = "  " + printable(recipient.address) + "  " + recipient.state + ", " +
                     counted(static_cast<std::uint64_t>(recipient.attempts), "attempt") + ", via " +
                     printable(recipient.upstream) + turn_words(recipient, upstream, now) + "\n";
  const std::string held_up = waits(recipient) ? upstream_reason(upstream, now) : "";
  if (!held_up.empty()) text += "      waits: " + held_up + "\n";
  text += refuser_lines(recipient, attempts);
  text += end_lines(recipient, message);
  const std::string trouble = nobody_asked(recipient) ? upstream_reason(upstream, now) : "";
  if (!trouble.empty()) text += "      its upstream's trouble now: " + trouble + "\n";
  if (recipient.last_reply) text += verbatim(recipient.last_reply->stage, recipient.last_reply->reply);
  return text;
}

std::string attempt_address(const SeenAttempt& attempt, const SeenMessage& message) {
  if (!attempt.row || message.recipients.size() < 2) return "";
  for (const SeenRecipient& recipient : message.recipients)
    if (recipient.row == *attempt.row) return ", to " + printable(recipient.address);
  return "";
}

std::string attempt_lines(const SeenAttempt& attempt, const SeenMessage& message) {
  const AttemptRecord& record = attempt.record;
  std::string text = "  " + rfc3339(record.started) + "  " + printable(record.upstream);
  if (!record.peer.empty()) text += " " + printable(record.peer);
  text += ", " + (record.tls.empty() ? std::string("no TLS") : printable(record.tls)) + ", " +
          elapsed(record.duration);
  text += attempt_address(attempt, message);
  if (record.in_doubt) text += ", in doubt: the final reply was lost";
  return text + "\n" + verbatim(record.stage, record.reply);
}

/// A tab is no danger, and folded lines begin with one.
std::string without_tabs(std::string_view line) {
  std::string text;
  for (const char c : line) c == '\t' ? text.append(4, ' ') : text.append(1, c);
  return text;
}

std::string header_lines(const std::string& header) {
  std::string text = "\nheader\n";
  for (std::string_view line : split(header, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) text += "  " + printable(without_tabs(line), SIZE_MAX) + "\n";
  }
  return text;
}

std::string envelope_lines(const SeenMessage& message, WallTime now) {
  const std::string end = message.finished ? field("finished", moment(*message.finished, now))
                                           : field("expires", moment(message.expires, now));
  return field("id", message.id.text()) + field("state", message.state) +
         field("received", moment(message.received, now)) + end +
         field("size", std::to_string(message.bytes) + " bytes" +
                           (message.has_content ? "" : ", content no longer kept")) +
         field("sender", shown_sender(message)) + field("source", shown_source(message.source)) +
         field("message-id", printable(message.summary.message_id)) +
         field("from", printable(message.summary.from)) +
         field("subject", printable(message.summary.subject));
}

}  // namespace

Waiting waiting(const SeenMessage& message, const std::vector<UpstreamState>& upstreams, WallTime now) {
  Waiting why{"", last_reply(message)};
  if (message.state != "queued" && message.state != "uncertain") return why;
  const auto turn = next_turn(message, upstreams);
  if (!turn) return why;
  why.next = next_word(turn->at, now);
  if (turn->at != WallTime::max()) why.until = turn->at;
  const std::string held_up = upstream_reason(turn->upstream, now);
  // What holds it up now comes before what was said to it some time ago.
  if (!held_up.empty()) why.reason = held_up;
  return why;
}

std::string message_list_header(std::size_t screen) { return table_header(list_columns(), screen); }

std::string message_row(const SeenMessage& message, const Waiting& why, WallTime now, std::size_t screen) {
  const std::string line =
      table_row(list_columns(),
                {message.id.text(), short_duration(now - message.received), short_size(message.bytes),
                 message.state, why.next, from_and_to(message, screen)},
                screen);
  return why.reason.empty() ? line : line + table_note("  " + why.reason, screen);
}

std::string message_page(const MessageReport& report, const std::vector<UpstreamState>& upstreams,
                         WallTime now) {
  std::string text = envelope_lines(report.message, now) + "\nrecipients\n";
  for (const SeenRecipient& recipient : report.message.recipients)
    text += recipient_lines(recipient, report.message, upstreams, report.attempts, now);
  if (!report.attempts.empty()) text += "\nattempts\n";
  for (const SeenAttempt& attempt : report.attempts) text += attempt_lines(attempt, report.message);
  if (report.header) text += header_lines(*report.header);
  return text;
}

}  // namespace mailchute
