#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <unordered_map>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/sandbox_provider.h"
#include "command/sandbox_session.h"
#include "net/acceptor.h"
#include "net/address.h"
#include "net/signals.h"
#include "net/tls_context.h"
#include "net/tls_engine.h"
#include "net/tls_identity.h"
#include "net/tls_stream.h"

namespace mailchute {

namespace {

constexpr const char* kUser = "10001@qq.com";
constexpr std::size_t kScriptBytes = 64 * 1024;

/// A folder of our own for the certificate and the password; it goes with the sandbox.
class PrivateFolder {
 public:
  PrivateFolder() = default;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    for (const std::string& file : files_) ::unlink(file.c_str());
    if (!path_.empty()) ::rmdir(path_.c_str());
  }

  Result<void> make() {
    const char* parent = std::getenv("TMPDIR");
    std::string pattern = std::string(parent == nullptr ? "/tmp" : parent) + "/mailchute-sandbox-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
      return fail("cannot make " + pattern + ": " + std::strerror(errno), exit_code::kCannotCreate);
    path_ = pattern;
    return {};
  }

  /// Writes a file that only we can read, and gives its path.
  Result<std::string> write(const std::string& name, std::string_view bytes) {
    const std::string path = path_ + "/" + name;
    const mode_t before = ::umask(0077);
    std::ofstream file(path, std::ios::binary);
    ::umask(before);
    file << bytes;
    file.close();
    if (!file) return fail("cannot write " + path, exit_code::kInputOutput);
    files_.push_back(path);
    return path;
  }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

/// The fields of the header that a person looks for, unfolded as they come.
void show_fields(const std::string& beginning) {
  for (std::string_view line : split(beginning, '\n')) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) return;
    for (const char* field : {"from:", "to:", "subject:", "date:", "message-id:"})
      if (starts_nocase(line, field)) std::printf("    %s\n", printable(line, 200).c_str());
  }
}

void show(const SandboxRecord& record) {
  std::printf(
      "message %lu: %zu bytes, %s, %s\n", record.number, record.bytes,
      record.secured ? "over TLS" : "in clear",
      record.user.empty() ? "without a login" : ("logged in as " + printable(record.user, 100)).c_str());
  std::printf("  MAIL FROM:<%s>\n", printable(sender_text(record.envelope.sender), 300).c_str());
  for (const Recipient& recipient : record.envelope.recipients)
    std::printf("  RCPT TO:<%s>\n", printable(recipient.mailbox.text(), 300).c_str());
  show_fields(record.beginning);
  std::printf("  answered: %s\n", reply_line(record.reply).c_str());
  std::fflush(stdout);
}

Result<std::vector<SandboxFault>> read_script(const std::string& path) {
  if (path.empty()) return std::vector<SandboxFault>{};
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot read the script " + path + ": " + std::strerror(errno), exit_code::kNoInput);
  std::string text(kScriptBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kScriptBytes)
    return fail("the script " + path + " is longer than 64 KiB", exit_code::kBadData);
  auto faults = parse_sandbox_script(text);
  if (!faults) return fail(path + ", " + faults.error().text, exit_code::kBadData);
  return faults;
}

/// It takes mail of anybody for anybody: no place for other machines to come to.
Result<void> check_loopback(const std::string& listen) {
  const auto address = SocketAddress::parse(listen);
  if (!address || address->loopback()) return {};
  return fail("the sandbox listens for this machine alone, not at " + printable(listen), exit_code::kUsage);
}

std::string random_word() {
  SystemRandom random;
  std::string word;
  for (int i = 0; i < 16; ++i) word += static_cast<char>('a' + random.next() % 26);
  return word;
}

Result<TlsIdentity> make_identity(const Clock& clock) {
  TlsIdentityWish wish;
  wish.dns_names = {"localhost"};
  wish.ip_addresses = {"127.0.0.1", "::1"};
  wish.common_name = "mailchute sandbox";
  wish.not_before = clock.wall() - std::chrono::hours(1);
  wish.not_after = clock.wall() + std::chrono::hours(24 * 30);
  return make_tls_identity(wish);
}

