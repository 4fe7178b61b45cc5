#include "net/dialing.h"

#include <algorithm>
#include <utility>

#include <uv.h>

#include "net/handle.h"
#include "net/tcp_stream.h"

namespace mailchute {

namespace {

/// RFC 8305 5 recommends 250 ms between the starts of two attempts.
constexpr Duration kAttemptDelay{250};

std::string seconds(Duration time) {
  const auto count = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return count > 0 ? std::to_string(count) + " s" : std::to_string(time.count()) + " ms";
}

}  // namespace

struct SystemDialing::Attempt {
  SystemDialing& dialing;
  SocketAddress address;
  Handle<uv_tcp_t> handle;
  int error = 0;  // libuv's; 0 while it is under way.
};

std::vector<SocketAddress> interleaved(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> preferred;
  std::vector<SocketAddress> other;
  for (const auto& address : addresses) {
    (address.family() == addresses.front().family() ? preferred : other).push_back(address);
  }

  std::vector<SocketAddress> order;
  for (std::size_t i = 0; i < std::max(preferred.size(), other.size()); ++i) {
    if (i < preferred.size()) order.push_back(preferred[i]);
    if (i < other.size()) order.push_back(other[i]);
  }
  return order;
}

SystemDialing::SystemDialing(Loop& loop, std::string host, std::uint16_t port, Duration patience,
                             std::vector<SocketAddress> own, UniqueFunction<void(Outcome)> then)
    : loop_(loop),
      host_(std::move(host)),
      patience_(patience),
      then_(std::move(then)),
      own_(std::move(own)),
      out_of_time_(loop.make_alarm()),
      next_attempt_(loop.make_alarm()) {
  out_of_time_->set(patience, [this] { out_of_time(); });
  lookup_ = std::make_unique<Lookup>(loop, host_, port,
                                     [this](Lookup::Outcome outcome) { resolved(std::move(outcome)); });
}

SystemDialing::~SystemDialing() = default;

void SystemDialing::resolved(Lookup::Outcome outcome) {
  if (!outcome) {
    return conclude(
        tl::unexpected(DialFault{Stage::Resolve, "cannot resolve " + host_ + ": " + outcome.error()}));
  }
  addresses_ = interleaved(*outcome);
  tell_addresses();
  pass_over_our_own();
  if (!addresses_.empty()) return try_next();
  conclude(tl::unexpected(
      DialFault{Stage::Connect, host_ + " is where this daemon itself listens: mail would go in circles; "
                                        "next: upstreams.*.host and port in the configuration"}));
}

// Whom we would meet there takes the message, and calls it delivered.
void SystemDialing::pass_over_our_own() {
  std::erase_if(addresses_, [this](const SocketAddress& address) {
    return std::any_of(own_.begin(), own_.end(),
                       [&](const SocketAddress& own) { return address.leads_to(own); });
  });
}

void SystemDialing::tell_addresses() {
  if (!told_) return;
  std::vector<std::string> texts;
  for (const SocketAddress& address : addresses_) texts.push_back(address.text());
  told_(texts);
}

void SystemDialing::try_next() {
  while (!concluded_ && attempts_.size() < addresses_.size()) {
    attempts_.push_back(std::make_unique<Attempt>(Attempt{*this, addresses_[attempts_.size()], {}, 0}));
    auto& attempt = *attempts_.back();
    attempt.error = connect(attempt);
    if (attempt.error == 0) return next_attempt_->set(kAttemptDelay, [this] { try_next(); });
    attempt.handle.close();
  }
  if (!concluded_ && all_failed()) conclude(tl::unexpected(fault()));
}

int SystemDialing::connect(Attempt& attempt) {
  const int status =
      attempt.handle.open(&attempt, [&](uv_tcp_t* raw) { return uv_tcp_init(loop_.raw(), raw); });
  if (status != 0) return status;
  auto request = std::make_unique<uv_connect_t>();
  const auto done = [](uv_connect_t* raw, int outcome) noexcept {
    const std::unique_ptr<uv_connect_t> finished(raw);
    if (auto* const tried = static_cast<Attempt*>(raw->handle->data)) tried->dialing.ended(*tried, outcome);
  };
  const int begun = uv_tcp_connect(request.get(), attempt.handle.get(), attempt.address.raw(), done);
  if (begun == 0) static_cast<void>(request.release());
  return begun;
}

void SystemDialing::ended(Attempt& attempt, int status) {
  if (concluded_) return;
  if (status == 0)
    return conclude(TcpStream::dialed(loop_, std::move(attempt.handle), attempt.address.text()));
  attempt.error = status;
  attempt.handle.close();
  // RFC 8305 5: a failure does not wait for the delay to pass.
  try_next();
}

bool SystemDialing::all_failed() const {
  return attempts_.size() == addresses_.size() &&
         std::all_of(attempts_.begin(), attempts_.end(),
                     [](const auto& attempt) { return attempt->error != 0; });
}

void SystemDialing::out_of_time() {
  if (concluded_) return;
  if (!addresses_.empty()) return conclude(tl::unexpected(fault()));
  conclude(tl::unexpected(
      DialFault{Stage::Resolve, "cannot resolve " + host_ + ": no answer within " + seconds(patience_)}));
}

DialFault SystemDialing::fault() const {
  std::string text;
  for (std::size_t i = 0; i < addresses_.size(); ++i) {
    const int error = i < attempts_.size() ? attempts_[i]->error : 0;
    if (!text.empty()) text += "; ";
    text += addresses_[i].text() + ": ";
    text += error != 0 ? uv_strerror(error) : "no answer within " + seconds(patience_);
  }
  return {Stage::Connect, text};
}

void SystemDialing::conclude(Outcome outcome) {
  concluded_ = true;
  out_of_time_->clear();
  next_attempt_->clear();
  loop_.defer(lifeline_.bind([this, outcome = std::move(outcome)]() mutable {
    lookup_.reset();
    attempts_.clear();
    // Moved out first: the callee may destroy this dialing.
    auto then = std::move(then_);
    then(std::move(outcome));
  }));
}

}  // namespace mailchute
