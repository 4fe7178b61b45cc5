#include "command/command_line.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string_view>

#include <CLI/CLI.hpp>

#include "base/exit_codes.h"
#include "base/text.h"
#include "command/command_shape.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/mistyped.h"

namespace mailchute {

namespace {

/// Everything that the words of the command line are parsed into.
struct Parsed {
  CommonOptions common;
  RunOptions run;
  bool json = false;
  bool json_lines = false;
  QueueFilters filters;
  QueueShowOptions show;
  QueueChangeOptions change;
  SandboxOptions sandbox;
  ExplainOptions explain;
  DoctorOptions doctor;
  CredentialOptions credential;
  SendTestOptions send_test;
  SetupOptions setup;
  AliasesResolveOptions resolve;
  ConfigShowOptions config_show;
  CompletionOptions completion;
  std::string upstream;
  UpstreamTestOptions upstream_test;
  std::string file;
  std::function<int()> chosen;
};

CLI::App* add_command(CLI::App& parent, Parsed& parsed, const std::string& name, const std::string& what,
                      std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("--config", parsed.common.config, "The configuration file")->type_name("FILE");
  command->callback([&parsed, run = std::move(run)] { parsed.chosen = run; });
  return command;
}

void add_json(CLI::App* command, Parsed& parsed) {
  command->add_flag("--json", parsed.json, "One JSON object");
}

void add_filters(CLI::App* command, QueueFilters& filters) {
  command->add_option("--from", filters.from, "Sender, * matches any run of characters")
      ->type_name("PATTERN");
  command->add_option("--to", filters.to, "Recipient")->type_name("PATTERN");
  command->add_option("--upstream", filters.upstream, "Upstream")->type_name("NAME");
  command->add_option("--state", filters.state, "queued, sending, held, uncertain, delivered, failed or any")
      ->type_name("STATE")
      ->check(CLI::IsMember({"queued", "sending", "held", "uncertain", "delivered", "failed", "any"}));
  command->add_option("--code", filters.code, "Code of the last reply")->type_name("NNN");
  command
      ->add_option("--older", filters.older,
                   "Received before: 2h (ago), 2026-11-17, 2026-11-17T14:30, tuesday")
      ->type_name("TIME");
  command->add_option("--younger", filters.younger, "Received since")->type_name("TIME");
  command->add_option("--day", filters.day, "Received on that day: 2026-11-17, yesterday, tuesday")
      ->type_name("DAY");
}

void add_queue_change(CLI::App& queue, Parsed& parsed, const std::string& name, const std::string& what) {
  CLI::App* command = add_command(queue, parsed, name, what, [&parsed, name] {
    parsed.change.operation = name;
    return command_queue_change(parsed.common, parsed.change);
  });
  command->add_option("ids", parsed.change.filters.ids, "Ids, or unambiguous beginnings of them")
      ->type_name("ID");
  command->add_flag("--all", parsed.change.all, "Every message that is not finished");
  command->add_flag("--dry-run", parsed.change.dry_run, "Says what would be done");
  command->add_flag("--yes", parsed.change.yes, "Does not ask");
  add_filters(command, parsed.change.filters);
  add_json(command, parsed);
}

void add_queue(CLI::App& app, Parsed& parsed) {
  CLI::App* queue = app.add_subcommand("queue", "What is waiting, and what to do with it");
  queue->require_subcommand(1);
  CLI::App* list = add_command(*queue, parsed, "list", "What is waiting, why, and when it is tried next",
                               [&parsed] { return command_queue_list(parsed.common, parsed.filters); });
  add_filters(list, parsed.filters);
  add_json(list, parsed);
  list->add_flag("--ndjson", parsed.json_lines, "One JSON object a line");
  CLI::App* show = add_command(*queue, parsed, "show", "One message: envelope, recipients, every attempt",
                               [&parsed] { return command_queue_show(parsed.common, parsed.show); });
  show->add_option("id", parsed.show.id, "Its id, or an unambiguous beginning of it")
      ->type_name("ID")
      ->required();
  show->add_flag("--headers", parsed.show.headers, "Its header section too");
  show->add_flag("--raw", parsed.show.raw, "Its content, as it is stored, and nothing else");
  add_json(show, parsed);
  add_queue_change(*queue, parsed, "retry", "Tries messages now");
  add_queue_change(*queue, parsed, "hold", "Keeps messages back until they are released");
  add_queue_change(*queue, parsed, "release", "Lets held messages go on");
  add_queue_change(*queue, parsed, "remove", "Removes messages; their senders are not told");
}

void add_upstream_test(CLI::App& upstream, Parsed& parsed) {
  CLI::App* test = add_command(
      upstream, parsed, "test", "Tries a provider step by step, login included, and sends nothing",
      [&parsed] { return command_upstream_test(parsed.common, parsed.upstream_test); });
  test->add_option("name", parsed.upstream_test.name, "Its name in the configuration")
      ->type_name("NAME")
      ->required();
  test->add_flag_callback(
      "--force", [&parsed] { parsed.upstream_test.resting_login = UpstreamTestOptions::RestingLogin::Tried; },
      "Logs in though this secret was refused a while ago; too many of those lock the account");
  add_json(test, parsed);
}

void add_upstream(CLI::App& app, Parsed& parsed) {
  CLI::App* upstream = app.add_subcommand("upstream", "The providers");
  upstream->require_subcommand(1);
  add_json(add_command(*upstream, parsed, "list", "Each provider and its state",
                       [&parsed] { return command_upstream_list(parsed.common); }),
           parsed);
  for (const std::string name : {"pause", "resume"}) {
    CLI::App* command = add_command(
        *upstream, parsed, name,
        name == "pause" ? "Sends nothing through a provider until it is resumed"
                        : "Ends a pause or a cooldown and tries at once",
        [&parsed, name] { return command_upstream_change(parsed.common, name, parsed.upstream); });
    command->add_option("name", parsed.upstream, "Its name in the configuration")
        ->type_name("NAME")
        ->required();
  }
  add_upstream_test(*upstream, parsed);
}

void add_explain(CLI::App& app, Parsed& parsed) {
  CLI::App* explain =
      add_command(app, parsed, "explain", "Plain words: what happened, what will happen and when, what to do",
                  [&parsed] { return command_explain(parsed.common, parsed.explain); });
  explain
      ->add_option(
          "subject", parsed.explain.subject,
          "A message's id, an upstream, a provider's words in quotes, the name of an event or a rule")
      ->type_name("ID|UPSTREAM|TEXT")
      ->required();
  explain->add_option("--upstream", parsed.explain.upstream, "Whose words they are")->type_name("NAME");
  explain
      ->add_option("--provider", parsed.explain.provider, "The same, for a provider that is not configured")
      ->type_name("PROVIDER");
  explain
      ->add_option("--stage", parsed.explain.stage,
                   "Where they were said: auth, mail, rcpt, data, final_dot and others")
      ->type_name("STAGE");
  add_json(explain, parsed);
}

void add_doctor(CLI::App& app, Parsed& parsed) {
  CLI::App* doctor =
      add_command(app, parsed, "doctor", "Live checks of everything between an application and the provider",
                  [&parsed] { return command_doctor(parsed.common, parsed.doctor); });
  doctor
      ->add_option("--bundle", parsed.doctor.bundle, "Writes a new file for a report of a fault: no secrets")
      ->type_name("FILE");
  add_json(doctor, parsed);
}

void add_backup(CLI::App& app, Parsed& parsed) {
  CLI::App* backup = add_command(app, parsed, "backup", "A consistent copy of the live queue",
                                 [&parsed] { return command_backup(parsed.common, parsed.file); });
  backup->add_option("file", parsed.file, "A new file; it will be readable by you alone")
      ->type_name("FILE")
      ->required();
  add_json(backup, parsed);
}

void add_config(CLI::App& app, Parsed& parsed) {
  CLI::App* config = app.add_subcommand("config", "The configuration");
  config->require_subcommand(1);
  CLI::App* show = add_command(*config, parsed, "show", "Every value in effect, secrets masked",
                               [&parsed] { return command_config_show(parsed.common, parsed.config_show); });
  show->add_flag("--origin", parsed.config_show.origin, "Where each value came from");
  add_json(show, parsed);
}

void add_aliases(CLI::App& app, Parsed& parsed) {
  CLI::App* aliases = app.add_subcommand("aliases", "The names of this machine");
  aliases->require_subcommand(1);
  CLI::App* resolve =
      add_command(*aliases, parsed, "resolve", "Where mail for an address would go, and as whom",
                  [&parsed] { return command_aliases_resolve(parsed.common, parsed.resolve); });
  resolve->add_option("address", parsed.resolve.address, "An address, or a name of this machine")
      ->type_name("ADDRESS")
      ->required();
  resolve->add_option("--from", parsed.resolve.from, "Who sends it; root unless given")->type_name("ADDRESS");
  add_json(resolve, parsed);
}

void add_setup(CLI::App& app, Parsed& parsed) {
  SetupOptions& setup = parsed.setup;
  CLI::App* command = add_command(app, parsed, "setup", "Asks four questions, tries the answers, configures",
                                  [&parsed] { return command_setup(parsed.common, parsed.setup); });
  command->add_option("--provider", setup.provider, "Whose account it is; follows from the user's domain")
      ->type_name("NAME");
  command->add_option("--user", setup.user, "The login, mostly a mail address")->type_name("USER");
  command->add_option("--password-file", setup.password_file, "Where the secret is; - is standard input")
      ->type_name("FILE");
  command->add_option("--root-to", setup.root_to, "Who reads the mail for root")->type_name("ADDRESS");
  command->add_option("--host", setup.host, "Another server than the provider's")->type_name("HOST");
  command->add_option("--port", setup.port, "Its port")->type_name("PORT")->check(CLI::Range(1, 65535));
  command->add_option("--tls", setup.tls, "How the connection is secured")
      ->type_name("MODE")
      ->check(CLI::IsMember({"implicit", "starttls"}));
  command->add_option("--ca-file", setup.ca_file, "Roots instead of the system's")->type_name("FILE");
  command->add_flag("--send-test", setup.send_test, "Sends a test message to the reader of root's mail");
  command->add_flag_callback(
      "--no-input", [&setup] { setup.questions = SetupOptions::Questions::None; }, "Asks nothing");
  command->add_flag_callback(
      "--force", [&setup] { setup.handwritten = SetupOptions::Handwritten::Overridden; },
      "Turns what a person wrote for the same keys into comments");
}

void add_send_test(CLI::App& app, Parsed& parsed) {
  CLI::App* send = add_command(app, parsed, "send-test", "One message through the whole path, followed live",
                               [&parsed] { return command_send_test(parsed.common, parsed.send_test); });
  send->add_option("address", parsed.send_test.address, "Who gets it")->type_name("ADDRESS")->required();
  send->add_option("--upstream", parsed.send_test.upstream, "Goes by this one, whatever the routes say")
      ->type_name("NAME");
}

void add_credential(CLI::App& app, Parsed& parsed) {
  CLI::App* credential = app.add_subcommand("credential", "The secrets of the providers");
  credential->require_subcommand(1);
  CLI::App* set = add_command(*credential, parsed, "set", "Stores a provider's secret; asks for it, unseen",
                              [&parsed] { return command_credential_set(parsed.common, parsed.credential); });
  set->add_option("name", parsed.credential.name, "The upstream's name in the configuration")
      ->type_name("NAME")
      ->required();
  set->add_option("--file", parsed.credential.file, "Where the secret is; - is standard input")
      ->type_name("FILE");
}

// Without --config: the script is for a shell, and `words` finds it among what was typed.
void add_completion(CLI::App& app, Parsed& parsed) {
  CLI::App* completion = app.add_subcommand("completion", "A script that makes the shell complete commands");
  completion->callback(
      [&parsed] { parsed.chosen = [&parsed] { return command_completion(parsed.completion); }; });
  completion
      ->add_option("shell", parsed.completion.shell, "Whose script; words is for the scripts themselves")
      ->type_name("SHELL")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish", "words"}));
  completion->add_option("words", parsed.completion.words, "Behind words: what was typed")->type_name("WORD");
}

void add_sandbox(CLI::App& app, Parsed& parsed) {
  CLI::App* sandbox =
      app.add_subcommand("sandbox", "A provider to play with: accepts everything and shows it");
  sandbox->callback([&parsed] { parsed.chosen = [&parsed] { return command_sandbox(parsed.sandbox); }; });
  sandbox->add_option("--listen", parsed.sandbox.listen, "Loopback address and port; port 0 takes a free one")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  sandbox->add_flag("--tls", parsed.sandbox.tls, "Implicit TLS with a certificate of its own, and a login");
  sandbox->add_option("--profile", parsed.sandbox.profile, "Whose replies it gives")
      ->type_name("PROFILE")
      ->check(CLI::IsMember({"generic", "qq"}))
      ->capture_default_str();
  sandbox->add_option("--script", parsed.sandbox.script, "What is to go wrong, one fault a line")
      ->type_name("FILE");
}

void add_commands(CLI::App& app, Parsed& parsed) {
  CLI::App* run = add_command(app, parsed, "run", "The daemon, in the foreground",
                              [&parsed] { return command_run(parsed.common, parsed.run); });
  run->add_flag_callback(
      "--allow-root", [&parsed] { parsed.run.root = RunOptions::Root::Allowed; },
      "Stays root where root starts it, instead of becoming the user mailchute (MAILCHUTE_ALLOW_ROOT=1)");
  add_command(app, parsed, "check", "Reads the configuration and reports every mistake in it",
              [&parsed] { return command_check(parsed.common); });
  add_json(add_command(app, parsed, "status", "One screen: queue, providers, the last hour",
                       [&parsed] { return command_status(parsed.common); }),
           parsed);
  add_queue(app, parsed);
  add_upstream(app, parsed);
  add_credential(app, parsed);
  add_send_test(app, parsed);
  add_setup(app, parsed);
  add_aliases(app, parsed);
  add_config(app, parsed);
  add_command(app, parsed, "reload", "Makes the daemon read its configuration again",
              [&parsed] { return command_reload(parsed.common); });
  add_explain(app, parsed);
  add_doctor(app, parsed);
  add_backup(app, parsed);
  add_completion(app, parsed);
  add_sandbox(app, parsed);
  add_json(add_command(app, parsed, "version", "The version",
                       [&parsed] { return command_version(parsed.common); }),
           parsed);
}

// --- the table as plain values ---

/// `STATE:{queued,held}` is a name and what may stand there.
struct ValueShape {
  std::string name;
  std::vector<std::string> choices;
};
ValueShape value_shape(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto brace = type.find(":{");
  ValueShape shape{type.substr(0, brace), {}};
  if (brace == std::string::npos) return shape;
  for (const std::string_view choice :
       split(std::string_view(type).substr(brace + 2, type.find('}') - brace - 2), ','))
    shape.choices.emplace_back(choice);
  return shape;
}

CommandShape shape_of(const CLI::App& app) {
  CommandShape shape{app.get_name(), app.get_description(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    const ValueShape value = value_shape(*option);
    if (option->get_positional()) {
      const bool many = option->get_items_expected_max() > 1;
      shape.positionals.push_back(
          {value.name, value.choices, many ? PositionalShape::Count::Many : PositionalShape::Count::One});
      continue;
    }
    OptionShape made{{},
                     option->get_items_expected_max() == 0 ? "" : value.name,
                     value.choices,
                     option->get_description()};
    for (const std::string& name : option->get_snames()) made.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) made.names.push_back("--" + name);
    shape.options.push_back(std::move(made));
  }
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
    shape.commands.push_back(shape_of(*below));
  return shape;
}

/// The words that other programs take for the same, and people try first.
bool asks_for(int argc, char** argv, std::initializer_list<std::string_view> words) {
  return argc > 1 && std::find(words.begin(), words.end(), argv[1]) != words.end();
}

/// `help`, `help queue list`.
int print_help(const CLI::App& app, int argc, char** argv) {
  const CLI::App* about = &app;
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    const auto named =
        about->get_subcommands([&name](const CLI::App* each) { return each->get_name() == name; });
    if (named.empty()) break;
    about = named.front();
  }
  print(about->help());
  return finish(0);
}

}  // namespace

CommandShape command_shape() {
  CLI::App app{"", "mailchute"};
  Parsed parsed;
  add_commands(app, parsed);
  return shape_of(app);
}

int run_command_line(int argc, char** argv) {
  CLI::App app{
      "A local mail relay: takes mail on localhost, keeps it on disk, and delivers it through your provider.",
      "mailchute"};
  app.require_subcommand(1);
  Parsed parsed;
  add_commands(app, parsed);
  if (asks_for(argc, argv, {"--version", "-V"})) return command_version({});
  if (asks_for(argc, argv, {"help"})) return print_help(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError))
      if (const auto mistyped = mistyped_command(shape_of(app), {argv + 1, argv + argc}))
        return complain({}, *mistyped);
    // CLI11 has no other way to report; the exception goes no further than this line.
    return app.exit(error) == 0 ? 0 : exit_code::kUsage;
  }
  parsed.common.output = parsed.json_lines ? Output::JsonLines : parsed.json ? Output::Json : Output::Text;
  return parsed.chosen();
}

}  // namespace mailchute
