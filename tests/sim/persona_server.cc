#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sim/persona.h"

namespace mailchute::sim {

namespace {

/// The address between the angle brackets.
std::string path_of(const std::string& line) {
  const auto open = line.find('<');
  const auto close = line.find('>');
  return open == std::string::npos || close == std::string::npos ? ""
                                                                 : line.substr(open + 1, close - open - 1);
}

std::string password_of_plain(const std::string& response) {
  const std::string words = base64_decode(response).value_or("");
  return words.substr(words.rfind('\0') + 1);
}

}  // namespace

std::string Heard::field(std::string_view name) const {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::string whole = "\r\n" + content;
  const auto at = whole.find(start);
  if (at == std::string::npos) return "";
  const auto value = at + start.size();
  return whole.substr(value, whole.find("\r\n", value) - value);
}

std::string Persona::recipient(const std::string&) { return "250 OK"; }

std::string Persona::refuse(const Heard& heard, std::string reply) {
  for (const std::string& address : heard.recipients)
    record.refused.insert({heard.field("Message-ID"), address});
  return reply;
}

bool Persona::any_nobody(const Heard& heard) const {
  return std::any_of(heard.recipients.begin(), heard.recipients.end(),
                     [](const std::string& address) { return address.starts_with("nobody"); });
}

std::size_t Count::of(SteadyTime now) {
  std::erase_if(at_, [&](SteadyTime at) { return at + span_ <= now; });
  return at_.size();
}

/// One connection, from the greeting to its end.
class PersonaServer::Session final : public StreamUser {
 public:
  Session(PersonaServer& server, std::unique_ptr<fake::MemoryStream> stream)
      : server_(server),
        persona_(server.persona_),
        stream_(std::move(stream)),
        idle_(server.loop_.make_alarm()) {
    stream_->start(*this);
    persona_.down ? end() : say(persona_.greeting());
  }

  bool ended() const { return ended_; }

 private:
  enum class State { Commands, User, Password, Plain, Content };

  void on_bytes(std::string_view bytes) override {
    input_ += bytes;
    for (auto end = input_.find("\r\n"); end != std::string::npos && !ended_; end = input_.find("\r\n")) {
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 2);
      hear(line);
    }
  }
  void on_end(const StreamEnd&) override { end(); }

  void hear(const std::string& line) {
    if (ended_) return;
    switch (state_) {
      case State::Content: return take_line(line);
      case State::User: state_ = State::Password; return say("334 UGFzc3dvcmQ6");
      case State::Password: return judge_login(base64_decode(line).value_or(""));
      case State::Plain: return judge_login(password_of_plain(line));
      case State::Commands: return obey(line);
    }
  }

  void obey(const std::string& line) {
    const std::string verb = line.substr(0, 4);
    if (verb == "EHLO") return greet();
    if (line == "STARTTLS") return secure();
    if (!secured_ && (verb == "AUTH" || verb == "MAIL"))
      return say("530 5.7.0 Must issue a STARTTLS command first.");
    if (line == "AUTH LOGIN") return ask_user();
    if (line.starts_with("AUTH PLAIN ")) return judge_login(password_of_plain(line.substr(11)));
    if (verb == "MAIL") return begin(path_of(line));
    if (verb == "RCPT") return add(path_of(line));
    if (verb == "DATA") return open_content();
    if (verb == "RSET") return say("250 OK");
    if (verb == "QUIT") return leave();
    say("502 Invalid input from 203.0.113.9");
  }

  void greet() {
    std::string reply;
    auto lines = persona_.extensions();
    if (!secured_)
      for (std::string& line : lines)
        if (line.starts_with("AUTH")) line = "STARTTLS";
    for (std::size_t i = 0; i < lines.size(); ++i)
      reply += std::string(i + 1 == lines.size() ? "250 " : "250-") + lines[i] +
               (i + 1 == lines.size() ? "" : "\r\n");
    say(reply);
  }

  void secure() {
    say("220 2.0.0 SMTP server ready");
    secured_ = true;
  }

  void ask_user() {
    state_ = State::User;
    say("334 VXNlcm5hbWU6");
  }

  void judge_login(const std::string& password) {
    state_ = State::Commands;
    const std::string reply = persona_.login(password == persona_.password);
    (reply.starts_with("235") ? persona_.record.logins : persona_.record.refused_logins)
        .push_back(server_.loop_.steady());
    say(reply);
  }

  void begin(const std::string& sender) {
    heard_ = {};
    heard_.sender = sender;
    say(persona_.mail(sender));
  }

  void add(const std::string& address) {
    const std::string reply = persona_.recipient(address);
    if (reply.starts_with("250")) heard_.recipients.push_back(address);
    say(reply);
  }

  void open_content() {
    if (heard_.recipients.empty()) return say("503 Send command mailfrom first.");
    state_ = State::Content;
    say("354 End data with <CR><LF>.<CR><LF>.");
  }

  void take_line(const std::string& line) {
    if (line != ".") {
      heard_.content += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
      return;
    }
    state_ = State::Commands;
    const std::string reply = persona_.content(heard_, ++messages_);
    const bool lost = persona_.faults && server_.random_.below(150) == 0;
    // A lost reply: taken or not, the sender cannot know.
    if (reply.starts_with("250") && !(lost && server_.random_.chance(50))) keep();
    lost ? end() : say(reply);
  }

  void keep() {
    for (const std::string& address : heard_.recipients)
      ++persona_.record.copies[{heard_.field("Message-ID"), address}];
  }

  void leave() {
    say(persona_.quit());
    end();
  }

  void say(std::string reply) {
    if (ended_) return;
    if (reply.empty()) return end();
    const bool closes = reply.back() == Persona::kThenClose;
    if (closes) reply.pop_back();
    stream_->write(reply + "\r\n");
    if (closes) return end();
    if (const auto patience = persona_.patience())
      idle_->set(patience->first, [this, words = patience->second] { say(words + Persona::kThenClose); });
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    idle_->clear();
    stream_->finish();
  }

  PersonaServer& server_;
  Persona& persona_;
  std::unique_ptr<fake::MemoryStream> stream_;
  std::unique_ptr<Alarm> idle_;
  std::string input_;
  State state_ = State::Commands;
  bool secured_ = persona_.secured_from_the_start();
  Heard heard_;
  std::size_t messages_ = 0;
  bool ended_ = false;
};

PersonaServer::PersonaServer(Persona& persona, fake::FakeLoop& loop, fake::FakeRandom& random,
                             fake::FakeDialer& dialer)
    : persona_(persona), loop_(loop), random_(random) {
  dialer.on_connected = [this](std::unique_ptr<fake::MemoryStream> stream) {
    forget_ended();
    sessions_.push_back(std::make_unique<Session>(*this, std::move(stream)));
  };
}

PersonaServer::~PersonaServer() = default;

void PersonaServer::forget_ended() {
  std::erase_if(sessions_, [](const auto& session) { return session->ended(); });
}

}  // namespace mailchute::sim
