#include "control/server.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <microhttpd.h>

#include "base/lifeline.h"
#include "net/poll.h"

namespace mailchute {

namespace {

/// Whoever may connect at all is trusted with the queue, but not to keep others waiting: connections that say
/// nothing are gone soon, and there are enough of them meanwhile. A request that is being worked on is not
/// counted in this time.
constexpr unsigned kConnectionsMax = 256;
constexpr unsigned kConnectionSeconds = 5;

/// One request from its first byte to its last.
struct Exchange {
  HttpRequest request;
  bool too_large = false;
  bool asked = false;
  MHD_Connection* suspended = nullptr;
  std::optional<HttpAnswer> answer;
};

MHD_Result queue_answer(MHD_Connection* connection, const HttpAnswer& answer) {
  MHD_Response* response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

class MicroServer final : public ControlServer {
 public:
  MicroServer(Loop& loop, Operator& the_operator) : operator_(the_operator), timeout_(loop.make_alarm()) {}

  ~MicroServer() override {
    poll_.reset();
    // A suspended connection must be resumed before the daemon of the library may be stopped.
    for (auto& [id, exchange] : exchanges_)
      if (exchange.suspended != nullptr) MHD_resume_connection(std::exchange(exchange.suspended, nullptr));
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }

  Result<void> start(Loop& loop, Descriptor listening) {
    daemon_ = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
                               &MicroServer::on_request, this, MHD_OPTION_LISTEN_SOCKET, listening.get(),
                               MHD_OPTION_NOTIFY_COMPLETED, &MicroServer::on_completed, this,
                               MHD_OPTION_CONNECTION_LIMIT, kConnectionsMax, MHD_OPTION_CONNECTION_TIMEOUT,
                               kConnectionSeconds, MHD_OPTION_END);
    if (daemon_ == nullptr) return fail("cannot serve the control socket: libmicrohttpd does not start");
    listening.release();  // the library closes it
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr)
      return fail("cannot serve the control socket: libmicrohttpd was built without epoll");
    poll_.emplace(loop, info->epoll_fd, [this] { drive(); });
    return {};
  }

 private:
  // The library's own deadlines need a turn of it when they fall due. At its limit of connections it stops
  // watching the socket, and begins again in the turn after the one in which there was room: without that
  // turn those who wait would wait for ever.
  void drive() {
    const bool was_full = full();
    MHD_run(daemon_);
    if (was_full && !full()) MHD_run(daemon_);
    MHD_UNSIGNED_LONG_LONG wait = 0;
    if (MHD_get_timeout(daemon_, &wait) == MHD_YES)
      timeout_->set(Duration(static_cast<std::int64_t>(wait)), lifeline_.bind([this] { drive(); }));
    else
      timeout_->clear();
  }

  bool full() const {
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info != nullptr && info->num_connections >= kConnectionsMax;
  }

  // `token` is the number of the exchange, kept by the library in a pointer: it outlives the exchange without
  // dangling.
  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                               const char* /*version*/, const char* data, std::size_t* data_bytes,
                               void** token) noexcept {
    auto& server = *static_cast<MicroServer*>(self);
    if (*token == nullptr) {
      const std::uintptr_t id = ++server.last_id_;
      server.exchanges_[id].request = {method, url, {}};
      *token = reinterpret_cast<void*>(id);
      return MHD_YES;
    }
    return server.continue_request(reinterpret_cast<std::uintptr_t>(*token), connection, data, data_bytes);
  }

  static void on_completed(void* self, MHD_Connection* /*connection*/, void** token,
                           MHD_RequestTerminationCode /*why*/) noexcept {
    static_cast<MicroServer*>(self)->exchanges_.erase(reinterpret_cast<std::uintptr_t>(*token));
  }

  MHD_Result continue_request(std::uintptr_t id, MHD_Connection* connection, const char* data,
                              std::size_t* data_bytes) {
    Exchange& exchange = exchanges_[id];
    if (*data_bytes > 0) {
      if (exchange.request.body.size() + *data_bytes > kRequestBytes)
        exchange.too_large = true;
      else
        exchange.request.body.append(data, *data_bytes);
      *data_bytes = 0;
      return MHD_YES;
    }
    if (exchange.too_large)
      return queue_answer(connection, {413, "{\"schema\":1,\"error\":\"the request is too large\"}"});
    if (!exchange.asked) ask(id, exchange);
    if (exchange.answer) return queue_answer(connection, *exchange.answer);
    exchange.suspended = connection;
    MHD_suspend_connection(connection);
    return MHD_YES;
  }

  void ask(std::uintptr_t id, Exchange& exchange) {
    exchange.asked = true;
    route_request(operator_, exchange.request,
                  lifeline_.bind([this, id](HttpAnswer answer) { answered(id, std::move(answer)); }));
  }

  void answered(std::uintptr_t id, HttpAnswer answer) {
    const auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;  // the client has gone
    found->second.answer = std::move(answer);
    if (found->second.suspended == nullptr) return;
    MHD_resume_connection(std::exchange(found->second.suspended, nullptr));
    timeout_->set(Duration::zero(), lifeline_.bind([this] { drive(); }));
  }

  Operator& operator_;
  MHD_Daemon* daemon_ = nullptr;
  std::map<std::uintptr_t, Exchange> exchanges_;
  std::uintptr_t last_id_ = 0;
  std::unique_ptr<Alarm> timeout_;
  std::optional<Poll> poll_;
  Lifeline lifeline_;
};

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(Loop& loop, Descriptor listening,
                                                           Operator& the_operator) {
  auto server = std::make_unique<MicroServer>(loop, the_operator);
  TRY_VOID(server->start(loop, std::move(listening)));
  return server;
}

}  // namespace mailchute
