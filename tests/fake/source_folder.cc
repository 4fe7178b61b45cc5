#include "fake/source_folder.h"

namespace mailchute::fake {

std::string source_file(const std::string& name) { return std::string(MAILCHUTE_SOURCE_DIR) + "/" + name; }

}  // namespace mailchute::fake
