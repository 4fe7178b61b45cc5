#include <algorithm>

#include "base/text.h"
#include "control/checkup.h"
#include "control/json_parts.h"

namespace mailchute {

const char* health_name(Health health) {
  switch (health) {
    case Health::Ok: return "ok";
    case Health::Warn: return "warn";
    case Health::Fail: return "FAIL";
    case Health::Unseen: return "skip";
  }
  return "FAIL";
}

std::size_t count_of(const Checkup& checkup, Health health) {
  return static_cast<std::size_t>(std::count_if(
      checkup.begin(), checkup.end(), [health](const CheckResult& each) { return each.health == health; }));
}

std::string encode_checkup(const Checkup& checkup) {
  Json checks = Json::array();
  for (const CheckResult& each : checkup)
    checks.push_back({{"check", as_text(each.check)},
                      {"about", as_text(each.about)},
                      {"state", lower(health_name(each.health))},
                      {"found", as_text(each.found.english)},
                      {"fix", each.fix.empty() ? Json(nullptr) : Json(as_text(each.fix.english))}});
  return written({{"schema", 1},
                  {"ok", count_of(checkup, Health::Ok)},
                  {"warn", count_of(checkup, Health::Warn)},
                  {"fail", count_of(checkup, Health::Fail)},
                  {"skip", count_of(checkup, Health::Unseen)},
                  {"checks", std::move(checks)}});
}

}  // namespace mailchute
