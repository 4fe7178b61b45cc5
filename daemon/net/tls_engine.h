// One TLS connection without a socket: bytes from the peer in, bytes for the peer out, plaintext on the other
// side. No callbacks, no clock, no I/O. Its owner feeds it and carries take_output() away after every call.
// Loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/result.h"
#include "net/dialer.h"
#include "net/stream.h"
#include "net/tls_context.h"

namespace mailchute {

/// Bounded against a peer that talks without end: the handshake, and what comes between two pieces of
/// plaintext (tickets, key updates), may each take kChatterBytesMax.
class TlsEngine {
 public:
  /// A provider's handshake is some 5 KiB; a post-quantum one some 20.
  static constexpr std::size_t kChatterBytesMax = 128 * 1024;

  /// Fails when the demand makes no sense: an unusable host name or fingerprint.
  static Result<std::unique_ptr<TlsEngine>> client(const TlsClientContext& context, const TlsDemand& demand);
  static Result<std::unique_ptr<TlsEngine>> server(const TlsServerContext& context);

  /// Begins the handshake: a client has a hello to send then.
  void begin() { shake_hands(); }

  /// Bytes from the peer. Ignored after the end: nothing that follows a close_notify or an error is ever
  /// read.
  void receive(std::string_view ciphertext);

  /// The next plaintext; 0 when there is none now. Call until then.
  std::size_t read(std::span<char> plain);

  /// Plaintext for the peer; waits for the handshake if need be. Dropped after finish() and after the end.
  void send(std::string_view plain);

  /// Says close_notify after what was sent. What the peer still says can be read.
  void finish();

  /// The transport below has ended; to be told after read() has given everything.
  void transport_ended(const StreamEnd& end);

  /// What must go to the peer now, also after the end (an alert).
  std::string take_output();

  /// Set once the handshake is done and the peer has proved what was demanded.
  const std::optional<TlsFacts>& facts() const { return facts_; }

  /// Set once nothing more will be read.
  const std::optional<StreamEnd>& end() const { return end_; }

  /// Plaintext that waits for the handshake.
  std::size_t waiting() const { return waiting_.size(); }

  /// finish() was called, and nothing of ours is still to be said.
  bool goodbye_said() const { return finishing_ && (facts_ || end_ || waiting_.empty()); }

 private:
  TlsEngine(SSL_CTX* context, std::string host, std::string fingerprint);

  static int remember_refused(int accepted, X509_STORE_CTX* verification) noexcept;
  void shake_hands();
  void secured();
  std::string proof_missing() const;
  void chatter_checked();
  void failed(std::string text);

  std::unique_ptr<SSL, OpensslFree<SSL_free>> session_;
  BIO* from_peer_ = nullptr;  // Both belong to session_.
  BIO* to_peer_ = nullptr;
  std::string host_;         // Empty for a server.
  std::string fingerprint_;  // Empty: any.
  std::string refused_names_;
  std::string waiting_;
  std::size_t chatter_bytes_ = 0;  // Since the beginning, or since the last plaintext.
  bool finishing_ = false;
  std::optional<TlsFacts> facts_;
  std::optional<StreamEnd> end_;
};

}  // namespace mailchute
