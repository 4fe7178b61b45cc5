// A day of twenty apps that send through one provider with all of its moods, on a clock that jumps from event
// to event: the relay's own stages and its own SMTP client, with the provider's shipped profile. After the
// day comes a quiet time in which everything has to find its end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "deliver/upstream.h"
#include "fake/fake_dialer.h"
#include "fake/fake_loop.h"
#include "fake/fake_queue.h"
#include "fake/fake_random.h"
#include "mail/message_id.h"
#include "schedule/dispatcher.h"
#include "settings/settings.h"
#include "settle/settler.h"
#include "sim/persona.h"

namespace mailchute::sim {

class Day {
 public:
  /// `provider` is a persona's name; `profiles` the folder of the shipped profiles.
  Day(const std::string& provider, const std::string& profiles, std::uint64_t seed);
  ~Day();

  /// Lives the day and the quiet time. The broken promises it found, in words.
  std::vector<std::string> live();
  /// What happened, in one line.
  std::string summary() const;

 private:
  struct Relay {
    explicit Relay(Day& day);
    Settler settler;
    Dispatcher dispatcher;
  };
  struct App {
    std::string sender;
    Duration every{};
    std::unique_ptr<Alarm> alarm;
  };
  struct Letter {
    std::string message_id;
    std::vector<std::string> addresses;
    bool told = false;  ///< Its sender can be told of a failure.
  };

  void start_apps();
  void send(App& app);
  void start_relay();
  void crash();
  void at(Duration hour, UniqueFunction<void()> then);
  void plan_troubles();
  void new_password(const std::string& password);

  void check();
  void check_letter(MessageId id, const Letter& letter, const fake::FakeQueue::Row& row);
  void check_logins();
  std::size_t times_told(const std::string& address) const;
  void wrong(std::string what) { wrong_.push_back(std::move(what)); }

  fake::FakeLoop loop_;
  fake::FakeRandom random_;
  fake::FakeQueue queue_{loop_};
  fake::FakeDialer dialer_{loop_};
  MessageIds ids_{loop_, random_, MessageId{1}};
  Settings settings_;
  std::string password_ = "right";  ///< In the file that the relay reads.
  std::unique_ptr<Persona> persona_;
  PersonaServer server_;
  std::unique_ptr<Relay> relay_;
  std::vector<App> apps_;
  std::vector<std::unique_ptr<Alarm>> troubles_;
  std::map<MessageId, Letter> letters_;
  std::size_t sent_ = 0;
  std::vector<std::string> wrong_;
};

}  // namespace mailchute::sim
