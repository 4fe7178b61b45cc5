#include "store/seen_sql.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/rows.h"

namespace mailchute {

namespace {

constexpr char kMessage[] =
    "SELECT sender, bytes, notice, chunks, received, expires, finished, source_kind, source_uid, source_pid, "
    "source_command,"
    " source_address, source_helo, source_login, header_message_id, header_subject, header_from, automatic "
    "FROM message WHERE id = ?1";
constexpr char kRecipients[] =
    "SELECT number, address, state, in_doubt, attempts, next_attempt, route, upstream, stage, code, "
    "enhanced, reply"
    " FROM recipient WHERE message = ?1 ORDER BY number LIMIT ?2";
constexpr char kCountRecipients[] = "SELECT count(*) FROM recipient WHERE message = ?1";
/// From the best to the worst.
constexpr std::array<std::string_view, 6> kSeverity = {"delivered", "sending", "queued",
                                                       "uncertain", "held",    "failed"};

std::string first_of_route(const std::string& route) { return route.substr(0, route.find(',')); }

SeenRecipient read_recipient(const Rows& rows) {
  SeenRecipient seen;
  const RecipientState state = to_state(rows.small_number(2));
  seen.row = rows.number(0);
  seen.address = rows.text(1);
  seen.state = state_word(state, rows.flag(3));
  seen.attempts = rows.small_number(4);
  if (state == RecipientState::Queued) seen.next_attempt = rows.maybe_time(5);
  seen.route = rows.text(6);
  seen.upstream = rows.bytes(7).empty() ? first_of_route(seen.route) : rows.text(7);
  SeenReply last{.stage = to_stage(rows.bytes(8)), .reply = to_reply(rows, 8)};
  if (last.reply.code != 0 || !last.reply.text.empty()) seen.last_reply = std::move(last);
  return seen;
}

SqliteResult<std::vector<SeenRecipient>> read_recipients(Database& database, MessageId id,
                                                         std::int64_t recipients_max) {
  std::vector<SeenRecipient> recipients;
  auto rows = TRY(database.query(kRecipients, {id.value, recipients_max}));
  while (TRY(rows.next())) recipients.push_back(read_recipient(rows));
  return recipients;
}

std::string worst_state(const std::vector<SeenRecipient>& recipients) {
  std::size_t worst = 0;
  for (const SeenRecipient& recipient : recipients) {
    const auto at = std::find(kSeverity.begin(), kSeverity.end(), recipient.state);
    worst = std::max(worst, static_cast<std::size_t>(at - kSeverity.begin()));
  }
  return std::string(kSeverity[std::min(worst, kSeverity.size() - 1)]);
}

SeenMessage read_head(const Rows& rows, MessageId id) {
  SeenMessage seen;
  seen.id = id;
  seen.sender = rows.text(0);
  seen.bytes = static_cast<std::uint64_t>(rows.number(1));
  seen.notice = rows.flag(2);
  seen.has_content = rows.number(3) > 0;
  seen.received = rows.time(4);
  seen.expires = rows.time(5);
  seen.finished = rows.maybe_time(6);
  seen.source = to_source(rows, 7);
  seen.summary = {.message_id = rows.text(14),
                  .subject = rows.text(15),
                  .from = rows.text(16),
                  .automatic = rows.flag(17)};
  return seen;
}

}  // namespace

SqliteResult<std::optional<SeenMessage>> read_message(Database& database, MessageId id,
                                                      std::int64_t recipients_max) {
  std::optional<SeenMessage> seen;
  {
    auto rows = TRY(database.query(kMessage, {id.value}));
    if (TRY(rows.next())) seen = read_head(rows, id);
  }
  if (!seen) return seen;
  seen->recipients = TRY(read_recipients(database, id, recipients_max));
  if (static_cast<std::int64_t>(seen->recipients.size()) == recipients_max)
    seen->left_out =
        static_cast<std::size_t>(TRY(database.number(kCountRecipients, {id.value})).value_or(0)) -
        seen->recipients.size();
  seen->state = worst_state(seen->recipients);
  return seen;
}

}  // namespace mailchute
