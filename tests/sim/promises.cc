// What the relay promises, held against what the providers really took. Part of World.
#include <algorithm>
#include <set>

#include "deliver/refusal_row.h"
#include "sim/world.h"
#include "store/route_text.h"

namespace mailchute::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// A retry or a cooldown is never further away than this.
constexpr Duration kWholeWait = hours(12);

constexpr std::size_t kRefusedLoginsAnHour = 6;

int count_of(const std::map<Letter, int>& counts, const Letter& letter) {
  const auto found = counts.find(letter);
  return found == counts.end() ? 0 : found->second;
}

bool any_between(const std::vector<SteadyTime>& moments, SteadyTime from, SteadyTime to) {
  return std::any_of(moments.begin(), moments.end(), [&](SteadyTime at) { return at >= from && at <= to; });
}

bool can_be_delivered(const std::string& address) {
  return address.starts_with("good") || address.starts_with("slow") || address.starts_with("large");
}

}  // namespace

// Whatever an app was told is safe is delivered, queued, or its sender was told.
void World::check() {
  for (const auto& [id, accepted] : accepted_) {
    const auto message = queue_.messages.find(id);
    if (message == queue_.messages.end()) {
      wrong(id.text() + " was accepted and is gone");
      continue;
    }
    if (message->second.rows.size() != accepted.addresses.size()) wrong(id.text() + " lost a recipient");
    for (const auto& row : message->second.rows) check_letter(id, accepted, row);
    check_told_late(id, accepted);
  }
  for (const auto& [name, provider] : providers_) check_logins(name, provider);
  for (const auto& [name, provider] : providers_) check_refused_logins(name, provider);
  check_blocked();
}

void World::check_letter(MessageId id, const Accepted& accepted, const fake::FakeQueue::Row& row) {
  const std::string address = row.recipient.recipient.mailbox.text();
  const std::string name = id.text() + " to " + address;
  const int copies = count_of(truth_.copies, {id, address});

  if (row.state == RecipientState::Delivered && copies == 0)
    wrong(name + " is marked delivered and never arrived");
  if (copies > 1 && !row.in_doubt)
    wrong(name + " arrived " + std::to_string(copies) + " times without a doubt");
  if (copies > 0 && row.state == RecipientState::Queued && !row.in_doubt)
    wrong(name + " arrived and is to be sent again");
  if (row.attempts > count_of(truth_.judged, {id, address}))
    wrong(name + " was charged for an upstream's trouble");
  // What expired after it went on keeps its narrowed route, unless a clock that was moved had all retried.
  const bool went_on = !route_refusers(row.recipient.route).empty() || clock_moved_;
  if (row.state == RecipientState::Failed && row.reply.code == 552 && !row.in_doubt && !went_on &&
      can_be_delivered(address))
    wrong(name + " came back, though another upstream of its route takes it");
  if (row.state == RecipientState::Failed) {
    check_told(id, accepted, address);
    check_early_expiry(id, accepted, row);
  }
}

// Told once: by a notice or a digest that names it, or by a digest that will.
void World::check_told(MessageId id, const Accepted& accepted, const std::string& address) {
  const std::size_t told = notices_about(address, "failed") + gathered_about(address);
  if (accepted.has_sender && told == 0) wrong(id.text() + " to " + address + " failed and nobody was told");
  if (told > 1) wrong(id.text() + " to " + address + " failed once and was told more than once");
  if (!accepted.has_sender && told > 0) wrong(id.text() + " has no sender and got a notice");
}

void World::check_told_late(MessageId id, const Accepted& accepted) {
  for (const std::string& address : accepted.addresses) {
    const std::size_t told = notices_about(address, "delayed");
    if (told > (accepted.has_sender ? 1 : 0))
      wrong(id.text() + " to " + address + " was called late too often");
  }
}

// In a notice, each recipient's name is followed by what became of it.
std::size_t World::notices_about(const std::string& address, const char* action) const {
  const std::string words = "; " + address + "\r\nAction: " + action;
  return static_cast<std::size_t>(
      std::count_if(queue_.messages.begin(), queue_.messages.end(), [&](const auto& entry) {
        return entry.second.facts.notice && entry.second.content.find(words) != std::string::npos;
      }));
}

