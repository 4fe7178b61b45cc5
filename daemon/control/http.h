// HTTP as the control socket speaks it: requests and answers as values, and the table that says who answers
// what. Any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "control/operator.h"

namespace mailchute {

/// `path` is decoded by nobody: names in it are compared as they come.
struct HttpRequest {
  std::string method;
  std::string path;
  std::string body;  ///< At most kRequestBytes.
};

/// The body is JSON.
struct HttpAnswer {
  int status = 200;
  std::string body;
};

inline constexpr std::size_t kRequestBytes = 256 * 1024;

/// Called once, on the loop thread, inside the handler or later.
using HttpRespond = UniqueFunction<void(HttpAnswer)>;

/// One route; a path that ends in `/*` matches anything behind it, which is given as `rest`.
struct HttpRoute {
  std::string method;
  std::string path;
  std::function<void(Operator&, const HttpRequest&, const std::string& rest, HttpRespond)> handle;
};

/// Every route there is. A dashboard will use the same.
const std::vector<HttpRoute>& control_routes();

/// Finds the route and lets it answer; 404 and 405 are answered here.
void route_request(Operator& the_operator, const HttpRequest& request, HttpRespond respond);

}  // namespace mailchute
