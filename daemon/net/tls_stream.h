// TLS over any stream: carries bytes between a TlsEngine and the stream below it, and tells its user the
// news. Decides nothing. The deadline of the handshake is its user's. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/lifeline.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/tls_engine.h"

namespace mailchute {

/// Bytes that the stream below brought before start() went to its former user and are no part of this
/// conversation.
class TlsStream final : public Stream, private StreamUser {
 public:
  TlsStream(Loop& loop, std::unique_ptr<Stream> plain, std::unique_ptr<TlsEngine> engine);

  void start(StreamUser& user) override;
  void write(std::string bytes) override;
  std::size_t pending_bytes() const override;
  void pause() override;
  void resume() override;
  void finish() override;
  std::string peer() const override { return plain_->peer(); }

 private:
  void on_bytes(std::string_view ciphertext) override;
  void on_end(const StreamEnd& end) override;
  void on_drained() override;

  void advance();
  void hand_over_plaintext();
  void flush();
  void report_end();

  Loop& loop_;
  std::unique_ptr<Stream> plain_;
  std::unique_ptr<TlsEngine> engine_;
  StreamUser* user_ = nullptr;
  std::optional<StreamEnd>
      transport_end_;  // Kept while paused: the user has not yet had everything before it.
  enum class Phase { Handshake, Open, Ended } phase_ = Phase::Handshake;
  enum class Turn { Outside, Inside } turn_ = Turn::Outside;  // Inside: advance() flushes once at its end.
  bool paused_ = false;
  bool plain_finished_ = false;
  Lifeline lifeline_;
};

}  // namespace mailchute
