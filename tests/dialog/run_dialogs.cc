// Holds each conversation named on the command line in memory: as written, byte by byte, and cut in two at
// every byte.
#include <cstdio>
#include <string>

#include "dialog/dialog.h"

namespace mailchute::test {
namespace {

/// A long conversation is cut at evenly spread places only, so that all its repetitions stay within so many
/// bytes.
constexpr std::size_t kBytesMax = 16'000'000;

Result<void> hold_every_way(const std::string& path) {
  const Dialog dialog = TRY(read_dialog(path));
  const std::size_t bytes = TRY(hold(dialog, {}));
  if (dialog.cutting == Dialog::Cutting::Nowhere) return {};

  TRY_VOID(hold(dialog, {Cut::Kind::EveryByte, 0}));
  for (std::size_t at = 1; at < bytes; at += 1 + bytes * bytes / kBytesMax) {
    const auto held = hold(dialog, {Cut::Kind::Once, at});
    if (!held) return fail(held.error().text + " (cut before byte " + std::to_string(at) + ")");
  }
  return {};
}

}  // namespace
}  // namespace mailchute::test

int main(int count, char** words) {
  int failures = count < 2;
  for (int i = 1; i < count; ++i) {
    const auto held = mailchute::test::hold_every_way(words[i]);
    if (!held) std::fprintf(stderr, "%s: %s\n", words[i], held.error().text.c_str());
    failures += !held;
  }
  return failures == 0 ? 0 : 1;
}
