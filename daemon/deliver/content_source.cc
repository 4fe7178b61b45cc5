#include "deliver/content_source.h"

#include <utility>

namespace mailchute {

ContentSource::ContentSource(Queue& queue, MessageId id, const std::optional<std::string>& content,
                             UniqueFunction<void()> news)
    : queue_(queue), id_(id), news_(std::move(news)) {
  if (content) {
    whole_ = *content;
    ahead_ = whole_.empty() ? Piece::Kind::End : Piece::Kind::Bytes;
  } else {
    fetch();
  }
}

ContentSource::Piece ContentSource::take() {
  if (ahead_ == Piece::Kind::Broken) return {ahead_, ahead_bytes_};
  if (ahead_ != Piece::Kind::Bytes) return {ahead_, {}};
  if (!whole_.empty()) {
    ahead_ = Piece::Kind::End;
    return {Piece::Kind::Bytes, whole_};
  }
  taken_ = std::move(ahead_bytes_);
  ahead_ = Piece::Kind::NotYet;
  fetch();
  return {Piece::Kind::Bytes, taken_};
}

void ContentSource::fetch() {
  queue_.read_chunk(id_, next_chunk_++,
                    lifeline_.bind([this](QueueResult<std::string> chunk) { fetched(std::move(chunk)); }));
}

void ContentSource::fetched(QueueResult<std::string> chunk) {
  ahead_ = !chunk ? Piece::Kind::Broken : chunk->empty() ? Piece::Kind::End : Piece::Kind::Bytes;
  ahead_bytes_ = chunk ? std::move(*chunk) : std::move(chunk.error().text);
  news_();
}

}  // namespace mailchute
