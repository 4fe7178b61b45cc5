#include "settings/check.h"

#include <sys/un.h>

#include "settings/command_check.h"
#include "settings/host.h"
#include "settings/units.h"
#include "settings/upstreams.h"

namespace mailchute {

namespace {

/// `larger` must not be below `smaller`; the one that was written is shown.
void check_order(Reading& reading, const std::string& smaller, Duration small, const std::string& larger,
                 Duration large) {
  if (large >= small) return;
  const std::string& shown = reading.is_given(larger) ? larger : smaller;
  reading.report.error(reading.where(shown),
                       larger + " (" + format_duration(large) + ") is shorter than " + smaller + " (" +
                           format_duration(small) + ")",
                       "make one of them fit the other");
}

void check_times(Reading& reading, const Settings& settings) {
  const auto& retry = settings.retry;
  const auto& cooldown = settings.cooldown;
  check_order(reading, "retry.first", retry.first, "retry.max", retry.max);
  check_order(reading, "retry.first", retry.first, "queue.lifetime", settings.queue.lifetime);
  check_order(reading, "cooldown.login_first", cooldown.login_first, "cooldown.login_max",
              cooldown.login_max);
  check_order(reading, "cooldown.connect_first", cooldown.connect_first, "cooldown.connect_max",
              cooldown.connect_max);
}

void check_sizes(Reading& reading, const Settings& settings) {
  if (settings.limits.message_size <= settings.queue.max_bytes) return;
  const std::string key = reading.is_given("queue.max_bytes") ? "queue.max_bytes" : "limits.message_size";
  reading.report.error(reading.where(key),
                       "one message (limits.message_size) may be larger than the queue (queue.max_bytes)");
}

void check_http(Reading& reading, const Settings& settings) {
  const auto http = parse_endpoint(settings.http.listen);
  if (http && !is_loopback_address(http->address))
    reading.report.error(reading.where("http.listen"),
                         settings.http.listen + " can be reached by other machines",
                         "listen on 127.0.0.1 and put a proxy with a login in front");
}

/// The kernel cuts a longer path without a word, and two programs meet at different sockets.
void check_socket_path(Reading& reading, const std::string& key, const std::string& path) {
  constexpr std::size_t kMost = sizeof(sockaddr_un{}.sun_path) - 1;
  if (path.size() > kMost)
    reading.report.error(reading.where(key),
                         key + " is longer than " + std::to_string(kMost) + " bytes, the most for a socket");
}

void check_whole(Reading& reading, const Settings& settings) {
  if (!reading.report.complete()) return;
  if (settings.upstreams.empty())
    reading.report.error(reading.is_given("upstreams") ? reading.where("upstreams") : Where{0, 0, 0},
                         "edit me: no upstreams, so mail has nowhere to go",
                         "write upstreams: { qq: { user: 12345678@qq.com, password_file: credentials/qq } }");
  if (settings.root.empty())
    reading.report.warning({0, 0, 0}, "root is not set: mail for root and other local names has no reader",
                           "write root: you@example.com");
}

}  // namespace

void check_settings(Reading& reading, const Settings& settings) {
  check_times(reading, settings);
  check_sizes(reading, settings);
  check_http(reading, settings);
  check_command(reading, reading.where("notify.command"), "notify.command", settings.notify.command,
                Lookup::Whole);
  check_socket_path(reading, "listen.submit", settings.listen.submit);
  check_socket_path(reading, "listen.control", settings.listen.control);
  for (const auto& upstream : settings.upstreams) check_upstream(reading, upstream);
  check_whole(reading, settings);
}

}  // namespace mailchute
