// A dialer that connects to the test: each dial() is answered by the next word in `answers`, and the far end
// of a connection that comes about is handed to the test. TLS is a name only: secure() lets the bytes pass
// and tells on_secured(), or ends as a failed handshake.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake/fake_loop.h"
#include "fake/memory_stream.h"
#include "fake/passing_stream.h"
#include "net/dialer.h"

namespace mailchute::fake {

class FakeDialer final : public Dialer {
 public:
  explicit FakeDialer(FakeLoop& loop) : loop_(loop) {}

  struct Call {
    std::string host;
    std::uint16_t port = 0;
    Duration patience{};
  };
  std::vector<Call> calls;

  /// Answers to come: a fault, or a connection. When there is none left, every dial connects.
  std::deque<std::optional<DialFault>> answers;

  /// Gets the far end of each connection. Without it the far end stays open and silent.
  UniqueFunction<void(std::unique_ptr<MemoryStream>)> on_connected;

  /// While set, no dial is answered at all: its patience is the caller's to watch.
  bool silent = false;

  /// What secure() does: fails at once, or ends the stream instead of on_secured().
  std::optional<std::string> secure_fails;
  std::optional<std::string> handshake_fails;
  bool never_secured = false;  ///< The handshake goes on for ever.
  std::vector<TlsDemand> demands;

  std::unique_ptr<Dialing> dial(
      const std::string& host, std::uint16_t port, Duration patience,
      UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) override {
    calls.push_back({host, port, patience});
    auto dialing = std::make_unique<FakeDialing>();
    if (silent) return dialing;
    FakeDialing* watched = dialing.get();
    loop_.post([this, watched, alive = std::weak_ptr<char>(dialing->alive), answer = next_answer(),
                then = std::move(then)]() mutable {
      if (alive.expired()) return;
      const bool resolved = !answer || answer->stage != Stage::Resolve;
      if (resolved && watched->told) watched->told({"192.0.2.1:465"});
      finish(std::move(answer), std::move(then));
    });
    return dialing;
  }

  Result<std::unique_ptr<Stream>> secure(std::unique_ptr<Stream> plain, const TlsDemand& demand) override {
    demands.push_back(demand);
    if (secure_fails) return fail(*secure_fails);
    return std::unique_ptr<Stream>(
        std::make_unique<SecuredStream>(loop_, std::move(plain), handshake_fails, never_secured));
  }

 private:
  struct FakeDialing final : Dialing {
    void when_resolved(UniqueFunction<void(const std::vector<std::string>&)> wish) override {
      told = std::move(wish);
    }
    UniqueFunction<void(const std::vector<std::string>&)> told;
    std::shared_ptr<char> alive = std::make_shared<char>();
  };

  /// Passes everything on, after a handshake that is one turn long.
  class SecuredStream final : public PassingStream, public StreamUser {
   public:
    SecuredStream(FakeLoop& loop, std::unique_ptr<Stream> plain, std::optional<std::string> fails, bool never)
        : PassingStream(std::move(plain)), loop_(loop), fails_(std::move(fails)), never_(never) {}

    void start(StreamUser& user) override {
      const bool first = std::exchange(user_, &user) == nullptr;
      if (first)
        loop_.post([this, alive = std::weak_ptr<char>(alive_)] {
          if (!alive.expired()) shake_hands();
        });
    }

    void on_bytes(std::string_view bytes) override { user_->on_bytes(bytes); }
    void on_end(const StreamEnd& end) override { user_->on_end(end); }
    void on_drained() override { user_->on_drained(); }

   private:
    void shake_hands() {
      if (never_) return;
      if (fails_) return user_->on_end({StreamEnd::Kind::Failed, *fails_, true});
      plain().start(*this);
      user_->on_secured({"TLSv1.3", "TLS_AES_256_GCM_SHA384", "sha256:" + std::string(64, '0'), {}});
    }

    FakeLoop& loop_;
    std::optional<std::string> fails_;
    bool never_;
    StreamUser* user_ = nullptr;
    std::shared_ptr<char> alive_ = std::make_shared<char>();
  };

  std::optional<DialFault> next_answer() {
    if (answers.empty()) return std::nullopt;
    std::optional<DialFault> answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  void finish(std::optional<DialFault> fault,
              UniqueFunction<void(tl::expected<std::unique_ptr<Stream>, DialFault>)> then) {
    if (fault) return then(tl::unexpected(std::move(*fault)));
    auto [near_end, far_end] = MemoryStream::pair(loop_, "192.0.2.1:465");
    if (on_connected)
      on_connected(std::move(far_end));
    else
      unattended_.push_back(std::move(far_end));
    then(std::unique_ptr<Stream>(std::move(near_end)));
  }

  FakeLoop& loop_;
  std::vector<std::unique_ptr<MemoryStream>> unattended_;
};

}  // namespace mailchute::fake
