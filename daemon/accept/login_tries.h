// How often a client may still try a password, so that nobody finds one out by trying: wrong ones are counted
// for each client and name, and for each client, and become fewer again with time. Names that exist and names
// that do not are counted alike. Pure; loop thread.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace mailchute {

class LoginTries {
 public:
  /// Wrong passwords that one client may try for one name at once, and one more each minute: a device with an
  /// old password does not keep its neighbours out, and a day's guesses stay below 1,500.
  static constexpr double kForName = 10;
  /// And for all names together; one more each six seconds.
  static constexpr double kForClient = 100;

  /// Whether this client may try one now. Looks only.
  bool allowed(const std::string& client, const std::string& name, SteadyTime now) const;

  /// It was wrong.
  void failed(const std::string& client, const std::string& name, SteadyTime now);
  /// It was right: what was wrong for this name is forgotten, but not what the client tried for others.
  void succeeded(const std::string& client, const std::string& name);

 private:
  /// How many wrong ones are not yet forgotten.
  struct Debt {
    double tries = 0;
    SteadyTime counted{};
  };
  using Debts = std::unordered_map<std::string, Debt>;

  static double left(const Debt& debt, double per_second, SteadyTime now);
  static double left(const Debts& debts, const std::string& key, double per_second, SteadyTime now);
  static void add(Debts& debts, const std::string& key, double per_second, SteadyTime now);

  Debts by_name_;
  Debts by_client_;
};

}  // namespace mailchute
