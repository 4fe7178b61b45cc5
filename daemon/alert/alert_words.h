// What is said of each kind of trouble, and how patient we are with it: one table. Pure; any thread.
#pragma once

#include "alert/alert.h"
#include "base/locale.h"

namespace mailchute {

/// How one kind of trouble is treated.
struct AlertManners {
  Severity severity;
  Duration patience;  ///< It must have lasted this long before anybody is told.
  Duration calm;      ///< It must have been gone this long before it is called over.
};

AlertManners manners_of(AlertEvent event);

/// Fills in severity, summary and next, from the event, the upstream, the count and the state.
void put_into_words(AlertNews& alert, Language language = Language::English);

}  // namespace mailchute
