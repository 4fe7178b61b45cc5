#include "deliver/outgoing_content.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/header_downgrade.h"
#include "mail/seven_bit.h"

namespace mailchute {

namespace {

using Piece = ContentSource::Piece;

constexpr std::string_view kLineEnd = "\r\n";

/// What an app most likely wrote that did not say. The last bytes may be half a character.
std::string_view likely_charset(std::string_view body) {
  for (std::size_t cut = 0; cut < 4 && cut <= body.size(); ++cut)
    if (valid_utf8(body.substr(0, body.size() - cut))) return "utf-8";
  return "unknown-8bit";  // RFC 1428 3
}

std::string base64_lines(std::string_view bytes) {
  Base64Lines lines;
  std::string out = lines.take(bytes);
  return out += lines.finish();
}

}  // namespace

// A chunk more than apps may send: acceptance puts fields of ours on top.
OutgoingContent::OutgoingContent(Queue& queue, const Parcel& parcel, std::size_t header_bytes_max,
                                 UniqueFunction<void()> news)
    : parcel_(parcel),
      source_(queue, parcel.id, parcel.content, std::move(news)),
      head_bytes_max_(header_bytes_max + limits::kChunkBytes) {}

bool OutgoingContent::ready() {
  while (state_ == Head::Reading) {
    const Piece piece = source_.take();
    if (piece.kind == Piece::Kind::NotYet) return false;
    if (piece.kind == Piece::Kind::Broken) {
      state_ = Head::Unknown;  // take() will say so, once the upstream asks for the content
      break;
    }
    source_ended_ = piece.kind == Piece::Kind::End;
    head_ += piece.bytes;
    const std::size_t end = header_end(head_, std::exchange(searched_, head_.size()));
    section_bytes_ = std::min(end, head_.size());
    if (end != std::string::npos || source_ended_)
      state_ = Head::Known;
    else if (head_.size() > head_bytes_max_)
      state_ = Head::Unknown;
  }
  return true;
}

ContentFacts OutgoingContent::prepare(OriginatorRules rules, const Extensions& offered) {
  CHECK(state_ != Head::Reading);
  ContentFacts facts{parcel_.bytes, parcel_.body, parcel_.smtputf8};
  if (state_ == Head::Unknown) return facts;
  rules.utf8 =
      parcel_.smtputf8 && offered.smtputf8 ? OriginatorRules::Utf8::Allowed : OriginatorRules::Utf8::Refused;
  const bool fits = edit_header(rules, offered);
  facts.smtputf8 = parcel_.smtputf8 && (offered.smtputf8 || !fits);
  if (has_eight_bits()) facts.body = offered.eight_bit || !encode_body() ? Body::EightBit : Body::SevenBit;
  facts.bytes = bytes_after();
  return facts;
}

/// False when the header needs SMTPUTF8 and the upstream does not offer it.
bool OutgoingContent::edit_header(const OriginatorRules& rules, const Extensions& offered) {
  header_ = with_originator(section(), rules);
  if (!parcel_.smtputf8 || offered.smtputf8) return true;
  auto downgraded = downgraded_header(header_);
  if (downgraded) header_ = std::move(*downgraded);
  return downgraded.has_value();
}

std::string_view OutgoingContent::body_at_hand() const {
  return std::string_view(head_).substr(std::min(section_bytes_ + kLineEnd.size(), head_.size()));
}

/// What can be seen counts; beyond that, of a long body, what the app said. One whose first chunk is ASCII,
/// from an app that said nothing, passes for seven-bit: to read it twice would cost every long message.
bool OutgoingContent::has_eight_bits() const {
  return !is_ascii(body_at_hand()) || (!parcel_.content && parcel_.body == Body::EightBit);
}

bool OutgoingContent::encode_body() {
  if (section_bytes_ == head_.size()) return false;  // there is none
  if (has_parts_to_encode(header_)) {
    parts_.emplace();
    return true;
  }
  if (parcel_.content) return encode_whole_body();
  if (parcel_.bytes < section_bytes_ + kLineEnd.size()) return false;
  // Its length must be known beforehand, which rules out quoted-printable.
  auto header = header_for_encoding(header_, "base64", likely_charset(body_at_hand()));
  if (!header) return false;
  header_ = std::move(*header);
  encoder_.emplace();
  return true;
}

bool OutgoingContent::encode_whole_body() {
  const std::string_view body = body_at_hand();
  std::string quoted = quoted_printable(body);
  std::string base64 = base64_lines(body);
  const bool readable = quoted.size() <= base64.size();
  auto header = header_for_encoding(header_, readable ? "quoted-printable" : "base64", likely_charset(body));
  if (!header) return false;
  header_ = std::move(*header);
  body_ = std::move(readable ? quoted : base64);
  return true;
}

std::uint64_t OutgoingContent::bytes_after() const {
  if (parcel_.bytes < section_bytes_) return parcel_.bytes;
  const std::uint64_t rest = parcel_.bytes - section_bytes_;
  if (body_) return header_.size() + kLineEnd.size() + body_->size();
  if (encoder_) return header_.size() + kLineEnd.size() + Base64Lines::encoded_bytes(rest - kLineEnd.size());
  return header_.size() + rest;
}

std::string OutgoingContent::first_piece() {
  if (state_ == Head::Unknown) return std::move(head_);
  if (body_) return header_ + std::string(kLineEnd) + *body_;
  if (encoder_) return header_ + std::string(kLineEnd) + encoder_->take(body_at_hand());
  header_ += std::string_view(head_).substr(section_bytes_);
  return parts_ ? parts_->take(header_) : std::move(header_);
}

std::string OutgoingContent::last_piece() {
  if (parts_) return parts_->finish();
  return encoder_ ? encoder_->finish() : std::string();
}

Piece OutgoingContent::take() {
  if (sent_ == Sent::Nothing) {
    sent_ = Sent::Head;
    piece_ = first_piece();
    head_ = {};
    if (!piece_.empty()) return {Piece::Kind::Bytes, piece_};
  }
  if (sent_ == Sent::All) return {Piece::Kind::End, {}};
  while (!source_ended_) {
    const Piece piece = source_.take();
    source_ended_ = piece.kind == Piece::Kind::End;
    if (source_ended_) break;
    if (piece.kind != Piece::Kind::Bytes || (!encoder_ && !parts_)) return piece;
    piece_ = parts_ ? parts_->take(piece.bytes) : encoder_->take(piece.bytes);
    if (!piece_.empty()) return {Piece::Kind::Bytes, piece_};
  }
  sent_ = Sent::All;
  piece_ = last_piece();
  if (!piece_.empty()) return {Piece::Kind::Bytes, piece_};
  return {Piece::Kind::End, {}};
}

}  // namespace mailchute
