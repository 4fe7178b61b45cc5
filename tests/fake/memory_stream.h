// Two streams that talk to each other through memory, turn by turn on a FakeLoop. Either end may split what
// it receives, stop reading, be cut off or be destroyed at any moment.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "fake/fake_loop.h"
#include "net/stream.h"

namespace mailchute::fake {

class MemoryStream final : public Stream {
 public:
  /// What is written to one comes out of the other.
  static std::pair<std::unique_ptr<MemoryStream>, std::unique_ptr<MemoryStream>> pair(
      FakeLoop& loop, std::string peer = "127.0.0.1:50000") {
    auto wire = std::make_shared<Wire>(loop);
    std::unique_ptr<MemoryStream> first(new MemoryStream(wire, 0, peer));
    std::unique_ptr<MemoryStream> second(new MemoryStream(wire, 1, std::move(peer)));
    return {std::move(first), std::move(second)};
  }

  ~MemoryStream() override {
    mine().stream = nullptr;
    mine().user = nullptr;
    if (!theirs().ending) theirs().ending = std::make_unique<StreamEnd>();
    wire_->wake(1 - side_);
  }

  void start(StreamUser& user) override {
    mine().user = &user;
    wire_->wake(side_);
  }

  void write(std::string bytes) override {
    if (mine().finished || bytes.empty()) return;
    ++mine().writes;
    theirs().incoming += bytes;
    mine().was_pending = true;
    wire_->wake(1 - side_);
  }

  std::size_t pending_bytes() const override { return wire_->sides[1 - side_].incoming.size(); }

  void pause() override { mine().paused = true; }
  void resume() override {
    mine().paused = false;
    wire_->wake(side_);
  }

  void finish() override {
    if (std::exchange(mine().finished, true)) return;
    if (!theirs().ending) theirs().ending = std::make_unique<StreamEnd>();
    wire_->wake(1 - side_);
  }

  std::string peer() const override { return peer_; }

  /// At most this many bytes come in one on_bytes().
  void split(std::size_t bytes_max) { mine().piece = bytes_max; }

  /// This end dies without goodbye: what it wrote and the other did not read yet is lost, and the other end
  /// gets `end`.
  void cut(StreamEnd end = {StreamEnd::Kind::Failed, "connection reset by peer", false}) {
    theirs().incoming.clear();
    theirs().ending = std::make_unique<StreamEnd>(std::move(end));
    mine().finished = true;
    wire_->wake(1 - side_);
  }

  /// How often the other end wrote.
  std::size_t peer_writes() const { return wire_->sides[1 - side_].writes; }

  /// What the other end wrote and this one has not been given yet.
  const std::string& unread() const { return wire_->sides[side_].incoming; }

 private:
  struct Side {
    MemoryStream* stream = nullptr;
    StreamUser* user = nullptr;
    std::string incoming;
    std::unique_ptr<StreamEnd> ending;  ///< The other end has finished, after what is incoming.
    std::size_t piece = 64 * 1024;
    std::size_t writes = 0;
    bool paused = false;
    bool finished = false;
    bool ended = false;
    bool was_pending = false;
  };

  struct Wire : std::enable_shared_from_this<Wire> {
    explicit Wire(FakeLoop& on) : loop(on) {}

    void wake(std::size_t side) {
      loop.post([wire = shared_from_this(), side] { wire->step(side); });
    }

    void step(std::size_t side) {
      Side& to = sides[side];
      if (to.stream == nullptr) return drop(side);
      if (to.user == nullptr || to.ended || to.paused) return;
      if (!to.incoming.empty()) return hand_over(side);
      if (to.ending) end(side);
    }

    /// Nobody will read this any more.
    void drop(std::size_t side) { sides[side].incoming.clear(); }

    void hand_over(std::size_t side) {
      Side& to = sides[side];
      const std::string piece = to.incoming.substr(0, to.piece);
      to.incoming.erase(0, piece.size());
      if (to.incoming.empty()) tell_drained(1 - side);
      wake(side);
      to.user->on_bytes(piece);
    }

    void tell_drained(std::size_t side) {
      loop.post([wire = shared_from_this(), side] {
        Side& from = wire->sides[side];
        if (from.user == nullptr || from.ended || !wire->sides[1 - side].incoming.empty()) return;
        if (std::exchange(from.was_pending, false)) from.user->on_drained();
      });
    }

    void end(std::size_t side) {
      Side& to = sides[side];
      to.ended = true;
      to.user->on_end(*to.ending);
    }

    FakeLoop& loop;
    std::array<Side, 2> sides;
  };

  MemoryStream(std::shared_ptr<Wire> wire, std::size_t side, std::string peer)
      : wire_(std::move(wire)), side_(side), peer_(std::move(peer)) {
    mine().stream = this;
  }

  Side& mine() const { return wire_->sides[side_]; }
  Side& theirs() const { return wire_->sides[1 - side_]; }

  std::shared_ptr<Wire> wire_;
  std::size_t side_;
  std::string peer_;
};

/// The test's own end of a pair: gathers what comes and remembers the end.
class StreamProbe final : public StreamUser {
 public:
  explicit StreamProbe(std::unique_ptr<MemoryStream> stream) : stream_(std::move(stream)) {
    stream_->start(*this);
  }

  void on_bytes(std::string_view bytes) override { received += bytes; }
  void on_end(const StreamEnd& end) override { ended = std::make_unique<StreamEnd>(end); }

  /// What came since the last call.
  std::string take() { return std::exchange(received, {}); }
  MemoryStream& stream() { return *stream_; }
  void close() { stream_.reset(); }

  std::string received;
  std::unique_ptr<StreamEnd> ended;

 private:
  std::unique_ptr<MemoryStream> stream_;
};

}  // namespace mailchute::fake
