#include "accept/login_tries.h"

#include <algorithm>

namespace mailchute {

namespace {

constexpr double kForNamePerSecond = 1.0 / 60;
constexpr double kForClientPerSecond = 1.0 / 6;

/// Debts that are remembered. Who has a network of addresses can make us forget others by new ones of its
/// own, at two seconds a try.
constexpr std::size_t kDebtsMax = 4096;

std::string key_of(const std::string& client, const std::string& name) { return client + '\0' + name; }

}  // namespace

bool LoginTries::allowed(const std::string& client, const std::string& name, SteadyTime now) const {
  return left(by_name_, key_of(client, name), kForNamePerSecond, now) <= kForName - 1 &&
         left(by_client_, client, kForClientPerSecond, now) <= kForClient - 1;
}

void LoginTries::failed(const std::string& client, const std::string& name, SteadyTime now) {
  add(by_name_, key_of(client, name), kForNamePerSecond, now);
  add(by_client_, client, kForClientPerSecond, now);
}

void LoginTries::succeeded(const std::string& client, const std::string& name) {
  by_name_.erase(key_of(client, name));
}

double LoginTries::left(const Debts& debts, const std::string& key, double per_second, SteadyTime now) {
  const auto found = debts.find(key);
  return found == debts.end() ? 0 : left(found->second, per_second, now);
}

double LoginTries::left(const Debt& debt, double per_second, SteadyTime now) {
  const double seconds = static_cast<double>((now - debt.counted).count()) / 1000;
  return std::max(0.0, debt.tries - seconds * per_second);
}

void LoginTries::add(Debts& debts, const std::string& key, double per_second, SteadyTime now) {
  const double before = left(debts, key, per_second, now);
  if (debts.size() >= kDebtsMax && !debts.contains(key)) {
    std::erase_if(debts, [&](const auto& each) { return left(each.second, per_second, now) <= 0; });
    const auto least = std::min_element(debts.begin(), debts.end(), [](const auto& a, const auto& b) {
      return a.second.tries < b.second.tries;
    });
    if (debts.size() >= kDebtsMax) debts.erase(least);
  }
  debts[key] = {before + 1, now};
}

}  // namespace mailchute
