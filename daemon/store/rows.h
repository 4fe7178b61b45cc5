// How our values look in columns, both ways. The numbers are on disk: they are never changed, only added to.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/envelope.h"
#include "mail/message_id.h"
#include "mail/reply.h"
#include "store/queue.h"
#include "store/sqlite.h"

namespace mailchute {

/// `recipient.state`.
namespace state_number {
inline constexpr int kQueued = 0;
inline constexpr int kSending = 1;
inline constexpr int kHeld = 2;
inline constexpr int kDelivered = 3;
inline constexpr int kFailed = 4;
}  // namespace state_number

int to_number(RecipientState state);
RecipientState to_state(int number);

/// Queued again after a final reply was lost is shown by a word of its own.
const char* state_word(RecipientState state, bool in_doubt);

int to_number(const Notify& notify);
Notify to_notify(int bits);

int to_number(Body body);
Body to_body(int number);

int to_number(Return ret);
Return to_return(int number);

int to_number(Blame blame);
Blame to_blame(int number);

/// The stage of this name (stage_name); Connect for a name that is none.
Stage to_stage(std::string_view word);

/// An address out of the database, checked against its checksum; fails as damage does.
SqliteResult<Mailbox> to_mailbox(std::string_view text, MessageId id, std::int64_t kept_checksum);

/// The checksum kept beside an address, or beside the sender with the size of the content for `extra`.
std::int64_t address_checksum(std::string_view text, MessageId id, std::int64_t extra = 0);

/// Four columns from `first`: stage, code, enhanced, reply.
Reply to_reply(const Rows& rows, int first);

/// Six columns from `first`: kind, uid, pid, command, address, helo.
Source to_source(const Rows& rows, int first);

/// Peers' words are kept to limits::kReplyKeptBytes.
std::string_view kept_reply(const Reply& reply);

}  // namespace mailchute
