// Logins that a person tries beside delivery, at the command line: whether one more is one too many, and what
// one that was tried means for the upstream. A provider counts them all, whoever tries. Loop thread only.
#pragma once

#include <optional>
#include <string>

#include "control/operator.h"
#include "deliver/courier.h"
#include "schedule/dispatcher.h"
#include "settings/settings.h"

namespace mailchute {

/// Made for one question; all references must outlive that.
struct RelayLogins {
  const Settings& settings;
  Dispatcher& dispatcher;
  CourierListener& alerts;  ///< Told as a courier tells it; stands before the dispatcher.

  /// Both as Operator has it.
  std::optional<LoginRest> rest(const std::string& upstream, const LoginTrial& trial) const;
  bool tried(const std::string& upstream, const LoginTrial& trial) const;
};

}  // namespace mailchute
