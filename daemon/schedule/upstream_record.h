// What the dispatcher keeps of one upstream. Only for dispatcher*.cc. Loop thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "deliver/courier.h"
#include "schedule/breaker.h"
#include "schedule/dispatcher.h"
#include "schedule/quota.h"

namespace mailchute {

struct Dispatcher::Upstream {
  Upstream(std::string named, std::unique_ptr<Courier> carries, UpstreamLimits limited, Breaker broken_by)
      : name(std::move(named)),
        courier(std::move(carries)),
        limits(std::move(limited)),
        quota(limits.rate, limits.quota),
        breaker(std::move(broken_by)) {}

  std::string name;
  std::unique_ptr<Courier> courier;
  UpstreamLimits limits;
  Quota quota;
  Breaker breaker;
  std::size_t in_flight = 0;  ///< Parcels with the courier.
  std::size_t recipients_in_flight = 0;
  std::optional<Quota::Held> held;     ///< By a limit, as it was seen last.
  std::optional<std::size_t> told;     ///< Connections last allowed.
  std::optional<SteadyTime> saved_at;  ///< When the state was last given to the store.
};

}  // namespace mailchute
