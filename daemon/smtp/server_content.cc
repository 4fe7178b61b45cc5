// The content of a message: DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030).
#include <algorithm>

#include "base/limits.h"
#include "smtp/server_replies.h"
#include "smtp/server_state.h"

namespace mailchute {

namespace {

/// The patience for content counts anew for each of these (interface 2, data_timeout).
constexpr std::size_t kPatienceBytes = 4096;

}  // namespace

void ServerSession::State::data() {
  if (!transaction) return refuse(replies::kMailFirst);
  if (transaction->draft != Handover::None)
    return refuse(replies::kInChunks);  // RFC 3030 2: DATA and BDAT do not mix
  if (transaction->envelope.recipients.empty()) return refuse(replies::kNoRecipients);
  begin_content(BodyReader::Framing::Dots);
}

void ServerSession::State::bdat(std::string_view argument) {
  // Octets follow and would be taken for commands. Where their number is not known for sure the connection
  // must end.
  if (!options.chunking) return close_with(replies::kNotOffered);
  const auto size = parse_bdat(argument);
  if (!size) return close_with(size.error());
  chunk = *size;
  // RFC 3030 2: 503, but only behind the octets. After a chunk that failed there is no transaction, so its
  // followers come here too.
  if (!transaction) return lose_chunk(replies::kMailFirst);
  if (transaction->envelope.recipients.empty()) return lose_chunk(replies::kNoRecipients);
  if (transaction->draft == Handover::None) return begin_content(BodyReader::Framing::Counted);
  mode = Mode::Chunk;
  ++epoch;
}

void ServerSession::State::begin_content(BodyReader::Framing framing) {
  transaction->body.emplace(framing, options.message_bytes_max);
  transaction->draft = Handover::Open;
  content_bytes_seen = 0;
  ask(Owed::Begin, server_event::ContentBegins{&transaction->envelope});
}

void ServerSession::State::answer_begin(const Reply& reply) {
  const bool accepted = reply.positive() || reply.intermediate();
  if (!accepted) {
    transaction.reset();
    return chunk ? lose_chunk(reply) : say(reply);
  }
  if (chunk) {
    mode = Mode::Chunk;
    ++epoch;
    return;
  }
  // RFC 2920 3.1: DATA is the last of its group, so content that comes before the 354 is not from a client.
  if (more_follows()) return close_with(replies::kOutOfTurn);
  say({354, "", reply.text.empty() ? replies::kSendContent.text : reply.text});
  mode = Mode::Content;
}

bool ServerSession::State::read_content() {
  if (reader.rest().empty()) return false;
  std::string content;
  content.reserve(std::min(reader.rest().size(), limits::kChunkBytes) + 2);
  const std::size_t bytes_read = transaction->body->take(reader.rest(), content);
  reader.skip(bytes_read);
  pass_on(std::move(content), bytes_read);
  if (transaction->body->ended()) end_content();
  return true;
}

bool ServerSession::State::read_chunk() {
  if (chunk->bytes > 0 && reader.rest().empty()) return false;
  const auto octets = reader.rest().substr(0, chunk->bytes);
  const bool last = chunk->last == ChunkSize::Last::Yes;
  std::string content;
  content.reserve(std::min(octets.size(), limits::kChunkBytes) + 4);
  const std::size_t bytes_read = transaction->body->take(octets, content);
  reader.skip(bytes_read);
  chunk->bytes -= bytes_read;
  const bool complete = chunk->bytes == 0;
  if (complete && last) transaction->body->finish(content);
  pass_on(std::move(content), bytes_read);
  if (!complete) return true;

  chunk.reset();
  mode = Mode::Command;
  if (last || transaction->body->fault() != BodyReader::Fault::None)
    end_content();
  else
    say(replies::kChunkOk);
  return true;
}

/// Lets the octets of a chunk go by that will be answered with `reply`.
void ServerSession::State::lose_chunk(const Reply& reply) {
  // More than a message may have is not worth reading for the sake of a refusal.
  if (chunk->bytes > options.message_bytes_max) return close_with(reply);
  lost = reply;
  mode = Mode::LostChunk;
  ++epoch;
}

bool ServerSession::State::read_lost_chunk() {
  if (chunk->bytes > 0 && reader.rest().empty()) return false;
  const auto octets = reader.rest().substr(0, chunk->bytes).size();
  reader.skip(octets);
  chunk->bytes -= octets;
  count_content(octets);
  if (chunk->bytes > 0) return true;

  chunk.reset();
  mode = Mode::Command;
  refuse(*std::exchange(lost, std::nullopt));
  return true;
}

void ServerSession::State::pass_on(std::string content, std::size_t bytes_read) {
  count_content(bytes_read);
  // The end is waited for all the same: a client that is refused in the middle would take our words for a
  // broken connection.
  if (transaction->body->fault() != BodyReader::Fault::None) return drop_draft();
  if (!content.empty()) events.push_back(server_event::Content{std::move(content)});
}

void ServerSession::State::count_content(std::size_t bytes_read) {
  content_bytes_seen += bytes_read;
  if (content_bytes_seen < kPatienceBytes) return;
  content_bytes_seen %= kPatienceBytes;
  ++epoch;
}

void ServerSession::State::end_content() {
  mode = Mode::Command;
  const auto fault = transaction->body->fault();
  if (fault == BodyReader::Fault::None)
    return ask(Owed::Message, server_event::ContentEnds{&transaction->envelope});
  // RFC 5321 4.1.1.4: whatever the answer, the transaction is over.
  transaction.reset();
  say(fault == BodyReader::Fault::TooLarge ? replies::kTooLarge : replies::kNulInContent);
}

void ServerSession::State::answer_message(const Reply& reply) {
  transaction.reset();
  if (reply.positive()) errors = junk = 0;
  say(completed(reply, replies::kOk));
}

}  // namespace mailchute
