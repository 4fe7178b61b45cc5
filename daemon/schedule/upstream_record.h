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

namespace mailchute {

struct Dispatcher::Upstream {
  Upstream(std::string named, std::unique_ptr<Courier> carries, UpstreamLimits limited, Breaker broken_by)
      : name(std::move(named)),
        courier(std::move(carries)),
        limits(std::move(limited)),
        breaker(std::move(broken_by)) {}

  std::string name;
  std::unique_ptr<Courier> courier;
  UpstreamLimits limits;
  Breaker breaker;
  std::size_t in_flight = 0;           ///< Parcels with the courier.
  std::optional<std::size_t> told;     ///< Connections last allowed.
  std::optional<SteadyTime> saved_at;  ///< When the state was last given to the store.
};

}  // namespace mailchute
