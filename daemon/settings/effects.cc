#include "settings/effects.h"

#include <array>

namespace mailchute {

namespace {

constexpr std::array kWithoutEffect = {
    NoEffect{"http.listen", "no HTTP port is opened"},
};

}  // namespace

std::span<const NoEffect> keys_without_effect() { return kWithoutEffect; }

const NoEffect* without_effect(std::string_view key) {
  for (const auto& entry : kWithoutEffect)
    if (entry.key == key) return &entry;
  return nullptr;
}

}  // namespace mailchute
