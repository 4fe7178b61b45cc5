// A client and a server of TLS in memory, and identities good and bad.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "net/tls_context.h"
#include "net/tls_engine.h"
#include "net/tls_identity.h"
#include "unit/net/temporary_file.h"

namespace mailchute {

/// Certificates are checked against the machine's date, so these spread over it.
inline TlsIdentityWish valid_wish() {
  TlsIdentityWish wish;
  wish.dns_names = {"mx.test"};
  wish.not_before = SystemClock().wall() - std::chrono::hours(1);
  wish.not_after = SystemClock().wall() + std::chrono::hours(1);
  return wish;
}

/// Both ends of one conversation.
struct TlsPair {
  std::unique_ptr<TlsClientContext> client_context;
  std::unique_ptr<TlsServerContext> server_context;
  std::unique_ptr<TlsEngine> client;
  std::unique_ptr<TlsEngine> server;

  /// The server shows `identity`; the client trusts `trusted_ca`.
  TlsPair(const TlsIdentity& identity, const std::string& trusted_ca,
          TlsDemand demand = {"mx.test", {}, {}}) {
    const TemporaryFile ca(trusted_ca);
    auto client_loaded = TlsClientContext::load(ca.path());
    auto server_loaded = TlsServerContext::from_pem(identity.chain_pem, identity.key_pem);
    EXPECT_TRUE(client_loaded) << client_loaded.error().text;
    EXPECT_TRUE(server_loaded) << server_loaded.error().text;
    client_context = std::move(*client_loaded);
    server_context = std::move(*server_loaded);
    demand_again(demand);
  }

  /// Fresh engines on the same contexts.
  void demand_again(const TlsDemand& demand) {
    auto made = TlsEngine::client(*client_context, demand);
    EXPECT_TRUE(made) << made.error().text;
    client = std::move(*made);
    server = std::move(*TlsEngine::server(*server_context));
  }

  /// Carries bytes until neither has any left.
  void exchange() {
    for (;;) {
      const auto to_server = client->take_output();
      const auto to_client = server->take_output();
      if (to_server.empty() && to_client.empty()) return;
      server->receive(to_server);
      client->receive(to_client);
    }
  }

  void shake_hands() {
    client->begin();
    exchange();
  }
};

inline std::string read_all(TlsEngine& engine) {
  std::string all;
  std::array<char, 16384> buffer;
  while (const auto count = engine.read(buffer)) all.append(buffer.data(), count);
  return all;
}

}  // namespace mailchute
