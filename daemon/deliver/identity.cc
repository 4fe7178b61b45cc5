#include "deliver/identity.h"

#include <string>

namespace mailchute {

namespace {

/// The address that `wish` stands for; empty for `keep`, and for a login that is no address: `check` has said
/// so, and such a login cannot be a sender.
std::optional<Mailbox> wanted(const std::string& wish, const UpstreamSettings& upstream) {
  if (wish == "keep") return std::nullopt;
  auto mailbox = Mailbox::parse(wish == "login" ? upstream.user : wish, Mailbox::Utf8::Allowed);
  if (!mailbox || mailbox->bare()) return std::nullopt;
  return std::move(*mailbox);
}

}  // namespace

std::optional<Mailbox> envelope_sender_for(const std::optional<Mailbox>& sender,
                                           const UpstreamSettings& upstream) {
  auto replaced = wanted(upstream.envelope_sender, upstream);
  return replaced ? replaced : sender;
}

OriginatorRules originator_rules(const std::optional<Mailbox>& sender, const UpstreamSettings& upstream) {
  OriginatorRules rules;
  rules.from = wanted(upstream.header_from, upstream);
  // Who refuses the null sender refuses a stranger in From: too; a notice goes out wholly as the login.
  if (!sender && !rules.from) rules.from = wanted(upstream.envelope_sender, upstream);
  rules.sender = envelope_sender_for(sender, upstream);
  rules.mail_domain = upstream.mail_domain;
  return rules;
}

}  // namespace mailchute
