// Remembers, for each route, whether mail of it may be due and when some will be, and plans the next claim
// from that. Pure memory: reads no clock, touches no queue. Nothing is asked twice: a route that gave less
// than was asked for is dry until new mail, a due time or a free upstream says otherwise.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/queue.h"

namespace mailchute {

/// What one upstream would take now.
struct Offer {
  bool usable = false;  ///< Its routes wait for it, also when it has no room; else they go to the next name.
  std::size_t parcels_max = 0;
  std::size_t recipients_max = 1;
};

class Lanes {
 public:
  /// All routes in use, as their names joined by ','. What is known of routes that stay is kept, and so are
  /// narrowed ones of them (store/route_text.h).
  void set_routes(const std::vector<std::string>& routes);

  /// One more route, until the next set_routes(); mail of it may be due.
  void add_route(const std::string& name);

  /// Mail of any route may be due now.
  void all_may_be_due();
  /// Mail of the routes that name `upstream` may be due now.
  void may_be_due(std::string_view upstream);
  /// Mail of the routes that name `upstream` will be due then.
  void due_at(std::string_view upstream, WallTime when);
  /// Mail of any route will be due then.
  void all_due_at(WallTime when);

  /// The lanes to ask now: for each route with mail that may be due its first usable upstream, if that has
  /// room; and further upstreams of it for what only they may carry. One route an upstream, taking turns, so
  /// that what comes back can be told apart. The routes asked count as dry until learn() or news.
  std::vector<Lane> plan(WallTime now, const std::function<Offer(const std::string&)>& offer);

  /// What the claim gave.
  void learn(const std::vector<Lane>& asked, const Claimed& claimed);

  /// The claim failed: everything asked is as before.
  void unlearn(const std::vector<Lane>& asked);

  /// The earliest moment at which a dry route with a usable upstream has mail; empty when none waits for time
  /// alone.
  std::optional<WallTime> next_due(const std::function<bool(const std::string&)>& usable) const;

 private:
  struct Way {
    std::string upstream;
    bool bound_may_be_due = true;  ///< Mail that no other upstream may carry.
  };
  struct Route {
    std::string name;
    std::vector<Way> ways;
    bool may_be_due = true;  ///< At start nothing is known.
    std::optional<WallTime> due;
  };

  static Route new_route(const std::string& name);
  static void expect(Route& route);
  static bool names(const Route& route, std::string_view upstream);
  void plan_bound(std::vector<Lane>& lanes, const std::function<Offer(const std::string&)>& offer);
  Route* find(const std::string& name);

  std::vector<Route> routes_;
  std::size_t turn_ = 0;
};

}  // namespace mailchute
