#include "smtp/client_transaction.h"

#include <utility>

#include "base/limits.h"
#include "smtp/client_commands.h"

namespace mailchute {

namespace {

using Failed = client_event::Failed;

/// BDAT spares the upstream the search for dots but costs a reply a chunk, so it has to be worth it; and only
/// with PIPELINING may the next chunk be said before that reply (RFC 3030 4.2).
bool worth_chunks(const OutgoingMessage& message, const Extensions& offered) {
  return offered.chunking && offered.pipelining && message.bytes >= limits::kChunkBytes;
}

/// A reply of another class answers something that we did not say: from here on replies cannot be trusted to
/// be in their places.
auto misplaced(Awaited what, const Reply& reply) {
  return tl::unexpected<Failed>(Failed{stage_of(what), as_refusal(reply, what)});
}

bool decides(const Reply& reply) { return reply.positive() || reply.transient() || reply.permanent(); }

}  // namespace

ClientTransaction::ClientTransaction(OutgoingMessage message, Extensions offered)
    : message_(std::move(message)),
      offered_(std::move(offered)),
      framing_(worth_chunks(message_, offered_) ? Framing::Chunks : Framing::Dot),
      writer_(framing_ == Framing::Chunks ? BodyWriter::Dots::Plain : BodyWriter::Dots::Stuffed),
      answers_(message_.recipients.size()),
      undecided_(message_.recipients.size()) {}

void ClientTransaction::begin(ClientDialogue& dialogue) {
  dialogue.say(mail_command(message_, offered_), Awaited::MailFrom);
  advance(dialogue);
}

ClientTransaction::Step ClientTransaction::answer(Awaited what, const Reply& reply,
                                                  ClientDialogue& dialogue) {
  switch (what) {
    case Awaited::MailFrom: return sender_answered(reply, dialogue);
    case Awaited::RcptTo: return recipient_answered(reply, dialogue);
    case Awaited::Data: return data_answered(reply, dialogue);
    case Awaited::Chunk: return chunk_answered(reply);
    case Awaited::FinalDot: return message_answered(reply);
    default: break;
  }
  CHECK(false && "only what this part says is answered to it");
  return Progress::Waiting;
}

ClientTransaction::Step ClientTransaction::sender_answered(const Reply& reply, ClientDialogue& dialogue) {
  if (!decides(reply)) return misplaced(Awaited::MailFrom, reply);
  open_ = reply.positive();
  if (!open_) settle_rest(Stage::MailFrom, reply);
  return next_step(dialogue);
}

/// Replies come in the order of the recipients (RFC 2920 3.1). 251 and 252 accept as 250 does (RFC
/// 5321 4.3.2).
ClientTransaction::Step ClientTransaction::recipient_answered(const Reply& reply, ClientDialogue& dialogue) {
  if (!decides(reply)) return misplaced(Awaited::RcptTo, reply);
  const std::size_t recipient = recipients_answered_++;
  if (!reply.positive()) settle(recipient, Stage::RcptTo, reply);
  return next_step(dialogue);
}

ClientTransaction::Step ClientTransaction::data_answered(const Reply& reply, ClientDialogue& dialogue) {
  if (reply.transient() || reply.permanent()) {
    settle_rest(Stage::Data, reply);
    return next_step(dialogue);
  }
  // RFC 5321 4.3.2: nothing but 354 asks for content; 250 here is a reply that lost its place, or a lie.
  if (reply.code != 354) return misplaced(Awaited::Data, reply);
  if (undecided_ == 0) {
    // DATA went out before the refusals came in: an empty message is what gets us out of it (RFC 2920 3.1).
    dialogue.say(".", Awaited::LoneDot);
    return Progress::Clearing;
  }
  return begin_content(dialogue);
}

/// RFC 3030 2: after a refused chunk the message is lost, and what was said behind it is refused too.
ClientTransaction::Step ClientTransaction::chunk_answered(const Reply& reply) {
  if (reply.positive()) return Progress::Waiting;
  return tl::unexpected<Failed>(Failed{Stage::Body, as_refusal(reply, Awaited::Chunk)});
}

/// 2xx is final, whatever its other digits. A code of no use is kept for the verdict, but ends the
/// conversation.
ClientTransaction::Step ClientTransaction::message_answered(const Reply& reply) {
  settle_rest(Stage::FinalDot, reply);
  if (!decides(reply)) return misplaced(Awaited::FinalDot, reply);
  return Progress::Over;
}

ClientTransaction::Step ClientTransaction::next_step(ClientDialogue& dialogue) {
  advance(dialogue);
  if (!dialogue.all_answered()) return Progress::Waiting;
  if (undecided_ == 0) return conclude(dialogue);
  // BDAT needs no leave: the recipients' replies were all there was to wait for (RFC 3030 2).
  return begin_content(dialogue);
}

ClientTransaction::Progress ClientTransaction::begin_content(ClientDialogue& dialogue) {
  phase_ = Phase::Content;
  dialogue.progressed();
  return Progress::ContentWanted;
}

/// Nobody is left to send to. A transaction that the upstream still holds open would make it refuse the next
/// MAIL (RFC 5321 4.1.4).
ClientTransaction::Progress ClientTransaction::conclude(ClientDialogue& dialogue) {
  if (!open_) return Progress::Over;
  dialogue.say("RSET", Awaited::Reset);
  return Progress::Clearing;
}

void ClientTransaction::advance(ClientDialogue& dialogue) {
  while (undecided_ > 0 && recipients_said_ < message_.recipients.size() && may_say_more(dialogue))
    dialogue.say(recipient_command(message_.recipients[recipients_said_++], offered_), Awaited::RcptTo);

  const bool due =
      framing_ == Framing::Dot && phase_ == Phase::Envelope && recipients_said_ == message_.recipients.size();
  if (!due || undecided_ == 0 || !may_say_more(dialogue)) return;
  dialogue.say("DATA", Awaited::Data);  // RFC 2920 3.1: the last of its flight
  phase_ = Phase::DataSaid;
}

/// In lock-step, one command at a time. With PIPELINING a flight is bounded: neither side may have to hold
/// more than a socket does.
bool ClientTransaction::may_say_more(const ClientDialogue& dialogue) const {
  return offered_.pipelining ? dialogue.bytes_in_flight() < limits::kOutputBytes : dialogue.all_answered();
}

Result<void> ClientTransaction::content(std::string_view bytes, ClientDialogue& dialogue) {
  TRY_VOID(writer_.write(bytes, framing_ == Framing::Dot ? dialogue.output() : chunk_));
  if (chunk_.size() >= limits::kChunkBytes) say_chunk("", Awaited::Chunk, dialogue);

  block_bytes_ += bytes.size();
  if (block_bytes_ < limits::kChunkBytes) return {};
  block_bytes_ = 0;
  dialogue.progressed();  // that more is given to us means that the peer has taken what went before
  return {};
}

Result<void> ClientTransaction::content_end(ClientDialogue& dialogue) {
  TRY_VOID(writer_.finish(framing_ == Framing::Dot ? dialogue.output() : chunk_));
  phase_ = Phase::Ended;
  if (framing_ == Framing::Chunks)
    say_chunk(" LAST", Awaited::FinalDot, dialogue);
  else
    dialogue.await(Awaited::FinalDot, 3);
  return {};
}

/// RFC 3030 2. A last chunk may be empty.
void ClientTransaction::say_chunk(std::string_view last_word, Awaited what, ClientDialogue& dialogue) {
  std::string& output = dialogue.output();
  output += "BDAT " + std::to_string(chunk_.size());
  output += last_word;
  output += "\r\n";
  output += chunk_;
  dialogue.await(what, chunk_.size());
  chunk_.clear();
}

void ClientTransaction::output_taken() {
  if (phase_ == Phase::Ended) phase_ = Phase::InDoubt;
}

void ClientTransaction::settle_rest(Stage stage, const Reply& reply) {
  for (std::size_t i = 0; i < answers_.size(); ++i) settle(i, stage, reply);
}

void ClientTransaction::settle(std::size_t recipient, Stage stage, const Reply& reply) {
  if (answers_[recipient]) return;  // the first refusal is the one that counts
  answers_[recipient] = client_event::Finished::Answer{stage, reply};
  --undecided_;
}

client_event::Finished ClientTransaction::finished() {
  client_event::Finished finished;
  finished.answers.reserve(answers_.size());
  for (auto& answer : answers_) {
    CHECK(answer.has_value());
    finished.answers.push_back(std::move(*answer));
  }
  finished.final_dot_sent = phase_ == Phase::InDoubt;
  return finished;
}

}  // namespace mailchute
