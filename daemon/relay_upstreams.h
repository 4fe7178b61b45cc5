// The upstreams of the configuration, as couriers of the dispatcher: makes them at the start, and at a reload
// those whose settings have changed. Loop thread only.
#pragma once

#include <memory>

#include "base/lifeline.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/unique_function.h"
#include "deliver/courier.h"
#include "deliver/upstream_connection.h"
#include "net/loop.h"
#include "net/process.h"
#include "schedule/dispatcher.h"
#include "settings/settings.h"

namespace mailchute {

class RelayUpstreams {
 public:
  /// All references must outlive it, and it the use of the couriers. `alerts` stands before the dispatcher.
  RelayUpstreams(Loop& loop, ProcessRunner& processes, const DeliveryTools& tools, Dispatcher& dispatcher,
                 CourierListener& alerts)
      : loop_(loop), processes_(processes), tools_(tools), dispatcher_(dispatcher), alerts_(alerts) {}

  void add_all(const Settings& settings);

  /// Reload, after Dispatcher::reconfigure(). A courier whose settings are what they were stays, and its
  /// connections with it: to log in anew costs one more login of an account.
  void renew(const Settings& old, const Settings& fresh);

 private:
  void add(const UpstreamSettings& upstream, const Settings& settings);
  void fetch_marked(const UpstreamSettings& upstream, UniqueFunction<void(Result<Secret>)> then);

  Loop& loop_;
  ProcessRunner& processes_;
  DeliveryTools tools_;
  Dispatcher& dispatcher_;
  CourierListener& alerts_;
  Lifeline lifeline_;
};

}  // namespace mailchute
