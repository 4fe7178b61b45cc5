// A stand-in for TLS: the bytes stay as they are, and the handshake is done at once. For tests of what comes
// behind it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "fake/fake_loop.h"
#include "net/stream.h"

namespace mailchute::fake {

class TlsOver final : public Stream {
 public:
  TlsOver(FakeLoop& loop, std::unique_ptr<Stream> plain) : loop_(loop), plain_(std::move(plain)) {}

  void start(StreamUser& user) override {
    plain_->start(user);
    loop_.post([&user] { user.on_secured(TlsFacts{"TLSv1.3", "fake", "", {}}); });
  }
  void write(std::string bytes) override { plain_->write(std::move(bytes)); }
  std::size_t pending_bytes() const override { return plain_->pending_bytes(); }
  void pause() override { plain_->pause(); }
  void resume() override { plain_->resume(); }
  void finish() override { plain_->finish(); }
  std::string peer() const override { return plain_->peer(); }

 private:
  FakeLoop& loop_;
  std::unique_ptr<Stream> plain_;
};

}  // namespace mailchute::fake
