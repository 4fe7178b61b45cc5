#include "sim/sim_courier.h"

#include <algorithm>
#include <utility>

namespace mailchute::sim {

namespace {

constexpr std::size_t kParcelsAhead = 3;
constexpr Duration kIdleClose{20'000};

std::string address_of(const ParcelRecipient& recipient) { return recipient.recipient.mailbox.text(); }

}  // namespace

SimCourier::SimCourier(std::string name, Provider& provider, Truth& truth, fake::FakeLoop& loop,
                       fake::FakeRandom& random, Queue& queue, CourierListener& listener,
                       std::size_t connections_max)
    : name_(std::move(name)),
      provider_(provider),
      truth_(truth),
      loop_(loop),
      random_(random),
      queue_(queue),
      listener_(listener),
      connections_max_(connections_max),
      turn_alarm_(loop.make_alarm()) {}

std::size_t SimCourier::room() const {
  const std::size_t wanted = std::min(allowed_, connections_max_) * kParcelsAhead;
  return shutting_down_ || wanted <= waiting_.size() ? 0 : wanted - waiting_.size();
}

void SimCourier::deliver(Parcel parcel) {
  waiting_.push_back(std::move(parcel));
  turn_soon();
}

void SimCourier::allow_connections(std::size_t count) {
  allowed_ = count;
  turn_soon();
}

void SimCourier::shut_down() {
  shutting_down_ = true;
  turn_soon();
}

void SimCourier::turn_soon() {
  turn_alarm_->set(Duration::zero(), [this] { turn(); });
}

void SimCourier::turn() {
  buried_.clear();
  if (shutting_down_ || allowed_ == 0) return return_waiting();
  for (auto& line : lines_)
    if (line->ready && !line->parcel && !line->settling && !waiting_.empty()) carry(*line);
  while (lines_.size() < std::min(allowed_, connections_max_) && waiting_.size() > lines_.size()) open_line();
}

void SimCourier::open_line() {
  lines_.push_back(std::make_unique<Line>());
  Line& line = *lines_.back();
  line.alarm = loop_.make_alarm();
  line.number = ++lines_opened_;
  line.alarm->set(while_(2000), [this, &line] { opened(line); });
}

void SimCourier::opened(Line& line) {
  if (provider_.mood == Provider::Mood::Down) {
    drop(line);
    return trouble(UpstreamTrouble::Kind::Connection, Stage::Connect, {0, "", "connection refused"});
  }
  listener_.on_login(name_, CourierListener::LoginNews::Presented);
  line.refused = provider_.mood == Provider::Mood::BadPassword;
  if (line.refused) provider_.refused_logins.push_back({loop_.steady(), provider_.answers});
  // What the provider has judged is judged; its answer is still under way.
  line.alarm->set(while_(500), [this, &line] { login_answered(line); });
}

void SimCourier::login_answered(Line& line) {
  if (line.refused) {
    drop(line);
    return trouble(UpstreamTrouble::Kind::Login, Stage::Auth, {535, "5.7.8", "authentication failed"});
  }
  line.ready = true;
  listener_.on_ready(name_);
  idle(line);
}

void SimCourier::trouble(UpstreamTrouble::Kind kind, Stage stage, Reply reply) {
  listener_.on_trouble(name_, {kind, stage, std::move(reply)});
  return_waiting();
}

void SimCourier::return_waiting() {
  while (!waiting_.empty()) {
    Parcel parcel = std::move(waiting_.front());
    waiting_.pop_front();
    listener_.on_returned(name_, {std::move(parcel)});
  }
}

void SimCourier::carry(Line& line) {
  line.parcel = std::move(waiting_.front());
  waiting_.pop_front();
  line.used = true;
  listener_.on_room(name_);
  line.alarm->set(while_(5000), [this, &line] {
    const Outcome outcome = transact(*line.parcel);
    // What the provider has taken is taken; its answer is still under way.
    line.alarm->set(while_(500), [this, &line, outcome] { answer(line, outcome); });
  });
}

void SimCourier::answer(Line& line, const Outcome& outcome) {
  Parcel parcel = std::move(*line.parcel);
  line.parcel.reset();
  const std::uint64_t number = line.number;
  line.settling = !outcome.said.empty();
  if (outcome.closes)
    drop(line);
  else
    idle(line);
  if (outcome.said.empty()) return listener_.on_returned(name_, {std::move(parcel)});
  Attempt attempt;
  attempt.record.upstream = name_;
  for (const ReplyContext& said : outcome.said) attempt.verdicts.push_back(classify(said));
  attempt.parcel = std::move(parcel);
  refusals_.judge(attempt);
  write_down(attempt);
  listener_.on_attempt(name_, std::move(attempt), lifeline_.bind([this, number] { settled(number); }));
}

void SimCourier::write_down(const Attempt& attempt) {
  for (std::size_t i = 0; i < attempt.verdicts.size(); ++i) {
    const Verdict& verdict = attempt.verdicts[i];
    const Letter letter{attempt.parcel.id, address_of(attempt.parcel.recipients[i])};
    if (verdict.blame != Blame::Upstream) {
      ++truth_.judged[letter];
      ++provider_.answers;
    }
    if (verdict.fate == Fate::Refused) truth_.refused.insert(letter);
  }
}

void SimCourier::settled(std::uint64_t number) {
  for (auto& line : lines_)
    if (line->number == number) line->settling = false;
  turn_soon();
}

void SimCourier::mark_sent(const Parcel& parcel) {
  std::vector<std::int64_t> rows;
  for (const ParcelRecipient& recipient : parcel.recipients) rows.push_back(recipient.row);
  queue_.mark_sent(parcel.id, rows);
}

void SimCourier::idle(Line& line) {
  turn_soon();
  line.alarm->set(kIdleClose, [this, &line] { drop(line); });
}

void SimCourier::drop(Line& line) {
  const auto at =
      std::find_if(lines_.begin(), lines_.end(), [&](const auto& each) { return each.get() == &line; });
  CHECK(at != lines_.end());
  line.alarm->clear();
  buried_.push_back(std::move(*at));
  lines_.erase(at);
  turn_soon();
}

SimCourier::Outcome SimCourier::transact(const Parcel& parcel) {
  if (provider_.mood == Provider::Mood::Frequency)
    return same_for_all(parcel, {Stage::FinalDot, {550, "", "Sender frequency limited"}, true}, false);
  // Blocked once more is blocked for another reason, which a number tells (and the rules do not look at
  // those).
  if (provider_.mood == Provider::Mood::Blocked)
    return same_for_all(parcel, {Stage::FinalDot, {554, "", blocked_text(name_, provider_)}, true}, false);
  if (provider_.faults) {
    if (auto fault = chance_fault(parcel)) return *fault;
  }
  Outcome outcome;
  for (const ParcelRecipient& recipient : parcel.recipients) {
    outcome.said.push_back(reply_for(parcel, address_of(recipient)));
    if (outcome.said.back().reply.code == 421) return same_for_all(parcel, outcome.said.back(), true);
  }
  return outcome;
}

std::optional<SimCourier::Outcome> SimCourier::chance_fault(const Parcel& parcel) {
  switch (random_.below(25)) {
    case 0: return Outcome{{}, true};
    case 1: return same_for_all(parcel, {Stage::MailFrom, {421, "4.4.2", "timeout"}, false}, true);
    case 2: return same_for_all(parcel, {Stage::Body, {0, "", "connection reset"}, false}, true);
    case 3: break;
    default: return std::nullopt;
  }
  mark_sent(parcel);
  for (const ParcelRecipient& recipient : parcel.recipients) {
    truth_.doubtful.insert({parcel.id, address_of(recipient)});
    if (random_.chance(50)) ++truth_.copies[{parcel.id, address_of(recipient)}];
  }
  return same_for_all(parcel, {Stage::FinalDot, {0, "", "connection reset"}, true}, true);
}

/// The first letters of an address say how the provider treats it.
ReplyContext SimCourier::reply_for(const Parcel& parcel, const std::string& address) {
  if (address.starts_with("bad")) return {Stage::RcptTo, {550, "5.1.1", "no such user"}, true};
  if (address.starts_with("poison")) return {Stage::RcptTo, {451, "4.3.0", "cannot take this"}, true};
  if (address.starts_with("hangup")) return {Stage::Data, {421, "4.3.0", "goodbye"}, false};
  if (address.starts_with("slow") && provider_.faults && random_.chance(70))
    return {Stage::RcptTo, {450, "4.2.0", "greylisted"}, true};
  // Too large for one of the two, or for both.
  if (address.starts_with("huge") || (address.starts_with("large") && name_ == "office"))
    return {Stage::MailFrom, {552, "5.3.4", "too large"}, false};
  take(parcel, address);
  return {Stage::FinalDot, {250, "2.0.0", "queued"}, true};
}

void SimCourier::take(const Parcel& parcel, const std::string& address) {
  mark_sent(parcel);
  ++truth_.copies[{parcel.id, address}];
}

SimCourier::Outcome SimCourier::same_for_all(const Parcel& parcel, const ReplyContext& said,
                                             bool closes) const {
  return {std::vector<ReplyContext>(parcel.recipients.size(), said), closes};
}

}  // namespace mailchute::sim
