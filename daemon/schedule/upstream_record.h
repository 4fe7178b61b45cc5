// What the dispatcher keeps of one upstream, and of one that is gone. Only for dispatcher*.cc. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "deliver/courier.h"
#include "schedule/breaker.h"
#include "schedule/dispatcher.h"
#include "schedule/quota.h"

namespace mailchute {

/// A row tells a message's recipients apart, not those of two messages.
inline std::pair<std::int64_t, std::int64_t> flight_key(const Parcel& parcel) {
  CHECK(!parcel.recipients.empty());
  return {parcel.id.value, parcel.recipients.front().row};
}

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
  RefusedAlike refused_alike;  ///< As the courier told it last.
  bool known = false;          ///< The store has a state of it.
  bool explained = false;      ///< It has told a trouble since it was last given something.
  std::size_t in_flight = 0;   ///< Parcels with the courier.
  std::size_t recipients_in_flight = 0;
  std::optional<Quota::Held> held;     ///< By a limit, as it was seen last.
  std::optional<std::size_t> told;     ///< Connections last allowed.
  std::optional<SteadyTime> saved_at;  ///< When the state was last given to the store.
};

/// What outlives a courier.
struct Dispatcher::Memory {
  Breaker breaker;
  Quota quota;
  RefusedAlike refused_alike;
};

}  // namespace mailchute
