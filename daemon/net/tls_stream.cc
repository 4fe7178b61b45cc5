#include "net/tls_stream.h"

#include <array>
#include <utility>

namespace mailchute {

namespace {

/// RFC 8446 5.1: no record holds more plaintext.
constexpr std::size_t kRecordBytes = 16 * 1024;

}  // namespace

TlsStream::TlsStream(Loop& loop, std::unique_ptr<Stream> plain, std::unique_ptr<TlsEngine> engine)
    : loop_(loop), plain_(std::move(plain)), engine_(std::move(engine)) {}

void TlsStream::start(StreamUser& user) {
  const bool first = std::exchange(user_, &user) == nullptr;
  if (!first) return;
  plain_->start(*this);
  if (!paused_) plain_->resume();
  engine_->begin();
  flush();
}

void TlsStream::write(std::string bytes) {
  engine_->send(bytes);
  if (turn_ == Turn::Inside) return;
  flush();
  if (engine_->end() && phase_ != Phase::Ended) loop_.defer(lifeline_.bind([this] { advance(); }));
}

std::size_t TlsStream::pending_bytes() const { return plain_->pending_bytes() + engine_->waiting(); }

void TlsStream::pause() {
  paused_ = true;
  plain_->pause();
}

void TlsStream::resume() {
  if (!std::exchange(paused_, false)) return;
  if (phase_ == Phase::Ended) return;
  plain_->resume();
  // What was decrypted or received before the pause waits in the engine, and no event of the socket will tell
  // of it.
  loop_.defer(lifeline_.bind([this] {
    if (user_) advance();
  }));
}

void TlsStream::finish() {
  engine_->finish();
  if (turn_ == Turn::Outside) flush();
  resume();
}

void TlsStream::on_bytes(std::string_view ciphertext) {
  const auto waiting = engine_->waiting();
  engine_->receive(ciphertext);
  advance();
  const bool drained = waiting > 0 && pending_bytes() == 0;
  if (drained && phase_ == Phase::Open) user_->on_drained();
}

void TlsStream::on_end(const StreamEnd& end) {
  transport_end_ = end;
  advance();
}

void TlsStream::on_drained() {
  if (phase_ == Phase::Open && engine_->waiting() == 0) user_->on_drained();
}

void TlsStream::advance() {
  if (phase_ == Phase::Ended || turn_ == Turn::Inside) return;
  turn_ = Turn::Inside;
  if (phase_ == Phase::Handshake && engine_->facts()) {
    phase_ = Phase::Open;
    user_->on_secured(*engine_->facts());
  }
  hand_over_plaintext();
  if (transport_end_ && !paused_) engine_->transport_ended(*transport_end_);
  turn_ = Turn::Outside;
  flush();
  if (engine_->end()) report_end();
}

void TlsStream::hand_over_plaintext() {
  std::array<char, kRecordBytes> plain;
  while (!paused_) {
    const auto count = engine_->read(plain);
    if (count == 0) return;
    user_->on_bytes({plain.data(), count});
  }
}

void TlsStream::flush() {
  auto bytes = engine_->take_output();
  if (!bytes.empty()) plain_->write(std::move(bytes));
  if (engine_->goodbye_said() && !std::exchange(plain_finished_, true)) plain_->finish();
}

void TlsStream::report_end() {
  phase_ = Phase::Ended;
  plain_->pause();
  user_->on_end(*engine_->end());
}

}  // namespace mailchute
