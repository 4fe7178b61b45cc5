#include "accept/recipients.h"

#include <utility>

#include "base/log.h"
#include "mail/xtext.h"

namespace mailchute {

namespace {

/// RFC 5321 4.5.3.1.10: the client may send the rest in another transaction.
const Reply kTooMany{452, "4.5.3", "Too many recipients"};

/// RFC 3461 4.2. The type for addresses beyond ASCII needs an encoding of its own (RFC 6533 3), which few
/// programs read; without it only the trace of the alias is missing.
std::string original_of(const Mailbox& mailbox) {
  return mailbox.needs_utf8() ? std::string() : "rfc822;" + xtext_encode(mailbox.text());
}

}  // namespace

std::optional<Reply> Recipients::add(const Recipient& named, const Aliases& aliases, std::size_t most) {
  auto targets = aliases.resolve(named.mailbox, most);
  if (!targets) {
    log::note(log::Level::Warning, "alias", targets.error().text);
    return kTooMany;
  }
  const Mailbox original = aliases.completed(named.mailbox);
  std::vector<Recipient> fresh;
  for (Mailbox& target : *targets) {
    if (texts_.contains(target.text())) continue;
    Recipient recipient = named;
    if (recipient.original.empty() && !(target == original)) recipient.original = original_of(original);
    recipient.mailbox = std::move(target);
    fresh.push_back(std::move(recipient));
  }
  if (all_.size() + fresh.size() > most) return kTooMany;
  for (Recipient& recipient : fresh) {
    texts_.insert(recipient.mailbox.text());
    all_.push_back(std::move(recipient));
  }
  return std::nullopt;
}

}  // namespace mailchute
