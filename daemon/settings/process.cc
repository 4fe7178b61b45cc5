#include <unistd.h>

#include <array>
#include <climits>
#include <sstream>

#include "base/text.h"
#include "settings/load.h"
#include "settings/read_file.h"

extern char** environ;

namespace mailchute {

namespace {

/// What /etc/hosts calls this machine in full. DNS would know too, but would have to be waited for at every
/// start.
std::string full_name(const std::string& short_name) {
  const auto hosts = read_small_file("/etc/hosts", kConfigurationBytes);
  if (!hosts || short_name.find('.') != std::string::npos) return short_name;
  for (const auto line : split(hosts->bytes, '\n')) {
    std::istringstream words{std::string(line.substr(0, line.find('#')))};
    std::string address;
    words >> address;
    std::string full;
    bool ours = false;
    for (std::string word; words >> word;) {
      ours = ours || equal_nocase(word, short_name);
      if (full.empty() && starts_nocase(word, short_name + ".")) full = word;
    }
    if (ours && !full.empty()) return full;
  }
  return short_name;
}

/// Where systemd keeps what it passes to the service, for root's commands.
constexpr char kServiceCredentials[] = "/run/credentials/mailchute.service";

std::string credentials_of(const LoadOptions& options) {
  const auto passed = options.environment.find("CREDENTIALS_DIRECTORY");
  if (passed != options.environment.end()) return passed->second;
  return options.path.starts_with("/etc/mailchute/") ? kServiceCredentials : std::string();
}

}  // namespace

LoadOptions options_of_process(const std::string& path) {
  LoadOptions options;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      options.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) == 0) options.system_hostname = full_name(name.data());
  options.places = places_for(path, geteuid(), options.environment);
  options.path = options.places.configuration;
  options.provider_dirs = options.places.provider_dirs;
  options.credentials = credentials_of(options);
  // Profiles beside the configuration win, wherever it lies, as those in /etc/mailchute/providers do.
  const std::string beside = options.path.substr(0, options.path.rfind('/') + 1) + "providers";
  if (options.provider_dirs.front() != beside)
    options.provider_dirs.insert(options.provider_dirs.begin(), beside);
  return options;
}

}  // namespace mailchute
