#include "net/resolver.h"

#include <netdb.h>

#include <utility>

#include <uv.h>

namespace mailchute {

struct Lookup::Request {
  uv_getaddrinfo_t raw{};
  Lookup* owner = nullptr;  // Null once nobody wants the answer.
};

namespace {

std::vector<SocketAddress> addresses_of(const addrinfo* list) {
  std::vector<SocketAddress> addresses;
  for (; list && addresses.size() < Lookup::kAddressesMax; list = list->ai_next) {
    if (!list->ai_addr) continue;
    if (auto address = SocketAddress::from(*list->ai_addr)) addresses.push_back(*address);
  }
  return addresses;
}

std::string why(int status) {
  switch (status) {
    case UV_EAI_NONAME:
    case UV_EAI_NODATA:
    case UV_EAI_ADDRFAMILY: return "no such name, or no address for it";
    case UV_EAI_AGAIN: return "the name server gave no answer";
    case UV_EAI_FAIL: return "the name server failed";
    default: return uv_strerror(status);
  }
}

}  // namespace

Lookup::Lookup(Loop& loop, const std::string& host, std::uint16_t port, UniqueFunction<void(Outcome)> then)
    : then_(std::move(then)) {
  if (auto address = SocketAddress::numeric(host, port)) {
    answer_later(loop, std::vector<SocketAddress>{*address});
  } else {
    begin(loop, host, port);
  }
}

Lookup::~Lookup() {
  if (!request_) return;
  request_->owner = nullptr;
  // A lookup that a thread has already taken up cannot be cancelled; its answer will find no owner.
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_->raw));
}

void Lookup::begin(Loop& loop, const std::string& host, std::uint16_t port) {
  auto request = std::make_unique<Request>();
  request->owner = this;
  request->raw.data = request.get();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  const auto done = [](uv_getaddrinfo_t* raw, int status, addrinfo* list) noexcept {
    const std::unique_ptr<Request> finished(static_cast<Request*>(raw->data));
    auto addresses = addresses_of(list);
    uv_freeaddrinfo(list);
    auto* const self = finished->owner;
    if (!self) return;
    self->request_ = nullptr;
    if (status != 0) return self->answer(tl::unexpected(why(status)));
    if (addresses.empty()) return self->answer(tl::unexpected(why(UV_EAI_NODATA)));
    self->answer(std::move(addresses));
  };
  const auto service = std::to_string(port);
  const int status = uv_getaddrinfo(loop.raw(), &request->raw, done, host.c_str(), service.c_str(), &hints);
  if (status != 0) return answer_later(loop, tl::unexpected(why(status)));
  request_ = request.release();
}

void Lookup::answer_later(Loop& loop, Outcome outcome) {
  loop.defer(lifeline_.bind([this, outcome = std::move(outcome)]() mutable { answer(std::move(outcome)); }));
}

void Lookup::answer(Outcome outcome) {
  // Moved out first: the callee may destroy this lookup.
  auto then = std::move(then_);
  then(std::move(outcome));
}

}  // namespace mailchute
