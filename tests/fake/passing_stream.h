// A stream over another one that passes on all that is done to it: what stands for TLS in tests adds only how
// its handshake goes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "net/stream.h"

namespace mailchute::fake {

class PassingStream : public Stream {
 public:
  explicit PassingStream(std::unique_ptr<Stream> plain) : plain_(std::move(plain)) {}

  void write(std::string bytes) override { plain_->write(std::move(bytes)); }
  std::size_t pending_bytes() const override { return plain_->pending_bytes(); }
  void pause() override { plain_->pause(); }
  void resume() override { plain_->resume(); }
  void finish() override { plain_->finish(); }
  std::string peer() const override { return plain_->peer(); }

 protected:
  Stream& plain() { return *plain_; }

 private:
  std::unique_ptr<Stream> plain_;
};

}  // namespace mailchute::fake
