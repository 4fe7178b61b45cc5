// Every command as a function: options in, exit status out (sysexits.h). Data goes to standard output, talk
// to standard error. Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mailchute {

/// How a command prints its data.
enum class Output { Text, Json, JsonLines };

/// Options that several commands share. `config` empty: the default place.
struct CommonOptions {
  std::string config;
  Output output = Output::Text;
};

/// `run`: the daemon, in the foreground.
struct RunOptions {
  enum class Root { Refused, Allowed } root = Root::Refused;  ///< Refused: root becomes the user mailchute.
};
int command_run(const CommonOptions& options, const RunOptions& run);

/// `check`: every mistake of the configuration; 0 or 78.
int command_check(const CommonOptions& options);

/// `version`.
int command_version(const CommonOptions& options);

/// `config show`: the configuration in effect.
struct ConfigShowOptions {
  bool origin = false;  ///< Where each value came from, too.
};
int command_config_show(const CommonOptions& options, const ConfigShowOptions& show);

/// `status`.
int command_status(const CommonOptions& options);

/// `reload`: asks the running daemon to read its configuration again.
int command_reload(const CommonOptions& options);

/// The filters of the queue commands, as typed.
struct QueueFilters {
  std::vector<std::string> ids;
  std::string from;
  std::string to;
  std::string upstream;
  std::string state;
  std::optional<int> code;
  std::string older;    ///< A moment, as command/moments.h reads it.
  std::string younger;  ///< The same.
  std::string day;      ///< A whole day, whatever became of its mail.
};

/// `queue list`.
int command_queue_list(const CommonOptions& options, const QueueFilters& filters);

/// `queue show ID`.
struct QueueShowOptions {
  std::string id;
  bool headers = false;
  bool raw = false;
};
int command_queue_show(const CommonOptions& options, const QueueShowOptions& show);

/// `queue retry|hold|release|remove`.
struct QueueChangeOptions {
  std::string operation;
  QueueFilters filters;
  bool all = false;
  bool dry_run = false;
  bool yes = false;
};
int command_queue_change(const CommonOptions& options, const QueueChangeOptions& change);

/// `upstream list|pause|resume`.
int command_upstream_list(const CommonOptions& options);
int command_upstream_change(const CommonOptions& options, const std::string& operation,
                            const std::string& name);

/// `doctor`: live checks of everything between an application and the provider; 1 when one of them failed.
struct DoctorOptions {
  std::string bundle;  ///< A file for a report of a fault; empty: none.
};
int command_doctor(const CommonOptions& options, const DoctorOptions& doctor);

/// `explain ID|UPSTREAM|"REPLY TEXT"`; events and rules too.
struct ExplainOptions {
  std::string subject;
  std::string upstream;  ///< Whose words they are; empty: any.
  std::string provider;
  std::string stage;  ///< Where they were said; empty: wherever they may have been.
};
int command_explain(const CommonOptions& options, const ExplainOptions& explain);

/// `completion bash|zsh|fish`: a script for the shell; `completion words`: what that script asks.
struct CompletionOptions {
  std::string shell;
  std::vector<std::string> words;  ///< Behind the program's name; the last one is being typed.
};
int command_completion(const CompletionOptions& completion);

/// `backup FILE`: a consistent copy of the live queue, with the daemon up or down.
int command_backup(const CommonOptions& options, const std::string& file);

/// `upstream test NAME`: tries it step by step, live, and sends nothing; 1 when a step failed.
struct UpstreamTestOptions {
  std::string name;
  /// What becomes of the login where the last one with this secret was refused a while ago.
  enum class RestingLogin { Withheld, Tried } resting_login = RestingLogin::Withheld;
};
int command_upstream_test(const CommonOptions& options, const UpstreamTestOptions& test);

/// `send-test ADDRESS`: one message through the whole path, followed as it goes.
struct SendTestOptions {
  std::string address;
  std::string upstream;  ///< Empty: as the routes say.
};
int command_send_test(const CommonOptions& options, const SendTestOptions& send);

/// `setup`: the first configuration, asked for or given; empty: asked for.
struct SetupOptions {
  std::string provider;
  std::string user;
  std::string password_file;  ///< `-`: standard input.
  std::string root_to;
  std::string host;
  std::string port;
  std::string tls;
  std::string ca_file;
  bool send_test = false;
  enum class Questions { Asked, None } questions = Questions::Asked;
  enum class Handwritten { Kept, Overridden } handwritten = Handwritten::Kept;
};
int command_setup(const CommonOptions& options, const SetupOptions& setup);

/// `aliases resolve ADDRESS`: where its mail would go, and as whom.
struct AliasesResolveOptions {
  std::string address;
  std::string from;  ///< The sender; empty: root.
};
int command_aliases_resolve(const CommonOptions& options, const AliasesResolveOptions& resolve);

/// `credential set NAME`: stores an upstream's secret.
struct CredentialOptions {
  std::string name;
  std::string file;  ///< `-`: standard input; empty: a person is asked.
};
int command_credential_set(const CommonOptions& options, const CredentialOptions& credential);

/// `sandbox`: a provider to play with.
struct SandboxOptions {
  std::string listen = "127.0.0.1:2525";
  bool tls = false;
  std::string profile = "generic";
  std::string script;
};
int command_sandbox(const SandboxOptions& options);

}  // namespace mailchute
