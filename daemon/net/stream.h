// A two-way stream of bytes as a pump sees it: TCP, a unix socket, TLS over either, or a test's memory. Loop
// thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mailchute {

/// What a peer's certificate says of itself.
struct CertificateFacts {
  std::string subject;  ///< `C = CN, O = Example, CN = *.example.com`
  std::string names;    ///< The first DNS names that it is for.
  std::string issuer;
  std::optional<WallTime> expires;
};

/// What was agreed in a TLS handshake.
struct TlsFacts {
  std::string version;  ///< `TLSv1.3`
  std::string cipher;
  std::string peer_fingerprint;  ///< `sha256:` and 64 hex digits of the leaf certificate; empty when the peer
                                 ///< showed none.
  CertificateFacts certificate = {};
};

/// Why a stream ended. Clean: the peer said goodbye in order (FIN; with TLS, close_notify).
struct StreamEnd {
  enum class Kind {
    Clean,
    Truncated,
    Failed
  } kind = Kind::Clean;    ///< Truncated: TLS ended without close_notify.
  std::string text;        ///< For the operator: `connection reset by peer`, `certificate has expired`.
  bool handshake = false;  ///< It ended before a TLS handshake was done.
};

/// Receives a stream's news. Callbacks may write, pause, finish and retire the stream, but not destroy it.
class StreamUser {
 public:
  virtual ~StreamUser() = default;
  virtual void on_bytes(std::string_view bytes) = 0;
  /// Last call; afterwards the stream is silent.
  virtual void on_end(const StreamEnd& end) = 0;
  /// pending_bytes() fell to nothing after having been above nothing.
  virtual void on_drained() {}
  /// TLS only: once, before any bytes.
  virtual void on_secured(const TlsFacts&) {}
};

class Stream {
 public:
  /// Closes at once, without a word.
  virtual ~Stream() = default;

  /// Begins to read. Called again, hands the stream over to another user (STARTTLS); allowed inside a
  /// callback.
  virtual void start(StreamUser& user) = 0;

  /// Queues bytes; never blocks, never fails here: trouble comes as on_end.
  virtual void write(std::string bytes) = 0;

  /// Bytes queued that the system has not taken yet. The pump keeps it bounded.
  virtual std::size_t pending_bytes() const = 0;

  /// Leaves the socket unread (back-pressure), and reads on.
  virtual void pause() = 0;
  virtual void resume() = 0;

  /// Says goodbye after what is queued (close_notify, FIN); on_end follows when the peer answers or the
  /// system gives up.
  virtual void finish() = 0;

  /// `127.0.0.1:51234` or `[::1]:51234`; empty for a unix socket.
  virtual std::string peer() const = 0;
};

}  // namespace mailchute
