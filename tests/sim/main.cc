// sim [--seeds N] [--seed S]: lives N simulated lives from seed S on. A life in which a promise was broken is
// named by its seed, and `sim --seeds 1 --seed S` lives it again, turn by turn the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "sim/world.h"

namespace {

struct Arguments {
  std::uint64_t seeds = 300;
  std::uint64_t seed = 1;
};

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    const auto value = mailchute::parse_unsigned(words[i + 1]);
    if (!value || (name != "--seeds" && name != "--seed")) {
      std::fprintf(stderr, "usage: sim [--seeds N] [--seed S]\n");
      std::exit(64);
    }
    (name == "--seeds" ? arguments.seeds : arguments.seed) = *value;
  }
  return arguments;
}

}  // namespace

int main(int count, char** words) {
  const Arguments arguments = parse(count, words);
  mailchute::log::configure(arguments.seeds == 1 ? mailchute::log::Level::Info : mailchute::log::Level::Error,
                            mailchute::log::Format::Text);
  std::size_t bad_lives = 0;
  for (std::uint64_t seed = arguments.seed; seed < arguments.seed + arguments.seeds; ++seed) {
    const std::vector<std::string> wrong = mailchute::sim::World(seed).live();
    for (const std::string& what : wrong)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), what.c_str());
    bad_lives += wrong.empty() ? 0 : 1;
    std::fflush(stdout);
  }
  std::printf("%llu lives, %zu of them with a broken promise\n",
              static_cast<unsigned long long>(arguments.seeds), bad_lives);
  return bad_lives == 0 ? 0 : 1;
}
