// The other end of a unix socket, played from a script on a thread of its own: what a command hears there,
// and a record of what it said.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/descriptor.h"

namespace mailchute {

class ScriptedDaemon {
 public:
  /// Each step waits for a line that begins with `wanted` (empty: for nothing), then says `answer`. Behind
  /// the last one it reads to the end.
  struct Step {
    std::string wanted;
    std::string answer;
  };

  explicit ScriptedDaemon(std::vector<Step> script) : script_(std::move(script)) {
    char name[] = "/tmp/mailchute-command-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/submit.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    listening_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(listening_.get(), 4);
    thread_ = std::thread([this] { play(); });
  }
  ~ScriptedDaemon() {
    end();
    ::unlink(path_.c_str());
    ::rmdir(folder_.c_str());
  }

  const std::string& path() const { return path_; }

  /// All that was said, once the conversation is over.
  const std::string& heard() {
    end();
    return heard_;
  }

 private:
  void play() {
    const Descriptor peer(::accept(listening_.get(), nullptr, nullptr));
    for (const Step& step : script_) {
      if (!step.wanted.empty() && !hear_line(peer.get(), step.wanted)) return;
      ::send(peer.get(), step.answer.data(), step.answer.size(), MSG_NOSIGNAL);
      if (step.answer.empty()) return;
    }
    while (hear_some(peer.get())) {
    }
  }

  /// Lines before the wanted one are content.
  bool hear_line(int peer, std::string_view wanted) {
    for (;;) {
      const auto end = heard_.find("\r\n", read_);
      if (end == std::string::npos) {
        if (!hear_some(peer)) return false;
        continue;
      }
      const bool found = heard_.compare(read_, wanted.size(), wanted) == 0;
      read_ = end + 2;
      if (found) return true;
    }
  }

  bool hear_some(int peer) {
    char buffer[4096];
    const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    heard_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  /// Whoever never connected must not keep the thread.
  void end() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }

  std::vector<Step> script_;
  std::string folder_;
  std::string path_;
  Descriptor listening_;
  std::string heard_;
  std::size_t read_ = 0;
  std::thread thread_;
};

}  // namespace mailchute
