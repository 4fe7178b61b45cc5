// The seam from schedule to settle: the dispatcher hands over what a courier brought back, and learns when
// the message wants to be tried again. Settle stands behind it (settle/settler.h); schedule does not know
// that stage. Loop thread only.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/unique_function.h"
#include "deliver/courier.h"
#include "store/queue.h"

namespace mailchute {

class Settling {
 public:
  virtual ~Settling() = default;

  /// How a settlement ended.
  struct Settled {
    bool kept = true;                      ///< On disk; false: the queue is broken.
    std::optional<WallTime> next_attempt;  ///< The earliest among the recipients that stay queued.
    std::string narrowed_route =
        {};  ///< Some go on with another upstream of it (store/route_text.h); else empty.
  };

  /// Decides and commits the end of an attempt. `then` runs once it is committed, or could not be, never from
  /// inside the call.
  virtual void settle(Attempt attempt, UniqueFunction<void(Settled)> then) = 0;

  /// Gives up what was claimed by claim_expired(). `then` as above.
  virtual void expire(Parcel parcel, UniqueFunction<void()> then) = 0;

  /// Mail has come in, or was released: in time its sender may have to be told that it is late.
  virtual void mail_arrived() {}
};

}  // namespace mailchute
