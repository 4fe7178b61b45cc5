#include "control/destinations_json.h"

#include "control/json_parts.h"

namespace mailchute {

namespace {

Json ways_json(const std::vector<Way>& ways) {
  Json list = Json::array();
  for (const Way& way : ways)
    list.push_back({{"upstream", as_text(way.upstream)},
                    {"provider", as_text(way.provider)},
                    {"mail_from", as_text(way.mail_from)},
                    {"from", as_text(way.from)}});
  return list;
}

}  // namespace

std::string encode_destinations(const Destinations& destinations) {
  Json targets = Json::array();
  for (const Destination& target : destinations.targets)
    targets.push_back({{"address", as_text(target.address)}, {"ways", ways_json(target.ways)}});
  return written(Json{{"schema", 1},
                      {"address", as_text(destinations.asked)},
                      {"local", destinations.local},
                      {"sender", as_text(destinations.sender)},
                      {"targets", std::move(targets)}});
}

}  // namespace mailchute
