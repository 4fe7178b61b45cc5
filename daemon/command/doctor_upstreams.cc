// The checks of the providers: how each fares by what the daemon knows of it.
#include <algorithm>

#include "base/text.h"
#include "command/doctor.h"
#include "command/moments.h"
#include "command/upstream_view.h"
#include "command/words.h"

namespace mailchute {

namespace {

std::vector<LiveUpstream> upstreams_of(const Patient& patient) {
  if (patient.live) return patient.live->upstreams;
  return saved_upstreams(*patient.settings, patient.saved, patient.now);
}

std::string until(const Patient& patient, const LiveUpstream& upstream) {
  if (!upstream.until) return "";
  return ", until " + local_time(*upstream.until, patient.now) + " (in " +
         long_duration(*upstream.until - patient.now) + ")";
}

void check_state(const Patient& patient, const LiveUpstream& upstream, Findings findings) {
  const std::string reason = printable(upstream.reason, 600);
  if (upstream.state == "ok") {
    const std::string last = upstream.last_success
                                 ? "took mail " + long_duration(patient.now - *upstream.last_success) + " ago"
                                 : "has taken no mail yet";
    return findings.ok(last);
  }
  if (upstream.state == "paused")
    return findings.warn("it is paused by the operator", fix_by(patient, "upstream resume " + upstream.name));
  const std::string explain = fix_by(patient, "explain " + upstream.name);
  if (upstream.state == "down") return findings.fail(reason + until(patient, upstream), explain);
  findings.warn(reason + until(patient, upstream), explain);
}

}  // namespace

void check_upstreams(Patient& patient, Findings& findings) {
  for (const LiveUpstream& upstream : upstreams_of(patient))
    check_state(patient, upstream, findings.about(upstream.name));
}

}  // namespace mailchute
