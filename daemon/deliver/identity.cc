#include "deliver/identity.h"

namespace mailchute {

std::optional<Mailbox> envelope_sender_for(const std::optional<Mailbox>& sender,
                                           const UpstreamSettings& upstream) {
  if (upstream.envelope_sender == "keep") return sender;
  const auto& wanted = upstream.envelope_sender == "login" ? upstream.user : upstream.envelope_sender;
  auto mailbox = Mailbox::parse(wanted, Mailbox::Utf8::Allowed);
  if (!mailbox || mailbox->bare())
    return sender;  // `check` has said so: a login that is no address cannot be a sender
  return std::move(*mailbox);
}

}  // namespace mailchute
