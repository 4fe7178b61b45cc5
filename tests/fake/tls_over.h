// A stand-in for TLS: the bytes stay as they are, and the handshake is done at once. For tests of what comes
// behind it.
#pragma once

#include <memory>
#include <utility>

#include "fake/fake_loop.h"
#include "fake/passing_stream.h"

namespace mailchute::fake {

class TlsOver final : public PassingStream {
 public:
  TlsOver(FakeLoop& loop, std::unique_ptr<Stream> plain) : PassingStream(std::move(plain)), loop_(loop) {}

  void start(StreamUser& user) override {
    plain().start(user);
    loop_.post([&user] { user.on_secured(TlsFacts{"TLSv1.3", "fake", "", {}}); });
  }

 private:
  FakeLoop& loop_;
};

}  // namespace mailchute::fake
