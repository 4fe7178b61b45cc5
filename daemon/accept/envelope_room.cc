#include "accept/envelope_room.h"

#include <utility>

namespace mailchute {

namespace {

/// Some eighty thousand usual recipients, of eighty messages with as many as are permitted; three such
/// parties at once stay within half of what the service may have.
constexpr std::size_t kBytesOfAParty = std::size_t{32} << 20;
constexpr std::size_t kBytesInAll = std::size_t{96} << 20;

/// Measured, of the session's copy and the connection's: what a recipient takes whose address is nothing, and
/// how often each byte of it is held.
constexpr std::size_t kBytesOfARecipient = 300;
constexpr std::size_t kCopies = 7;

const Reply kNoRoom{452, "4.3.1", "Too many unfinished messages; try again later"};

std::size_t cost(const Recipient& recipient) {
  const Mailbox& mailbox = recipient.mailbox;
  const std::size_t text = mailbox.local().size() + mailbox.domain().size() + recipient.original.size();
  return kBytesOfARecipient + kCopies * text;
}

}  // namespace

EnvelopeRoom::Place::Place(EnvelopeRoom& room, std::string party) : room_(room), party_(std::move(party)) {}

EnvelopeRoom::Place::~Place() { drop(bytes_); }

std::optional<Reply> EnvelopeRoom::Place::take(const Recipient& recipient) {
  const std::size_t bytes = cost(recipient);
  if (!room_.has_room(party_, bytes)) return kNoRoom;
  add(bytes);
  return std::nullopt;
}

void EnvelopeRoom::Place::take_too(const Recipient& recipient) { add(cost(recipient)); }

std::optional<Reply> EnvelopeRoom::Place::hold_header(std::size_t bytes) {
  if (bytes > header_bytes_) {
    if (!room_.has_room(party_, bytes - header_bytes_)) return kNoRoom;
    add(bytes - header_bytes_);
  } else {
    drop(header_bytes_ - bytes);
  }
  header_bytes_ = bytes;
  return std::nullopt;
}

void EnvelopeRoom::Place::add(std::size_t bytes) {
  bytes_ += bytes;
  room_.in_all_ += bytes;
  room_.by_party_[party_] += bytes;
}

void EnvelopeRoom::Place::drop(std::size_t bytes) {
  if (bytes == 0) return;
  bytes_ -= bytes;
  room_.in_all_ -= bytes;
  const auto found = room_.by_party_.find(party_);
  found->second -= bytes;
  if (found->second == 0) room_.by_party_.erase(found);
}

bool EnvelopeRoom::has_room(const std::string& party, std::size_t bytes) const {
  const auto found = by_party_.find(party);
  const std::size_t held = found == by_party_.end() ? 0 : found->second;
  return held + bytes <= kBytesOfAParty && in_all_ + bytes <= kBytesInAll;
}

}  // namespace mailchute
