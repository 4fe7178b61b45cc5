// A checkup as a person reads it. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/locale.h"
#include "control/checkup.h"

namespace mailchute {

enum class Colour { None, Ansi };

/// One result, with its fix below it. The names of checks are the same in every language.
std::string checkup_lines(const CheckResult& result, std::size_t screen, Colour colour,
                          Language language = Language::English);

/// `20 ok, 1 warning, 2 failures`.
std::string checkup_summary(const Checkup& checkup, Language language = Language::English);

}  // namespace mailchute
