// The messages that tell a sender what became of mail: the words are mail/notice.h's, this makes them
// messages of the queue and knows who reads them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mail/message_id.h"
#include "mail/notice.h"
#include "settle/settle_options.h"
#include "store/queue.h"

namespace mailchute {

/// What one notice is about, beside its recipients.
struct NoticeSubject {
  MessageId notice_id;
  std::string original_header;
  WallTime now{};
};

/// The end of one recipient, as the notice says it: `end` is its settlement, `verdict` what it came from,
/// `upstream` whose reply that was; empty: nobody's.
NoticeRecipient told(const std::string& upstream, const ParcelRecipient& recipient,
                     const RecipientSettlement& end, const Verdict& verdict, NoticeRecipient::Action action,
                     const SettleOptions& options);

/// The hosts of those upstreams of a route that cannot take the message (store/route_text.h).
std::vector<std::string> refusers_of(const std::string& route, const SettleOptions& options);

/// Tells the sender of `parcel` of these recipients, at least one. The parcel has a sender. The whole message
/// is returned where it was asked for (RFC 3461 4.3), something failed, and it is here.
OwnMessage attempt_notice(const Parcel& parcel, std::vector<NoticeRecipient> recipients,
                          NoticeSubject subject, const SettleOptions& options);

/// For Queue::tell_late. Nothing: nobody need be told.
std::optional<OwnMessage> delay_notice(const LateMessage& late, MessageId notice_id, WallTime now,
                                       const SettleOptions& options);

/// For Queue::tell_digest.
OwnMessage digest_notice(const Digest& digest, MessageId notice_id, WallTime now,
                         const SettleOptions& options);

/// The header section of canonical content, or of its first chunk: whole lines, cut at 16 KiB.
std::string header_section(std::string_view content);

}  // namespace mailchute
