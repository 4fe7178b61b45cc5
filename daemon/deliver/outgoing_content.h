// The content of one parcel as its upstream is to see it: the header edited, the rest as it was stored, or
// encoded where the upstream takes no eight bits. The header is looked at before MAIL, because it decides
// what MAIL must say; of the body no more than one piece is held. The stored message stays as it is. Loop
// thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_function.h"
#include "deliver/content_source.h"
#include "mail/envelope.h"
#include "mail/originator.h"
#include "mail/seven_bit_parts.h"
#include "mail/transfer_encoding.h"
#include "smtp/client_session.h"
#include "store/queue.h"

namespace mailchute {

/// What MAIL says of the content.
struct ContentFacts {
  /// Of what is sent, exactly, as long as the stored size was right; of a message whose parts are encoded on
  /// the way, what it has without that: RFC 1870 5 asks for an estimate, and attachments are mostly encoded
  /// already.
  std::uint64_t bytes = 0;
  Body body = Body::Unsaid;
  bool smtputf8 = false;  ///< It cannot be sent without SMTPUTF8.
};

class OutgoingContent {
 public:
  /// The caller keeps `parcel` for as long as this lives. A header section of more than `header_bytes_max`
  /// bytes and what our own fields add is sent as it is. `news` as in ContentSource.
  OutgoingContent(Queue& queue, const Parcel& parcel, std::size_t header_bytes_max,
                  UniqueFunction<void()> news);

  /// True once the header has come, or is known not to; `news` tells when to ask again.
  bool ready();

  /// Decides what is sent; once, when ready(). Of the rules, `utf8` is set here.
  ContentFacts prepare(OriginatorRules rules, const Extensions& offered);

  /// What is sent, piece by piece; after prepare(). As ContentSource::take().
  ContentSource::Piece take();

 private:
  std::string_view section() const { return std::string_view(head_).substr(0, section_bytes_); }
  std::string_view body_at_hand() const;
  bool edit_header(const OriginatorRules& rules, const Extensions& offered);
  bool has_eight_bits() const;
  bool encode_body();
  bool encode_whole_body();
  std::uint64_t bytes_after() const;
  std::string first_piece();
  std::string last_piece();

  const Parcel& parcel_;
  ContentSource source_;
  std::size_t head_bytes_max_;
  std::string head_;  ///< What has been read ahead: the section, its empty line, the first of the body.
  std::size_t searched_ = 0;
  std::size_t section_bytes_ = 0;
  enum class Head { Reading, Known, Unknown } state_ = Head::Reading;
  bool source_ended_ = false;
  std::string header_;                  ///< As it is sent.
  std::optional<std::string> body_;     ///< The whole of it, encoded.
  std::optional<Base64Lines> encoder_;  ///< For a body that is longer than that.
  std::optional<SevenBitParts> parts_;  ///< For a body of several parts.
  enum class Sent { Nothing, Head, All } sent_ = Sent::Nothing;
  std::string piece_;
};

}  // namespace mailchute
