// The command line as plain values: which commands there are, with which flags and which words behind them.
// For whatever is made from it: completions, and tests of the manual. Any thread.
#pragma once

#include <string>
#include <vector>

namespace mailchute {

/// `--state STATE`, or `--json` with an empty value.
struct OptionShape {
  std::vector<std::string> names;  ///< `--config`, `-h`
  std::string value;  ///< What stands behind it, as the help calls it: FILE, NAME, ID; empty: nothing.
  std::vector<std::string> choices;
  std::string what;
};

/// A word without a flag.
struct PositionalShape {
  std::string value;
  std::vector<std::string> choices;
  enum class Count { One, Many } count = Count::One;
};

struct CommandShape {
  std::string name;
  std::string what;
  std::vector<OptionShape> options;
  std::vector<PositionalShape> positionals;
  std::vector<CommandShape> commands;
};

/// All of `mailchute`; implemented beside the table itself.
CommandShape command_shape();

}  // namespace mailchute