std::size_t World::gathered_about(const std::string& address) const {
  std::size_t count = 0;
  for (const auto& [key, digest] : queue_.digests)
    for (const DigestEntry& entry : digest.entries)
      if (entry.recipient.mailbox.text() == address) ++count;
  return count;
}

// Judged by the clock that nobody can move. After a restart that clock is not known any more.
void World::check_early_expiry(MessageId id, const Accepted& accepted, const fake::FakeQueue::Row& row) {
  const std::string address = row.recipient.recipient.mailbox.text();
  if (truth_.refused.contains({id, address}) || starts_ != accepted.starts) return;
  const Duration lifetime = dispatch_options().lifetime;
  if (loop_.steady() - accepted.at < lifetime)
    wrong(id.text() + " to " + address + " expired before its time");
}

// At most one login a cooldown, and each cooldown after a failed one twice as long.
void World::check_logins(const std::string& name, const Provider& provider) {
  const auto& logins = provider.refused_logins;
  Duration least = minutes(15);
  std::size_t together = 1;
  for (std::size_t i = 1; i < logins.size(); ++i) {
    const Duration gap = logins[i].at - logins[i - 1].at;
    const bool fresh =
        logins[i].answers != logins[i - 1].answers || any_between(forgiven_, logins[i - 1].at, logins[i].at);
    if (gap <= seconds(2)) {
      // Connections that were being opened when the first was refused.
      if (++together > 3 && !fresh) wrong(name + ": too many logins at once");
      continue;
    }
    together = 1;
    // The store keeps one ladder an upstream: after a restart the login's may begin anew, but not be skipped.
    const bool begins_anew = fresh || any_between(restarts_, logins[i - 1].at, logins[i].at);
    if (begins_anew) least = minutes(15);
    if (!fresh && gap < least) wrong(name + ": a login was tried before its cooldown was over");
    if (!begins_anew) least = std::min<Duration>(2 * least, hours(6));
  }
}

// Never more than six within an hour, whoever is killed, started, reloaded or resumed meanwhile. A wall clock
// that is moved is all that a start has to go by.
void World::check_refused_logins(const std::string& name, const Provider& provider) {
  const auto& logins = provider.refused_logins;
  for (std::size_t i = kRefusedLoginsAnHour; i < logins.size() && !clock_moved_; ++i)
    if (logins[i].at - logins[i - kRefusedLoginsAnHour].at < hours(1))
      wrong(name + ": more than six refused logins within an hour");
}

// Of those whom a provider refuses in the same words, as many messages come back as tell that it refuses all.
// Notices go to the same few again and again, which tells nothing.
void World::check_blocked() {
  std::map<std::string, std::size_t> failed;
  for (const auto& [id, accepted] : accepted_) {
    std::set<std::string> said;
    for (const auto& row : queue_.messages.at(id).rows)
      if (row.reply.text.starts_with("Transaction failed") &&
          truth_.refused.contains({id, row.recipient.recipient.mailbox.text()}))
        said.insert(row.reply.text);
    for (const std::string& text : said) ++failed[text];
  }
  for (const auto& [text, count] : failed)
    if (count > RefusalRow::kInARow) wrong(std::to_string(count) + " messages came back: " + text);
}

// Once all is well again nothing that can be delivered is left behind, and the relay goes to sleep.
void World::check_end() {
  for (const auto& [key, digest] : queue_.digests) wrong("a digest for " + key.sender + " was never told");
  for (const auto& [id, message] : queue_.messages)
    for (const auto& row : message.rows) {
      const bool waits = row.state == RecipientState::Queued || row.state == RecipientState::Sending;
      const std::string name = id.text() + " to " + row.recipient.recipient.mailbox.text();
      if (waits && can_be_delivered(row.recipient.recipient.mailbox.text())) wrong(name + " was left behind");
      if (waits && message.facts.expires + kWholeWait < loop_.wall())
        wrong(name + " neither delivered nor given up");
    }
}

}  // namespace mailchute::sim
