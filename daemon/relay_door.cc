#include "relay_door.h"

#include <memory>
#include <optional>

#include "base/heap.h"
#include "base/log.h"
#include "base/text.h"
#include "net/tls_context.h"
#include "net/tls_engine.h"
#include "net/tls_stream.h"
#include "settings/listener_check.h"
#include "settings/read_file.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

Result<std::string> read_chain(const std::string& path) {
  if (path.empty()) return std::string();
  return std::move(TRY(read_small_file(path, kPemBytes)).bytes);
}

Result<Secret> read_key(const std::string& path) {
  if (path.empty()) return Secret();
  auto file = TRY(read_small_file(path, kPemBytes, kOthersRead));
  Secret key(file.bytes);
  Secret::wipe(file.bytes);
  return key;
}

/// A session that has begun keeps the certificate that it began with: OpenSSL counts its users.
ServerPump::PutTlsOn tls_with(std::unique_ptr<TlsServerContext> context, Loop& loop) {
  return [context = std::move(context), &loop](std::unique_ptr<Stream> plain) -> std::unique_ptr<Stream> {
    auto engine = TlsEngine::server(*context);
    if (!engine) return nullptr;
    return std::make_unique<TlsStream>(loop, std::move(plain), std::move(*engine));
  };
}

Result<std::unique_ptr<TlsServerContext>> context_of(const DoorFiles& files) {
  if (!files.chain_pem) return tl::unexpected(files.chain_pem.error());
  if (!files.key_pem) return tl::unexpected(files.key_pem.error());
  return TlsServerContext::from_pem(*files.chain_pem, *files.key_pem);
}

/// With the new certificate, else with the former one, where there is one.
ServerPump::PutTlsOn tls_of(Doorkeeper& doorkeeper, Loop& loop, const Settings::Listen& listen,
                            const DoorFiles& files) {
  auto context = context_of(files);
  if (context) return tls_with(std::move(*context), loop);
  auto former = doorkeeper.keep_tls();
  log::note(log::Level::Error, "listener-certificate",
            "cannot use " + listen.tls_certificate + ": " + context.error().text +
                (former ? "; the former one stays in force" : "; there is no TLS") +
                "; next: mailchute check");
  return former;
}

Logins logins_of(DoorFiles& files) {
  Logins logins;
  for (DoorFiles::User& user : files.users) {
    if (user.password)
      logins.add(user.name, std::move(*user.password));
    else
      log::note(log::Level::Error, "listener-login",
                printable(user.name, 200) + " cannot log in: " + user.password.error().text);
  }
  return logins;
}

}  // namespace

DoorFiles read_door_files(const Settings::Listen& listen) {
  DoorFiles files;
  files.chain_pem = read_chain(listen.tls_certificate);
  files.key_pem = read_key(listen.tls_key);
  for (const SmtpUser& user : listen.smtp_users)
    files.users.push_back({user.name, read_secret_file(user.password_file, SecretAdvice::Blanks::Keep)});
  return files;
}

Fresh read_fresh(const LoadOptions& options) {
  Fresh fresh{load(options), {}};
  if (fresh.loaded.settings) fresh.door = read_door_files(fresh.loaded.settings->listen);
  give_back_free_heap();
  return fresh;
}

void change_door(Doorkeeper& doorkeeper, Loop& loop, const Settings::Listen& listen, DoorFiles files) {
  DoorRules rules;
  const bool open = listen.allow_nonloopback && !listen.smtp_users.empty();
  rules.strangers = open ? DoorRules::Strangers::LogIn : DoorRules::Strangers::Refused;
  rules.logins = logins_of(files);
  if (!listen.tls_certificate.empty()) rules.put_tls_on = tls_of(doorkeeper, loop, listen, files);
  doorkeeper.change(std::move(rules));
}

Result<std::optional<WallTime>> examine_certificate(const std::string& chain_pem, const Secret& key_pem) {
  const auto context = TRY(TlsServerContext::from_pem(chain_pem, key_pem));
  return context->expires();
}

}  // namespace mailchute
