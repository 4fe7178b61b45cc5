#include "control/login_json.h"

#include "base/exit_codes.h"
#include "base/text.h"
#include "control/json_parts.h"

namespace mailchute {

// The reply goes as the bytes that it had: what they mean is looked up by them.
std::string encode_login_trial(const LoginTrial& trial) {
  return written(Json{{"host", as_text(trial.host)},
                      {"user", as_text(trial.user)},
                      {"secret", as_text(trial.secret_fingerprint)},
                      {"in_use", trial.secret == LoginTrial::Secret::InUse},
                      {"code", trial.reply.code},
                      {"enhanced", as_text(trial.reply.enhanced)},
                      {"text", base64_encode(trial.reply.text)}});
}

Result<LoginTrial> decode_login_trial(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return fail("a login is missing", exit_code::kUsage);
  LoginTrial trial;
  trial.host = text_member(*object, "host");
  trial.user = text_member(*object, "user");
  if (trial.host.empty() || trial.user.empty())
    return fail("host or user of a login is missing", exit_code::kUsage);
  trial.secret_fingerprint = text_member(*object, "secret");
  const Json& in_use = member(*object, "in_use");
  // What does not say so is not taken for the one in use: less follows from it.
  const bool used = in_use.is_boolean() && in_use.get<bool>();
  trial.secret = used ? LoginTrial::Secret::InUse : LoginTrial::Secret::Other;
  trial.reply.code = static_cast<int>(number_member(*object, "code"));
  trial.reply.enhanced = text_member(*object, "enhanced");
  trial.reply.text = base64_decode(text_member(*object, "text")).value_or("");
  return trial;
}

std::string encode_login_rest(const LoginRest& rest) {
  return written(
      Json{{"schema", 1}, {"rests_until", time_or_null(rest.until)}, {"reason", as_text(rest.reason)}});
}

Result<LoginRest> decode_login_rest(std::string_view body) {
  const auto object = parse_object(body);
  if (!object) return fail("the daemon's answer makes no sense", exit_code::kInputOutput);
  return LoginRest{time_member(*object, "rests_until"), text_member(*object, "reason")};
}

}  // namespace mailchute
