// A folder with a configuration in it, for one test: written, loaded, removed.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fake/source_folder.h"
#include "settings/load.h"

namespace mailchute {

class Workspace {
 public:
  Workspace() {
    std::string name = (std::filesystem::temp_directory_path() / "mailchute-settings-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    options.path = path("mailchute.yaml");
    options.system_hostname = "relay.example.net";
    options.provider_dirs = {fake::source_file("config/providers")};
    options.system_aliases = path("no-aliases");
    write("secret", "s3cret\n", 0600);
  }
  ~Workspace() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void write(const std::string& name, const std::string& text, mode_t mode = 0640) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    chmod(path(name).c_str(), mode);
  }

  /// Loads `text` as the main file.
  Loaded load_text(const std::string& text) const {
    write("mailchute.yaml", text);
    return load(options);
  }

  LoadOptions options;

 private:
  std::string folder_;
};

/// The smallest upstream that is complete.
inline const std::string kUpstream = "upstreams: { qq: { user: 10001@qq.com, password_file: secret } }\n";

/// The first Error, or an empty Diagnostic.
inline Diagnostic first_error(const Loaded& loaded) {
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Diagnostic::Error) return diagnostic;
  return {};
}

/// The diagnostic whose message contains `text`, or an empty one.
inline Diagnostic find_message(const Loaded& loaded, const std::string& text) {
  for (const auto& diagnostic : loaded.diagnostics)
    if (diagnostic.message.find(text) != std::string::npos) return diagnostic;
  return {};
}

inline long count_errors(const Loaded& loaded) {
  return std::count_if(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                       [](const Diagnostic& diagnostic) { return diagnostic.severity == Diagnostic::Error; });
}

}  // namespace mailchute
