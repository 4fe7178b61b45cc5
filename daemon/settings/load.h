// Reads the configuration: main file, conf.d, provider profiles and environment become one Settings, or a
// list of every mistake. Does not start, connect or change anything. Reads files, so never on the loop once
// mail flows through it: reload calls it from a thread that may wait. Bounded in time and memory whatever the
// files are.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "settings/diagnose.h"
#include "settings/places.h"
#include "settings/settings.h"

namespace mailchute {

/// Where a value came from, for `config show --origin`.
struct Origin {
  enum Kind { Default, Profile, File, Environment };

  Kind kind = Default;
  std::string source;  ///< The file, or the name of the environment variable.
  int line = 0;        ///< From 1; 0 where there is no line.

  bool operator==(const Origin&) const = default;
};

/// What came of it. `settings` is empty exactly when `diagnostics` holds an Error.
struct Loaded {
  std::optional<Settings> settings;
  /// What could be read where there is an Error, the rest at its default: to look for a daemon that runs,
  /// never to run by.
  Settings understood;
  std::vector<Diagnostic> diagnostics;  ///< In the order of files, lines, columns.
  std::map<std::string, Origin>
      origins;  ///< By key (`queue.path`, `upstreams.qq.host`); a key that is missing has its default.
  std::string
      content_hash;  ///< Of every byte that was read, passwords excepted; equal means nothing changed.
};

/// Whether a certificate (with its issuers) and its key, both in PEM, can be used together, and when the
/// certificate expires where it says so. Stands for what only the folder that knows TLS can tell.
using CertificateCheck =
    std::function<Result<std::optional<WallTime>>(const std::string& chain_pem, const Secret& key_pem)>;

struct LoadOptions {
  std::string path;  ///< The main file; `conf.d/*.yaml` beside it follows in name order.
  /// Stands for what the main file holds, for who wants to know before it is written.
  std::optional<std::string> text = std::nullopt;
  std::map<std::string, std::string> environment;  ///< Only MAILCHUTE_* is looked at.
  std::string system_hostname;  ///< As the system knows itself; taken as `hostname` if it is a full name.
  std::string credentials;  ///< The folder of what systemd passed ($CREDENTIALS_DIRECTORY); empty: nothing.
  std::vector<std::string> provider_dirs;        ///< For a profile found in several the first wins.
  Places places;                                 ///< Defaults of the paths; places_for_root() unless set.
  std::string system_aliases = "/etc/aliases";   ///< Default of `aliases_file` where this file exists.
  CertificateCheck certificate_check = nullptr;  ///< Null: that the files are there must do.
};

/// Every mistake of every file in one run. Never throws.
Loaded load(const LoadOptions& options);

/// Everything the process itself knows: path (empty: the default place), environment, host name, provider
/// folders, places. Beside the service, root sees the credentials that were passed to it.
LoadOptions options_of_process(const std::string& path);

}  // namespace mailchute