class Sandbox {
 public:
  explicit Sandbox(const SandboxOptions& options) : options_(options) {}

  Result<void> start() {
    TRY_VOID(check_loopback(options_.listen));
    auto faults = TRY(read_script(options_.script));
    const std::string password = random_word();
    const auto profile =
        options_.profile == "qq" ? SandboxProvider::Profile::Qq : SandboxProvider::Profile::Generic;
    provider_ = std::make_unique<SandboxProvider>(profile, kUser, password, std::move(faults));
    session_options_.hostname = provider_->hostname();
    session_options_.greeting = provider_->greeting();
    session_options_.message_bytes_max = 73400320;
    if (options_.tls) TRY_VOID(prepare_tls(password));
    acceptor_ = TRY(Acceptor::listen_tcp(loop_, options_.listen));
    return {};
  }

  void run() {
    std::printf("listening %s\n", acceptor_->name().c_str());
    if (options_.tls)
      std::printf("ca_file %s\nuser %s\npassword_file %s\n", ca_path_.c_str(), kUser, password_path_.c_str());
    std::fflush(stdout);
    acceptor_->start(
        [this](std::unique_ptr<Stream> stream, const PeerFacts&) { accepted(std::move(stream)); });
    Signals signals(loop_);
    signals.on(SIGTERM, [this] { loop_.stop(); });
    signals.on(SIGINT, [this] { loop_.stop(); });
    loop_.run();
    sessions_.clear();
  }

 private:
  Result<void> prepare_tls(const std::string& password) {
    TRY_VOID(folder_.make());
    const TlsIdentity identity = TRY(make_identity(clock_));
    tls_ = TRY(TlsServerContext::from_pem(identity.chain_pem, identity.key_pem));
    ca_path_ = TRY(folder_.write("ca.pem", identity.ca_pem));
    password_path_ = TRY(folder_.write("password", password + "\n"));
    session_options_.secured = true;
    session_options_.logins = ServerOptions::Logins::Required;
    return {};
  }

  void accepted(std::unique_ptr<Stream> stream) {
    if (tls_ != nullptr) {
      auto engine = TlsEngine::server(*tls_);
      if (!engine) return;
      stream = std::make_unique<TlsStream>(loop_, std::move(stream), std::move(*engine));
    }
    auto session = std::make_unique<SandboxSession>(std::move(stream), session_options_, loop_,
                                                    SandboxShared{*provider_, messages_, show_},
                                                    [this](SandboxSession& gone) { closed(gone); });
    SandboxSession& opened = *session;
    sessions_.emplace(&opened, std::move(session));
    opened.open();
  }

  void closed(SandboxSession& session) {
    const auto found = sessions_.find(&session);
    CHECK(found != sessions_.end());
    loop_.retire(std::move(found->second));
    sessions_.erase(found);
  }

  SandboxOptions options_;
  SystemClock clock_;
  Loop loop_;
  PrivateFolder folder_;
  std::string ca_path_;
  std::string password_path_;
  std::unique_ptr<TlsServerContext> tls_;
  ServerOptions session_options_;
  std::unique_ptr<SandboxProvider> provider_;
  unsigned long messages_ = 0;
  UniqueFunction<void(const SandboxRecord&)> show_ = [](const SandboxRecord& record) { show(record); };
  std::unordered_map<SandboxSession*, std::unique_ptr<SandboxSession>> sessions_;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace

int command_sandbox(const SandboxOptions& options) {
  Sandbox sandbox(options);
  if (auto started = sandbox.start(); !started) {
    return complain({},
                    Error(started.error().text + "; next: mailchute sandbox --help", started.error().code));
  }
  sandbox.run();
  return 0;
}

}  // namespace mailchute
