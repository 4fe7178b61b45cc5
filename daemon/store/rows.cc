#include "store/rows.h"

#include <utility>

#include "base/limits.h"
#include "store/checksum.h"

namespace mailchute {

int to_number(RecipientState state) {
  switch (state) {
    case RecipientState::Queued: return state_number::kQueued;
    case RecipientState::Sending: return state_number::kSending;
    case RecipientState::Held: return state_number::kHeld;
    case RecipientState::Delivered: return state_number::kDelivered;
    case RecipientState::Failed: return state_number::kFailed;
  }
  return state_number::kHeld;
}

RecipientState to_state(int number) {
  switch (number) {
    case state_number::kQueued: return RecipientState::Queued;
    case state_number::kSending: return RecipientState::Sending;
    case state_number::kDelivered: return RecipientState::Delivered;
    case state_number::kFailed: return RecipientState::Failed;
    default: return RecipientState::Held;
  }
}

const char* state_word(RecipientState state, bool in_doubt) {
  switch (state) {
    case RecipientState::Queued: return in_doubt ? "uncertain" : "queued";
    case RecipientState::Sending: return "sending";
    case RecipientState::Held: return "held";
    case RecipientState::Delivered: return "delivered";
    case RecipientState::Failed: return "failed";
  }
  return "held";
}

int to_number(const Notify& notify) {
  return (notify.never ? 1 : 0) | (notify.success ? 2 : 0) | (notify.failure ? 4 : 0) |
         (notify.delay ? 8 : 0);
}

Notify to_notify(int bits) {
  return Notify{.never = (bits & 1) != 0,
                .success = (bits & 2) != 0,
                .failure = (bits & 4) != 0,
                .delay = (bits & 8) != 0};
}

int to_number(Body body) { return body == Body::Unsaid ? 0 : body == Body::SevenBit ? 1 : 2; }

Body to_body(int number) {
  return number == 0 ? Body::Unsaid : number == 1 ? Body::SevenBit : Body::EightBit;
}

int to_number(Return ret) { return ret == Return::Unsaid ? 0 : ret == Return::Full ? 1 : 2; }

Return to_return(int number) {
  return number == 0 ? Return::Unsaid : number == 1 ? Return::Full : Return::Headers;
}

int to_number(Blame blame) {
  switch (blame) {
    case Blame::Recipient: return 0;
    case Blame::Message: return 1;
    case Blame::Sender: return 2;
    case Blame::Upstream: return 3;
  }
  return 1;
}

Blame to_blame(int number) {
  switch (number) {
    case 0: return Blame::Recipient;
    case 2: return Blame::Sender;
    case 3: return Blame::Upstream;
    default: return Blame::Message;
  }
}

Stage to_stage(std::string_view word) {
  for (int stage = static_cast<int>(Stage::Resolve); stage <= static_cast<int>(Stage::Quit); ++stage) {
    if (word == stage_name(static_cast<Stage>(stage))) return static_cast<Stage>(stage);
  }
  return Stage::Connect;
}

SqliteResult<Mailbox> to_mailbox(std::string_view text, MessageId id, std::int64_t kept_checksum) {
  if (address_checksum(text, id) != kept_checksum) return damaged("an address in the queue is damaged");
  auto mailbox = Mailbox::parse(text, Mailbox::Utf8::Allowed);
  if (!mailbox) return damaged("an address in the queue cannot be read: " + mailbox.error().text);
  return std::move(*mailbox);
}

std::int64_t address_checksum(std::string_view text, MessageId id, std::int64_t extra) {
  return checksum(text, id.value ^ (extra << 1));
}

Reply to_reply(const Rows& rows, int first) {
  return Reply{
      .code = rows.small_number(first + 1), .enhanced = rows.text(first + 2), .text = rows.text(first + 3)};
}

Source to_source(const Rows& rows, int first) {
  Source source;
  source.kind = rows.text(first);
  if (!rows.null(first + 1)) source.uid = static_cast<std::uint32_t>(rows.number(first + 1));
  if (!rows.null(first + 2)) source.pid = rows.small_number(first + 2);
  source.command = rows.text(first + 3);
  source.address = rows.text(first + 4);
  source.helo = rows.text(first + 5);
  source.login = rows.text(first + 6);
  return source;
}

std::string_view kept_reply(const Reply& reply) {
  return std::string_view(reply.text).substr(0, limits::kReplyKeptBytes);
}

}  // namespace mailchute
