// A login that a person tries, as JSON, both ways: the question before it and its end. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "control/operator.h"

namespace mailchute {

/// Decoding fails with code 64 when host or user is missing.
std::string encode_login_trial(const LoginTrial& trial);
Result<LoginTrial> decode_login_trial(std::string_view body);

/// Decoding fails with code 74.
std::string encode_login_rest(const LoginRest& rest);
Result<LoginRest> decode_login_rest(std::string_view body);

}  // namespace mailchute
