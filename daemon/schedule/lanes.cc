#include "schedule/lanes.h"

#include <algorithm>
#include <utility>

#include "store/route_text.h"

namespace mailchute {

namespace {

bool asked_already(const std::vector<Lane>& lanes, const std::string& upstream) {
  return std::any_of(lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.upstream == upstream; });
}

std::size_t parcels_for(const Claimed& claimed, const std::string& upstream) {
  return static_cast<std::size_t>(
      std::count_if(claimed.parcels.begin(), claimed.parcels.end(),
                    [&](const Parcel& parcel) { return parcel.upstream == upstream; }));
}

void take_earlier(std::optional<WallTime>& due, WallTime when) { due = std::min(due.value_or(when), when); }

}  // namespace

std::vector<Lane> Lanes::plan(WallTime now, const std::function<Offer(const std::string&)>& offer) {
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    Route& route = routes_[(turn_ + i) % routes_.size()];
    if (route.due && *route.due <= now) expect(route);
    if (!route.may_be_due) continue;
    for (Way& way : route.ways) {
      const Offer offered = offer(way.upstream);
      if (!offered.usable) continue;
      if (offered.parcels_max > 0 && !asked_already(lanes, way.upstream)) {
        lanes.push_back(
            {route.name, way.upstream, offered.parcels_max, offered.recipients_max, Lane::Takes::All});
        route.may_be_due = way.bound_may_be_due = false;
        route.due.reset();
      }
      break;
    }
  }
  plan_bound(lanes, offer);
  ++turn_;
  return lanes;
}

// The upstreams behind the first usable one have no mail of their own but what they may have delivered
// before.
void Lanes::plan_bound(std::vector<Lane>& lanes, const std::function<Offer(const std::string&)>& offer) {
  for (Route& route : routes_)
    for (Way& way : route.ways) {
      if (!way.bound_may_be_due || route.ways.size() == 1 || asked_already(lanes, way.upstream)) continue;
      const Offer offered = offer(way.upstream);
      if (!offered.usable || offered.parcels_max == 0) continue;
      lanes.push_back(
          {route.name, way.upstream, offered.parcels_max, offered.recipients_max, Lane::Takes::Bound});
      way.bound_may_be_due = false;
    }
}

void Lanes::learn(const std::vector<Lane>& asked, const Claimed& claimed) {
  for (const Lane& lane : asked) {
    Route* route = find(lane.route);
    if (route == nullptr) continue;
    if (parcels_for(claimed, lane.upstream) >= lane.parcels_max) expect(*route);
    // Of one lane or another: for the others it is too early, and costs them one question.
    if (claimed.next_due) take_earlier(route->due, *claimed.next_due);
  }
}

void Lanes::unlearn(const std::vector<Lane>& asked) {
  for (const Lane& lane : asked)
    if (Route* route = find(lane.route)) expect(*route);
}

std::optional<WallTime> Lanes::next_due(const std::function<bool(const std::string&)>& usable) const {
  std::optional<WallTime> earliest;
  for (const Route& route : routes_) {
    if (!route.due || route.may_be_due) continue;
    if (std::any_of(route.ways.begin(), route.ways.end(),
                    [&](const Way& way) { return usable(way.upstream); }))
      take_earlier(earliest, *route.due);
  }
  return earliest;
}

void Lanes::set_routes(const std::vector<std::string>& routes) {
  std::vector<Route> fresh;
  for (const std::string& name : routes) {
    const Route* known = find(name);
    if (known != nullptr) {
      fresh.push_back(*known);
      continue;
    }
    fresh.push_back(new_route(name));
  }
  for (Route& route : routes_) {
    const std::string wide = widened(route.name);
    if (wide != route.name && std::find(routes.begin(), routes.end(), wide) != routes.end())
      fresh.push_back(std::move(route));
  }
  routes_ = std::move(fresh);
}

void Lanes::add_route(const std::string& name) {
  if (Route* known = find(name)) return expect(*known);
  routes_.push_back(new_route(name));
}

Lanes::Route Lanes::new_route(const std::string& name) {
  Route route;
  route.name = name;
  for (std::string& upstream : route_upstreams(name)) route.ways.push_back({std::move(upstream), true});
  return route;
}

void Lanes::all_may_be_due() {
  for (Route& route : routes_) expect(route);
}

void Lanes::may_be_due(std::string_view upstream) {
  for (Route& route : routes_)
    if (names(route, upstream)) expect(route);
}

void Lanes::due_at(std::string_view upstream, WallTime when) {
  for (Route& route : routes_)
    if (names(route, upstream)) take_earlier(route.due, when);
}

void Lanes::all_due_at(WallTime when) {
  for (Route& route : routes_) take_earlier(route.due, when);
}

void Lanes::expect(Route& route) {
  route.may_be_due = true;
  for (Way& way : route.ways) way.bound_may_be_due = true;
}

bool Lanes::names(const Route& route, std::string_view upstream) {
  return std::any_of(route.ways.begin(), route.ways.end(),
                     [&](const Way& way) { return way.upstream == upstream; });
}

Lanes::Route* Lanes::find(const std::string& name) {
  const auto found =
      std::find_if(routes_.begin(), routes_.end(), [&](const Route& route) { return route.name == name; });
  return found == routes_.end() ? nullptr : &*found;
}

}  // namespace mailchute
