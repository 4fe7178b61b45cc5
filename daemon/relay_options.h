// Today's configuration as each stage wants it: the translations between Settings and what the stages' own
// headers ask for. Pure.
#pragma once

#include <string>
#include <vector>

#include "accept/rules.h"
#include "base/log.h"
#include "base/unique_function.h"
#include "control/operator.h"
#include "schedule/dispatcher.h"
#include "settings/diagnose.h"
#include "settings/settings.h"
#include "store/sqlite_queue.h"

namespace mailchute {

QueueOptions queue_options(const Settings& settings);

/// Gives the mail whose route is of an older configuration one of today's: at a start, a reload, and for a
/// failed message that is tried again. `then` as Queue::reroute has it.
void reroute(Queue& queue, const Settings& settings, UniqueFunction<void(QueueResult<std::size_t>)> then);

AcceptRules accept_rules(const Settings& settings);
DispatchOptions dispatch_options(const Settings& settings);
UpstreamLimits upstream_limits(const UpstreamSettings& upstream);

/// The route of a recipient by today's configuration; copies what it needs, for another thread.
std::function<std::string(const std::optional<Mailbox>&, const Mailbox&)> route_chooser(
    const Settings& settings);

log::Level log_level(const std::string& name);
log::Format log_format(const std::string& name);

/// `open`, `disk_reserve`, `queue_full`, `broken`.
const char* admission_name(Admission admission);

LiveUpstream live_upstream(const UpstreamStatus& status, const Settings& settings);

/// The first error of a configuration in one line, for the log: `FILE:LINE:COLUMN: message`.
std::string first_mistake(const std::vector<Diagnostic>& diagnostics);

/// Names of upstreams that `old` has and `fresh` has not.
std::vector<std::string> upstreams_gone(const Settings& old, const Settings& fresh);

/// `settings` has this upstream, with the same name and the same values.
bool has_upstream(const Settings& settings, const UpstreamSettings& upstream);

/// What a reload changes, one line each, for a person; says so when it is nothing, and names what needs a
/// restart.
std::string what_changed(const Settings& old, const Settings& fresh);

}  // namespace mailchute
