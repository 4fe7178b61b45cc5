// sim_day PROFILES [--seeds N] [--seed S]: a day through each emulated provider, N times from seed S on.
// A day in which a promise was broken is named by provider and seed, and can be lived again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "sim/day.h"

namespace {

struct Arguments {
  std::string profiles;
  std::string provider;  ///< Empty: all.
  std::uint64_t seeds = 10;
  std::uint64_t seed = 1;
};

[[noreturn]] void usage() {
  std::fprintf(stderr, "usage: sim_day PROFILES [--seeds N] [--seed S] [--provider NAME]\n");
  std::exit(64);
}

Arguments parse(int count, char** words) {
  Arguments arguments;
  if (count < 2) usage();
  arguments.profiles = words[1];
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    if (name == "--provider") {
      arguments.provider = words[i + 1];
      continue;
    }
    const auto value = mailchute::parse_unsigned(words[i + 1]);
    if (!value || (name != "--seeds" && name != "--seed")) usage();
    (name == "--seeds" ? arguments.seeds : arguments.seed) = *value;
  }
  return arguments;
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = parse(count, words);
  const bool one = arguments.seeds == 1 && !arguments.provider.empty();
  mailchute::log::configure(one ? mailchute::log::Level::Info : mailchute::log::Level::Error,
                            mailchute::log::Format::Text);
  std::size_t bad_days = 0;
  for (const std::string& provider : mailchute::sim::persona_names()) {
    if (!arguments.provider.empty() && provider != arguments.provider) continue;
    for (std::uint64_t seed = arguments.seed; seed < arguments.seed + arguments.seeds; ++seed) {
      mailchute::sim::Day day(provider, arguments.profiles, seed);
      const std::vector<std::string> wrong = day.live();
      if (seed == arguments.seed || !wrong.empty()) std::printf("%s\n", day.summary().c_str());
      for (const std::string& what : wrong)
        std::printf("%s seed %llu: %s\n", provider.c_str(), static_cast<unsigned long long>(seed),
                    what.c_str());
      bad_days += wrong.empty() ? 0 : 1;
      std::fflush(stdout);
    }
  }
  std::printf("%zu days with a broken promise\n", bad_days);
  return bad_days == 0 ? 0 : 1;
}
