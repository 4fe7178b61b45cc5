// One simulated life of a relay: apps that send, providers that fail, a process that is killed and started
// again, a disk that fills and a clock that is moved, all drawn from one seed, so that a life that went wrong
// can be lived again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fake/fake_loop.h"
#include "fake/fake_queue.h"
#include "fake/fake_random.h"
#include "mail/message_id.h"
#include "schedule/dispatcher.h"
#include "settle/settler.h"
#include "sim/provider.h"

namespace mailchute::sim {

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  /// Lives the whole life. The broken promises it found, in words; empty when all were kept.
  std::vector<std::string> live();

 private:
  /// The process: what dies with a crash.
  struct Relay {
    explicit Relay(World& world);
    Settler settler;
    Dispatcher dispatcher;
  };

  /// A message that an app was told is safe.
  struct Accepted {
    SteadyTime at;
    std::size_t starts;  ///< Starts of the relay so far: what a restart forgets about the clock is forgiven.
    std::vector<std::string> addresses;
    bool has_sender = false;
  };

  void start_relay();
  void add_courier(const std::string& name);
  DispatchOptions dispatch_options() const;
  SettleOptions settle_options() const;

  void step();
  void submit();
  void change_mood();
  void crash();
  void restart_in_order();
  void move_clock();
  void disturb_disk();
  void operate();
  void restart_if_broken();
  void heal();

  void check();
  void check_letter(MessageId id, const Accepted& accepted, const fake::FakeQueue::Row& row);
  void check_told(MessageId id, const Accepted& accepted, const std::string& address);
  void check_told_late(MessageId id, const Accepted& accepted);
  void check_early_expiry(MessageId id, const Accepted& accepted, const fake::FakeQueue::Row& row);
  void check_logins(const std::string& name, const Provider& provider);
  void check_refused_logins(const std::string& name, const Provider& provider);
  void check_blocked();
  void check_end();
  std::size_t notices_about(const std::string& address, const char* action) const;
  std::size_t gathered_about(const std::string& address) const;
  void wrong(std::string what);

  fake::FakeLoop loop_;
  fake::FakeRandom random_;
  fake::FakeQueue queue_{loop_};
  MessageIds ids_{loop_, random_, MessageId{1}};
  Truth truth_;
  std::map<std::string, Provider> providers_;
  std::map<MessageId, Accepted> accepted_;
  std::vector<SteadyTime>
      forgiven_;  ///< Moments at which a cooldown may be cut short: crash, reload, resume.
  std::vector<SteadyTime> restarts_;
  std::size_t starts_ = 0;
  bool disk_full_ = false;
  bool clock_moved_ = false;
  std::vector<std::string> wrong_;
  std::unique_ptr<Relay> relay_;
};

}  // namespace mailchute::sim
