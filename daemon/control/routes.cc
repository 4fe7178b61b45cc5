// The table of the control socket: which request means what. Every handler answers exactly once.
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "control/http.h"
#include "control/json.h"
#include "control/login_json.h"

namespace mailchute {

namespace {

void show_status(Operator& the_operator, const HttpRequest&, const std::string&, HttpRespond respond) {
  respond({200, encode_live_status(the_operator.live_status())});
}

int http_status(QueueFault::Kind kind) {
  switch (kind) {
    case QueueFault::Kind::NoSpace:
    case QueueFault::Kind::UserShare: return 507;
    case QueueFault::Kind::Busy: return 503;
    case QueueFault::Kind::NotFound: return 404;
    case QueueFault::Kind::Broken: return 503;
  }
  return 503;
}

HttpAnswer operated(const QueueResult<std::size_t>& touched) {
  if (touched) return {200, encode_count(*touched)};
  return {http_status(touched.error().kind),
          encode_error("the queue did not do it: " + touched.error().text)};
}

auto operation(Operation what) {
  return [what](Operator& the_operator, const HttpRequest& request, const std::string&, HttpRespond respond) {
    auto selection = decode_selection(request.body);
    if (!selection) return respond({400, encode_error(selection.error().text)});
    the_operator.operate(what, std::move(*selection),
                         [respond = std::move(respond)](const QueueResult<std::size_t>& touched) mutable {
                           respond(operated(touched));
                         });
  };
}

// 409: the request was right, and the daemon goes on with the configuration it has.
void reload(Operator& the_operator, const HttpRequest&, const std::string&, HttpRespond respond) {
  the_operator.reload([respond = std::move(respond)](const ReloadOutcome& outcome) mutable {
    respond({outcome.accepted ? 200 : 409, encode_reload(outcome)});
  });
}

HttpAnswer changed(bool known, const std::string& name) {
  if (known) return {200, encode_done()};
  return {404, encode_error("there is no upstream " + printable(name, 80))};
}

HttpAnswer expect_message(Operator& the_operator, const std::string& name, const std::string& body) {
  const auto message_id = decode_message_id(body);
  if (!message_id) return {400, encode_error(message_id.error().text)};
  return changed(the_operator.route_once(*message_id, name), name);
}

HttpAnswer ask_about_login(Operator& the_operator, const std::string& name, const std::string& body) {
  const auto trial = decode_login_trial(body);
  if (!trial) return {400, encode_error(trial.error().text)};
  const auto rest = the_operator.login_rest(name, *trial);
  return rest ? HttpAnswer{200, encode_login_rest(*rest)} : changed(false, name);
}

HttpAnswer note_login(Operator& the_operator, const std::string& name, const std::string& body) {
  const auto trial = decode_login_trial(body);
  if (!trial) return {400, encode_error(trial.error().text)};
  return changed(the_operator.login_tried(name, *trial), name);
}

/// `rest` is `NAME/pause`, `NAME/resume`, `NAME/expect`, `NAME/login-rest` or `NAME/login-tried`.
void change_upstream(Operator& the_operator, const HttpRequest& request, const std::string& rest,
                     HttpRespond respond) {
  const auto slash = rest.rfind('/');
  const std::string name = rest.substr(0, slash);
  const std::string verb = slash == std::string::npos ? std::string() : rest.substr(slash + 1);
  if (verb == "pause") return respond(changed(the_operator.pause_upstream(name), name));
  if (verb == "resume") return respond(changed(the_operator.resume_upstream(name), name));
  if (verb == "expect") return respond(expect_message(the_operator, name, request.body));
  if (verb == "login-rest") return respond(ask_about_login(the_operator, name, request.body));
  if (verb == "login-tried") return respond(note_login(the_operator, name, request.body));
  respond({404, encode_error("an upstream can be paused or resumed, or expect a message")});
}

/// What stands behind the route's path; empty when the path is another.
std::optional<std::string> matched(std::string_view route, std::string_view path) {
  if (!route.ends_with("/*")) return route == path ? std::optional<std::string>("") : std::nullopt;
  route.remove_suffix(1);
  if (!path.starts_with(route)) return std::nullopt;
  return std::string(path.substr(route.size()));
}

}  // namespace

const std::vector<HttpRoute>& control_routes() {
  static const std::vector<HttpRoute> kRoutes = {
      {"GET", "/v1/status", &show_status},
      {"POST", "/v1/queue/retry", operation(Operation::Retry)},
      {"POST", "/v1/queue/hold", operation(Operation::Hold)},
      {"POST", "/v1/queue/release", operation(Operation::Release)},
      {"POST", "/v1/queue/remove", operation(Operation::Remove)},
      {"POST", "/v1/reload", &reload},
      {"POST", "/v1/upstreams/*", &change_upstream},
  };
  return kRoutes;
}

void route_request(Operator& the_operator, const HttpRequest& request, HttpRespond respond) {
  bool path_known = false;
  for (const HttpRoute& route : control_routes()) {
    const auto rest = matched(route.path, request.path);
    if (!rest) continue;
    path_known = true;
    if (route.method == request.method) return route.handle(the_operator, request, *rest, std::move(respond));
  }
  if (path_known)
    return respond({405, encode_error(printable(request.method, 20) + " is not for this path")});
  respond({404, encode_error("there is nothing at " + printable(request.path, 80))});
}

}  // namespace mailchute
