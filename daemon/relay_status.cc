#include "relay_status.h"

#include "base/text.h"

namespace mailchute {

namespace {

/// A line of `systemctl status` that wraps twice is not read.
constexpr std::size_t kReasonShown = 100;

std::string queue_words(const Backlog& backlog) {
  if (!backlog.oldest) return "No mail is waiting";
  if (backlog.messages == 1) return "1 message is waiting since " + rfc3339(*backlog.oldest);
  const bool many = backlog.messages >= static_cast<std::size_t>(kBacklogCounted);
  return (many ? "More than " + std::to_string(kBacklogCounted - 1) : std::to_string(backlog.messages)) +
         " messages are waiting, the oldest since " + rfc3339(*backlog.oldest);
}

const char* admission_words(Admission admission) {
  switch (admission) {
    case Admission::Open:
    case Admission::UserShare: return "";
    case Admission::DiskReserve: return "; no new mail is taken: the disk is nearly full";
    case Admission::QueueFull: return "; no new mail is taken: the queue is full";
    case Admission::Broken: return "; no new mail is taken: the queue cannot be written";
  }
  return "";
}

std::string upstream_words(const UpstreamStatus& upstream) {
  std::string words = upstream.name;
  switch (upstream.state) {
    case UpstreamStatus::State::Ok: return words + " works";
    case UpstreamStatus::State::Paused: return words + " is paused";
    case UpstreamStatus::State::CoolingDown: words += " rests"; break;
    case UpstreamStatus::State::Down: words += " is down"; break;
  }
  if (upstream.until) words += " until " + rfc3339(*upstream.until);
  return words + " (" + printable(upstream.reason, kReasonShown) + ")";
}

}  // namespace

std::string status_line(const Backlog& backlog, Admission admission,
                        const std::vector<UpstreamStatus>& upstreams) {
  std::string line = queue_words(backlog) + admission_words(admission);
  for (const UpstreamStatus& upstream : upstreams) line += "; " + upstream_words(upstream);
  return line;
}

}  // namespace mailchute
