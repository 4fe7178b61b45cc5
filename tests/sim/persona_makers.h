// How the personas are found by name; for the files that hold them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/persona.h"

namespace mailchute::sim {

using PersonaMaker = std::unique_ptr<Persona> (*)(fake::FakeLoop&, fake::FakeRandom&);

template <typename Kind>
std::unique_ptr<Persona> make(fake::FakeLoop& loop, fake::FakeRandom& random) {
  return std::make_unique<Kind>(loop, random);
}

/// Those of personas_more.cc.
const std::map<std::string, PersonaMaker>& deviants();

}  // namespace mailchute::sim
