#include "net/tls_roots.h"

#include <sys/stat.h>

#include <utility>

#include "base/log.h"

namespace mailchute {

Result<const TlsClientContext*> TlsRoots::of(const std::string& ca_file) {
  const auto found = loaded_.find(ca_file);
  const auto stamp = stamp_of(ca_file);
  if (found != loaded_.end() && found->second.stamp == stamp) return found->second.context.get();

  const auto reloaded = reload(ca_file);
  if (!reloaded && found == loaded_.end()) return tl::unexpected(reloaded.error());
  auto& current = loaded_[ca_file];
  if (!reloaded)
    log::note(log::Level::Warning, "roots_kept", reloaded.error().text + "; the former ones stay in force");
  current.stamp = stamp;
  return current.context.get();
}

Result<void> TlsRoots::reload(const std::string& ca_file) {
  const auto stamp = stamp_of(ca_file);
  auto context = TRY(TlsClientContext::load(ca_file));
  loaded_[ca_file] = {std::move(context), stamp};
  return {};
}

TlsRoots::Stamp TlsRoots::stamp_of(const std::string& ca_file) {
  const auto path = ca_file.empty() ? system_roots_file() : ca_file;
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {found.st_mtim.tv_sec * 1'000'000'000LL + found.st_mtim.tv_nsec, found.st_size, found.st_ino};
}

}  // namespace mailchute
