// Hands out the content of one parcel piece by piece, one piece ahead of need: a small message is all there,
// a large one is read from the queue as it goes, so that memory does not grow with its size. Loop thread
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/lifeline.h"
#include "base/unique_function.h"
#include "store/queue.h"

namespace mailchute {

class ContentSource {
 public:
  /// `content` when it is there, which the caller keeps for as long as this lives; else chunks from the
  /// queue. `news` is called when take() may have more to say, never from inside a call.
  ContentSource(Queue& queue, MessageId id, const std::optional<std::string>& content,
                UniqueFunction<void()> news);

  struct Piece {
    enum class Kind { Bytes, End, Broken, NotYet } kind = Kind::NotYet;
    std::string_view
        bytes;  ///< The content, or with Broken why it cannot be read; good until the next take().
  };

  /// The next piece. End and Broken are said again and again.
  Piece take();

 private:
  void fetch();
  void fetched(QueueResult<std::string> chunk);

  Queue& queue_;
  MessageId id_;
  UniqueFunction<void()> news_;
  Piece::Kind ahead_ = Piece::Kind::NotYet;  ///< What the next take() says.
  std::string ahead_bytes_;
  std::string taken_;
  std::string_view whole_;
  std::int64_t next_chunk_ = 0;
  Lifeline lifeline_;
};

}  // namespace mailchute
