#include "settings/places.h"

#include <sys/stat.h>

#include <string_view>

namespace mailchute {

namespace {

constexpr std::string_view kSystemFolder = "/etc/mailchute/";

std::string absolute_from(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found != environment.end() && found->second.starts_with('/') ? found->second : std::string();
}

/// The XDG folder `name`, or its default below the home folder.
std::string xdg(const std::map<std::string, std::string>& environment, const std::string& name,
                const char* below_home) {
  const std::string folder = absolute_from(environment, name);
  return folder.empty() ? absolute_from(environment, "HOME") + below_home : folder;
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

Places places_of(uid_t uid, const std::map<std::string, std::string>& environment) {
  Places places;
  if (uid == 0) return places;
  const std::string configuration = xdg(environment, "XDG_CONFIG_HOME", "/.config") + "/mailchute";
  const std::string state = xdg(environment, "XDG_STATE_HOME", "/.local/state") + "/mailchute";
  const std::string runtime = absolute_from(environment, "XDG_RUNTIME_DIR");
  const std::string sockets = runtime.empty() ? state : runtime + "/mailchute";
  places.configuration = configuration + "/mailchute.yaml";
  places.queue = state + "/queue.db";
  places.submit = sockets + "/submit.sock";
  places.control = sockets + "/control.sock";
  places.provider_dirs.insert(places.provider_dirs.begin(), configuration + "/providers");
  return places;
}

Places places_for(const std::string& path, uid_t uid, const std::map<std::string, std::string>& environment) {
  const Places system;
  Places own = places_of(uid, environment);
  if (path.empty()) return exists(own.configuration) || !exists(system.configuration) ? own : system;
  own.configuration = path;
  if (!path.starts_with(kSystemFolder)) return own;
  Places named = system;
  named.configuration = path;
  return named;
}

}  // namespace mailchute
