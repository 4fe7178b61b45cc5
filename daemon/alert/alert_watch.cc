#include "alert/alert_watch.h"

#include <algorithm>
#include <utility>

#include "alert/alert_words.h"

namespace mailchute {

namespace {

/// A trouble that lasts is told again after this: what was read on Friday is forgotten on Monday.
constexpr Duration kTellAgain = std::chrono::hours(24);

AlertEvent event_of(AlertWatch::Trouble kind) {
  switch (kind) {
    case AlertWatch::Trouble::Connection: return AlertEvent::UpstreamDown;
    case AlertWatch::Trouble::Certificate: return AlertEvent::Certificate;
    case AlertWatch::Trouble::Login: return AlertEvent::LoginRefused;
    case AlertWatch::Trouble::Secret: return AlertEvent::Secret;
    case AlertWatch::Trouble::Rate: return AlertEvent::QuotaHeld;
  }
  return AlertEvent::UpstreamDown;
}

bool is_happening(AlertEvent event) {
  return event == AlertEvent::MessageUntold || event == AlertEvent::ProviderAsks;
}

}  // namespace

// A trouble further on proves that what comes before it works; one further back proves nothing.
void AlertWatch::trouble(const std::string& upstream, Trouble kind, std::string words, AlertTime now) {
  AlertNews& alert = seen(event_of(kind), upstream, now).alert;
  alert.detail = std::move(words);
  ++alert.count;
  if (kind == Trouble::Certificate || kind == Trouble::Login) gone(AlertEvent::UpstreamDown, upstream, now);
  if (kind == Trouble::Login) gone(AlertEvent::Certificate, upstream, now);
  if (kind == Trouble::Login) gone(AlertEvent::Secret, upstream, now);
}

void AlertWatch::ready(const std::string& upstream, AlertTime now) {
  for (const AlertEvent event :
       {AlertEvent::UpstreamDown, AlertEvent::Certificate, AlertEvent::LoginRefused, AlertEvent::Secret})
    gone(event, upstream, now);
}

void AlertWatch::delivered(const std::string& upstream, AlertTime now) {
  ready(upstream, now);
  gone(AlertEvent::QuotaHeld, upstream, now);
}

void AlertWatch::happened(AlertEvent event, const std::string& upstream, std::string words, AlertTime now) {
  AlertNews& alert = seen(event, upstream, now).alert;
  alert.detail = std::move(words);
  ++alert.count;
  if (is_happening(event)) gone(event, upstream, now);
}

void AlertWatch::look(const AlertFacts& facts, AlertTime now) {
  const auto is = [&](AlertEvent event, bool so) {
    if (so)
      seen(event, "", now);
    else
      gone(event, "", now);
  };
  is(AlertEvent::DiskReserve, facts.room == AlertFacts::Room::DiskReserve);
  is(AlertEvent::QueueFull, facts.room == AlertFacts::Room::QueueFull);
  look_at_oldest(facts.oldest, now);
  look_at_held(facts.held, now);
}

void AlertWatch::look_at_oldest(const std::optional<WallTime>& oldest, AlertTime now) {
  const bool old =
      oldest && rules_.oldest_message > Duration::zero() && now.wall - *oldest >= rules_.oldest_message;
  if (!old) return gone(AlertEvent::OldestMessage, "", now);
  seen(AlertEvent::OldestMessage, "", now).alert.since = *oldest;
}

// Whoever began it, a reply or our own ledger: it ends with the next delivery.
void AlertWatch::look_at_held(const std::vector<std::string>& held, AlertTime now) {
  for (const std::string& upstream : held) seen(AlertEvent::QuotaHeld, upstream, now);
}

// Counted by those who see it happen; a look sees only that it lasts.
AlertWatch::Entry& AlertWatch::seen(AlertEvent event, const std::string& upstream, AlertTime now) {
  const auto [at, is_new] = entries_.try_emplace({event, upstream});
  Entry& entry = at->second;
  if (is_new) {
    entry.alert.event = event;
    entry.alert.upstream = upstream;
    entry.alert.since = now.wall;
    entry.alert.count = 0;
    entry.began = now.steady;
  }
  entry.calm.reset();
  return entry;
}

void AlertWatch::gone(AlertEvent event, const std::string& upstream, AlertTime now) {
  const auto found = entries_.find({event, upstream});
  if (found != entries_.end() && !found->second.calm) found->second.calm = now.steady;
}

void AlertWatch::reconfigure(AlertRules rules, const std::vector<std::string>& upstreams) {
  rules_ = rules;
  std::erase_if(entries_, [&](const auto& each) {
    const std::string& upstream = each.first.second;
    return !upstream.empty() && std::find(upstreams.begin(), upstreams.end(), upstream) == upstreams.end();
  });
}

bool AlertWatch::is_ripe(const Entry& entry, AlertTime now) const {
  const AlertEvent event = entry.alert.event;
  if (entry.calm && !is_happening(event)) return false;
  if (event == AlertEvent::LoginRefused &&
      (rules_.login_refused == 0 || entry.alert.count < rules_.login_refused))
    return false;
  if (!entry.told) return now.steady - entry.began >= manners_of(event).patience;
  const bool more = !is_happening(event) || entry.alert.count > entry.told_count;
  return more && now.steady - *entry.told >= kTellAgain;
}

/// What was never told needs no end either.
bool AlertWatch::is_over(const Entry& entry, AlertTime now) {
  if (!entry.calm) return false;
  return !entry.told || now.steady - *entry.calm >= manners_of(entry.alert.event).calm;
}

std::vector<AlertNews> AlertWatch::due(AlertTime now) {
  std::vector<AlertNews> alerts;
  const auto tell = [&](Entry& entry, AlertNews::State state) {
    entry.alert.state = state;
    entry.alert.at = now.wall;
    entry.alert.count = std::max<std::size_t>(entry.alert.count, 1);
    put_into_words(entry.alert);
    entry.told = now.steady;
    entry.told_count = entry.alert.count;
    alerts.push_back(entry.alert);
  };
  for (auto& [key, entry] : entries_) {
    if (is_ripe(entry, now))
      tell(entry, AlertNews::State::Open);
    else if (entry.told && is_over(entry, now))
      tell(entry, AlertNews::State::Over);
  }
  std::erase_if(entries_, [&](const auto& each) {
    const Entry& entry = each.second;
    return entry.alert.state == AlertNews::State::Over || is_over(entry, now);
  });
  return alerts;
}

std::vector<AlertNews> AlertWatch::open() const {
  std::vector<AlertNews> alerts;
  for (const auto& [key, entry] : entries_)
    if (entry.told) alerts.push_back(entry.alert);
  std::sort(alerts.begin(), alerts.end(),
            [](const AlertNews& a, const AlertNews& b) { return a.since < b.since; });
  return alerts;
}

}  // namespace mailchute
