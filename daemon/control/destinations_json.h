// Where mail for an address would go, as JSON, for `aliases resolve --json`. Pure; any thread.
#pragma once

#include <string>
#include <vector>

namespace mailchute {

/// One way to an address: an upstream, and as whom the mail goes out by it.
struct Way {
  std::string upstream;
  std::string provider;
  std::string mail_from;  ///< Of the envelope; empty: the null sender.
  std::string from;       ///< Of the header.
};

struct Destination {
  std::string address;
  std::vector<Way> ways;  ///< The first that is usable is taken.
};

struct Destinations {
  std::string asked;
  bool local = false;  ///< A name of this machine.
  std::string sender;  ///< Who is taken for the sender.
  std::vector<Destination> targets;
};

std::string encode_destinations(const Destinations& destinations);

}  // namespace mailchute
