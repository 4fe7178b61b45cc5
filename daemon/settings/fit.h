// One written value: does it fit its form, and how is it spelled from then on. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "settings/schema.h"
#include "settings/units.h"

namespace mailchute {

/// Any text without control bytes, not empty.
Fitted<std::string> fit_text(std::string_view text);

/// The kinds that end in a text: paths (against `folder`), hosts, addresses, choices and the rest of them.
Fitted<std::string> fit_string(const Form& form, std::string_view text, const std::string& folder);

/// One of the form's choices.
Fitted<std::string> fit_choice(std::string_view text, const Form& form);

/// true or false, and nothing that YAML would take for it.
Fitted<bool> fit_flag(std::string_view text);

/// Numbers, within the form's range.
Fitted<std::uint64_t> fit_unsigned(const Form& form, std::string_view text);
Fitted<Duration> fit_duration(const Form& form, std::string_view text);
Fitted<double> fit_fraction(const Form& form, std::string_view text);

/// A number of the form's kind (in the unit of its range) as it would be written.
std::string show_number(const Form& form, std::int64_t value);

}  // namespace mailchute
