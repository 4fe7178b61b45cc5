// A provider at the far end of every connection that a FakeDialer makes: speaks line by line, and says yes to
// everything unless the test has another word.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake/fake_dialer.h"
#include "fake/memory_stream.h"

namespace mailchute::fake {

class FakeProvider {
 public:
  /// What to answer to a line; empty: the usual. "-" closes the connection instead, "+" says nothing.
  std::function<std::string(const std::string& line, std::size_t connection)> say;
  std::string greeting = "220 up.test\r\n";
  std::size_t logins = 0;
  std::size_t messages = 0;
  std::vector<std::string> lines;

  void serve(FakeDialer& dialer) {
    dialer.on_connected = [this](std::unique_ptr<MemoryStream> stream) {
      sessions_.push_back(std::make_unique<Session>(*this, std::move(stream), sessions_.size()));
    };
  }

  std::size_t connections() const { return sessions_.size(); }
  bool ended(std::size_t connection) const { return sessions_.at(connection)->ended; }
  /// Writes that made up what came.
  std::size_t writes(std::size_t connection) const { return sessions_.at(connection)->stream->peer_writes(); }
  void close(std::size_t connection) { sessions_.at(connection)->stream->finish(); }

 private:
  struct Session : StreamUser {
    Session(FakeProvider& the_provider, std::unique_ptr<MemoryStream> end, std::size_t at)
        : provider(the_provider), stream(std::move(end)), number(at) {
      stream->start(*this);
      stream->write(provider.greeting);
    }
    void on_bytes(std::string_view bytes) override {
      input += bytes;
      for (auto end = input.find("\r\n"); end != std::string::npos; end = input.find("\r\n")) {
        const std::string line = input.substr(0, end);
        input.erase(0, end + 2);
        answer(line);
      }
    }
    void on_end(const StreamEnd&) override { ended = true; }

    void answer(const std::string& line) {
      if (in_content && line != ".") return;
      provider.lines.push_back(line);
      const std::string said = provider.say ? provider.say(line, number) : "";
      in_content = false;
      if (said == "-") return stream->finish();
      if (said == "+") return;
      const std::string reply = said.empty() ? usual(line) : said;
      if (reply.substr(0, 3) == "235") ++provider.logins;
      if (reply.substr(0, 3) == "354") in_content = true;
      if (line == "." && reply[0] == '2') ++provider.messages;
      stream->write(reply);
    }
    static std::string usual(const std::string& line) {
      if (line.rfind("EHLO", 0) == 0) return "250-up.test\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n";
      if (line.rfind("AUTH", 0) == 0) return "235 welcome\r\n";
      if (line == "DATA") return "354 go\r\n";
      if (line == "QUIT") return "221 bye\r\n";
      return "250 ok\r\n";
    }

    FakeProvider& provider;
    std::unique_ptr<MemoryStream> stream;
    std::size_t number;
    std::string input;
    bool in_content = false;
    bool ended = false;
  };

  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace mailchute::fake
