// The couriers' half of the dispatcher: what comes back of what was handed over, and what that says about the
// upstream.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "mail/reply.h"
#include "mail/verdict.h"
#include "schedule/dispatcher.h"
#include "schedule/upstream_record.h"

namespace mailchute {

namespace {

/// The moment of the last success is kept this often; for `status` after a restart it is exact enough.
constexpr Duration kSuccessKept = std::chrono::minutes(5);

Pause pause_after(const UpstreamTrouble& trouble) {
  const bool login = trouble.kind == UpstreamTrouble::Kind::Login;
  return trouble.pause.value_or(Pause{login ? Pause::Kind::Login : Pause::Kind::Connection});
}

}  // namespace

void Dispatcher::on_attempt(const std::string& upstream, Attempt attempt, UniqueFunction<void()> settled) {
  const Flight flight = come_back(attempt.parcel);
  // Whichever courier it was, the provider counts it.
  if (Upstream* sender = find(upstream))
    sender->quota.spend(attempt.parcel.recipients.size(), clock_.steady());
  if (Upstream* known = present(flight)) {
    judge(*known, attempt);
    // Asked for before the settlement is: a refusal that is on disk is in the row that is on disk.
    if (attempt.refused_alike) {
      known->refused_alike = std::move(*attempt.refused_alike);
      save(*known);
    }
  }
  ++settling_count_;
  auto end = [this, upstream, routing = flight.routing,
              settled = std::move(settled)](const Settling::Settled& end_of_it) mutable {
    --settling_count_;
    if (end_of_it.kept) settled();
    if (end_of_it.next_attempt) due_again_at(*end_of_it.next_attempt, upstream, routing);
    if (!end_of_it.narrowed_route.empty()) go_on(end_of_it.narrowed_route);
    pump();
  };
  settling_.settle(std::move(attempt), lifeline_.bind(std::move(end)));
  pump();
}

// Where routes were given anew since it was claimed, nobody here knows which one it has now.
void Dispatcher::due_again_at(WallTime when, const std::string& upstream, std::size_t routing) {
  if (routing == routing_) return lanes_.due_at(upstream, when);
  lanes_.all_due_at(when);
}

// Somebody of it is due at once. Where the routes have changed meanwhile, it may be in any of them.
void Dispatcher::go_on(const std::string& narrowed_route) {
  lanes_.add_route(narrowed_route);
  lanes_.all_may_be_due();
}

void Dispatcher::on_returned(const std::string& upstream, Returned returned) {
  const Flight flight = come_back(returned.parcel);
  Upstream* known = present(flight);
  queue_.give_back(returned.parcel);
  if (flight.routing == routing_)
    lanes_.may_be_due(upstream);
  else
    lanes_.all_may_be_due();
  // A courier that returns mail without ever saying why must not be handed the same mail for ever. One that
  // was told to leave the upstream alone has its reason, and so has one whose secret is not in use any more.
  const bool silent = known != nullptr && !known->explained && known->breaker.usable(clock_.steady());
  if (silent && life_ == Life::Running) {
    const Reply reply{0, {}, "the message came back without an answer"};
    note(*known, known->breaker.stumbled(Stage::MailFrom, reply, moment(clock_), random_.next()));
  }
  pump();
}

void Dispatcher::on_login(const std::string& upstream, LoginNews news) {
  Upstream* known = find(upstream);
  if (known == nullptr) return;
  if (news == LoginNews::Presented) {
    known->breaker.login_begins(moment(clock_));
    return queue_.mark_login(upstream);
  }
  known->breaker.login_unjudged();
  queue_.login_taken(upstream);
}

void Dispatcher::on_ready(const std::string& upstream) {
  queue_.login_taken(upstream);
  if (Upstream* known = find(upstream)) note(*known, known->breaker.ready(clock_.steady()));
  pump();
}

void Dispatcher::on_trouble(const std::string& upstream, UpstreamTrouble trouble) {
  Upstream* known = find(upstream);
  if (known == nullptr) return;
  known->explained = true;
  if (trouble.kind == UpstreamTrouble::Kind::Setup) {
    log::upstream_setup(upstream, reply_line(trouble.reply));
    note(*known,
         known->breaker.unprepared(trouble.stage, std::move(trouble.reply), moment(clock_), random_.next()));
    return pump();
  }
  if (is_of_former_secret(upstream, trouble)) return other_secret_refused(upstream, std::move(trouble.reply));
  const bool login = trouble.stage == Stage::Auth;
  const Breaker::Change change = known->breaker.trouble(
      pause_after(trouble), trouble.stage, std::move(trouble.reply), moment(clock_), random_.next());
  login ? login_ended(*known, change) : note(*known, change);
  pump();
}

// Also one that changes nothing else is one more of the hour.
void Dispatcher::login_ended(Upstream& upstream, Breaker::Change change) {
  note(upstream, change);
  if (change == Breaker::Change::None) save(upstream);
}

Dispatcher::Flight Dispatcher::come_back(const Parcel& parcel) {
  const auto found = in_flight_.find(flight_key(parcel));
  CHECK(found != in_flight_.end());
  const Flight flight = found->second;
  in_flight_.erase(found);
  --flight.upstream->in_flight;
  flight.upstream->recipients_in_flight -= parcel.recipients.size();
  // While it was being sent, no look at what expires could see it.
  check_expiry_in(std::max<Duration>(parcel.expires - clock_.wall(), std::chrono::seconds(1)));
  if (present(flight) == nullptr) sweep_alarm_->set(Duration::zero(), lifeline_.bind([this] { sweep(); }));
  return flight;
}

// The upstream it comes from, if that is still configured as it was: what a replaced one brings says nothing
// about the new one.
Dispatcher::Upstream* Dispatcher::present(const Flight& flight) const {
  return find(flight.upstream->name) == flight.upstream ? flight.upstream : nullptr;
}

// What the replies to a message say about the upstream. One attempt is one word in a row, however many
// recipients it was said of.
void Dispatcher::judge(Upstream& upstream, const Attempt& attempt) {
  const Moment now = moment(clock_);
  bool answered = false;
  const Verdict* pausing = nullptr;
  for (const Verdict& verdict : attempt.verdicts) {
    if (verdict.fate == Fate::Delivered) upstream.breaker.delivered(now.wall);
    if (verdict.pause && pausing == nullptr) pausing = &verdict;
    answered = answered || (verdict.blame != Blame::Upstream && verdict.reply.code != 0);
  }
  if (pausing != nullptr && upstream.breaker.insists(pausing->rule, pausing->pause->after))
    return note(upstream, upstream.breaker.trouble(*pausing->pause, pausing->stage, pausing->reply, now,
                                                   random_.next()));
  if (answered) {
    note(upstream, upstream.breaker.answered(now.steady));
    if (!upstream.saved_at || *upstream.saved_at + kSuccessKept <= now.steady) save(upstream);
    return;
  }
  CHECK(!attempt.verdicts.empty());
  const Verdict& first = attempt.verdicts.front();
  note(upstream, upstream.breaker.stumbled(first.stage, first.reply, now, random_.next()));
}

}  // namespace mailchute
