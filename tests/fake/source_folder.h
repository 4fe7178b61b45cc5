// The folder this tree lies in, for tests that read files of it (profiles, the shipped configuration).
#pragma once

#include <string>

namespace mailchute::fake {

// The absolute path of `name` in this tree. Known to one file alone, so that the objects of all other tests
// are the same in every clone and a compiler cache knows them.
std::string source_file(const std::string& name);

}  // namespace mailchute::fake
