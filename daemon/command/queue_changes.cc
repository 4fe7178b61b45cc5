#include "command/queue_changes.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

namespace mailchute {

namespace {

/// A busy queue changes a thousand times a second: more looks than a person can follow would only cost the
/// daemon.
constexpr Duration kBetweenLooks{50};

/// On a network's file system others' writes may not be told; and where there is no watch at all.
constexpr Duration kWithoutNews{1000};
constexpr Duration kWithoutWatch{200};

}  // namespace

QueueChanges::QueueChanges(const std::string& path) : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  // The folder, because the log beside the database comes and goes.
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const std::string watched = folder.empty() ? "." : folder;
  if (events_ && ::inotify_add_watch(events_.get(), watched.c_str(), IN_MODIFY) < 0) events_.reset();
}

void QueueChanges::wait(Duration most) {
  most = std::max(most, Duration::zero());
  std::this_thread::sleep_for(std::min(most, kBetweenLooks));
  if (!events_) return std::this_thread::sleep_for(std::min(most, kWithoutWatch));
  pollfd descriptor{events_.get(), POLLIN, 0};
  ::poll(&descriptor, 1, static_cast<int>(std::min(most, kWithoutNews).count()));
  forget();
}

void QueueChanges::forget() {
  alignas(inotify_event) char buffer[4096];
  while (::read(events_.get(), buffer, sizeof buffer) > 0) continue;
}

}  // namespace mailchute
