// A provider in memory that speaks SMTP byte by byte and has the moods of a real one: what it says at each
// step is a Persona's business, what it heard and really took is written down as the truth.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fake/fake_dialer.h"
#include "fake/fake_loop.h"
#include "fake/fake_random.h"
#include "fake/memory_stream.h"

namespace mailchute::sim {

/// One message for one address, by the Message-ID that the app wrote.
using Posted = std::pair<std::string, std::string>;

/// A transaction as the provider sees it.
struct Heard {
  std::string sender;
  std::vector<std::string> recipients;
  std::string content;

  std::string field(
      std::string_view name) const;  ///< Of the header, unfolded no further than its first line.
  bool says(std::string_view words) const { return content.find(words) != std::string::npos; }
};

/// What really happened.
struct Record {
  std::map<Posted, int> copies;
  std::set<Posted> refused;  ///< For a reason that no waiting mends.
  std::vector<SteadyTime> refused_logins;
  std::vector<SteadyTime> logins;
};

/// What a provider says. A reply begins with its code; behind it the connection stays, unless it ends with
/// `kThenClose`. Empty: the connection is closed without a word.
class Persona {
 public:
  static constexpr char kThenClose = '\x01';

  Persona(fake::FakeLoop& loop, fake::FakeRandom& random) : loop_(loop), random_(random) {}
  virtual ~Persona() = default;

  bool down = false;
  bool faults = true;
  std::string password = "right";

  virtual const char* provider() const = 0;  ///< Name of its profile.
  virtual const char* user() const = 0;
  virtual std::string greeting() { return "220 ready"; }
  /// Once the connection is secured; before that, AUTH is not offered and STARTTLS is.
  virtual std::vector<std::string> extensions() const = 0;
  virtual bool secured_from_the_start() const { return true; }
  virtual std::string login(bool right) = 0;
  virtual std::string mail(const std::string& sender) = 0;
  virtual std::string recipient(const std::string& address);
  virtual std::string content(const Heard& heard, std::size_t messages_in_session) = 0;
  virtual std::string quit() { return "221 Bye"; }
  /// Silence after which it ends the connection, and its last words.
  virtual std::optional<std::pair<Duration, std::string>> patience() const { return std::nullopt; }

  Record record;

 protected:
  SteadyTime now() const { return loop_.steady(); }
  bool chance(std::uint64_t percent) { return faults && random_.chance(percent); }
  /// Refuses for good: nobody may be surprised when this one fails.
  std::string refuse(const Heard& heard, std::string reply);
  bool any_nobody(const Heard& heard) const;

  fake::FakeLoop& loop_;
  fake::FakeRandom& random_;
};

/// Counts in a sliding span.
class Count {
 public:
  explicit Count(Duration span) : span_(span) {}
  void add(SteadyTime at) { at_.push_back(at); }
  std::size_t of(SteadyTime now);

 private:
  Duration span_;
  std::vector<SteadyTime> at_;
};

/// Serves every connection of a dialer in the persona's name.
class PersonaServer {
 public:
  PersonaServer(Persona& persona, fake::FakeLoop& loop, fake::FakeRandom& random, fake::FakeDialer& dialer);
  ~PersonaServer();

 private:
  class Session;

  void forget_ended();

  Persona& persona_;
  fake::FakeLoop& loop_;
  fake::FakeRandom& random_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

/// qq, 163, gmail, m365, ses.
std::unique_ptr<Persona> make_persona(const std::string& name, fake::FakeLoop& loop,
                                      fake::FakeRandom& random);
std::vector<std::string> persona_names();

}  // namespace mailchute::sim
