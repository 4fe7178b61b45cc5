#include "sim/day.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/text.h"
#include "schedule/route.h"
#include "settings/load.h"

namespace mailchute::sim {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kApps = 20;
constexpr Duration kDay = hours(24);
/// Long enough for a quota of a day, and for what a provider said shortly before the end of it.
constexpr Duration kQuietTime = hours(60);
/// What an account may see of logins that are refused, whatever is queued.
constexpr std::size_t kRefusedLoginsAnHour = 6;

/// The settings of a person who wrote four lines, with the provider's shipped profile.
Settings settings_for(const Persona& persona, const std::string& profiles) {
  std::string folder = (std::filesystem::temp_directory_path() / "mailchute-day-XXXXXX").string();
  CHECK(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/secret") << "right\n";
  ::chmod((folder + "/secret").c_str(), 0600);
  std::ofstream(folder + "/mailchute.yaml")
      << "root: ops@example.net\nhostname: relay.example.org\nmail_domain: relay.example.org\nupstreams: { "
         "up: { provider: "
      << persona.provider() << ", user: " << persona.user() << ", host: up.test, password_file: secret } }\n";
  LoadOptions options;
  options.path = folder + "/mailchute.yaml";
  options.provider_dirs = {profiles};
  options.system_aliases = folder + "/none";
  Loaded loaded = load(options);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  for (const Diagnostic& diagnostic : loaded.diagnostics)
    if (diagnostic.severity == Diagnostic::Error) std::fprintf(stderr, "%s\n", diagnostic.message.c_str());
  CHECK(loaded.settings.has_value());
  return std::move(*loaded.settings);
}

DispatchOptions dispatch_options(const Settings& settings) {
  return {settings.routes, settings.cooldown, settings.retry, settings.queue.lifetime};
}

UpstreamLimits limits_of(const UpstreamSettings& upstream, const std::string& secret) {
  UpstreamLimits limits;
  limits.connections_max = upstream.max_connections;
  limits.recipients_max = upstream.recipients_per_message;
  limits.secret_fingerprint = secret;
  limits.rate = upstream.rate;
  limits.quota = upstream.quota;
  return limits;
}

std::size_t most_within(std::vector<SteadyTime> moments, Duration span) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < moments.size(); ++last) {
    while (moments[last] - moments[first] >= span) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

Day::Relay::Relay(Day& day)
    : settler(day.queue_, day.loop_, day.loop_, day.random_, day.ids_, SettleOptions::from(day.settings_)),
      dispatcher(day.queue_, day.loop_, day.loop_, day.random_, dispatch_options(day.settings_), settler) {}

Day::Day(const std::string& provider, const std::string& profiles, std::uint64_t seed)
    : random_(seed),
      persona_(make_persona(provider, loop_, random_)),
      server_(*persona_, loop_, random_, dialer_) {
  settings_ = settings_for(*persona_, profiles);
}

Day::~Day() {
  relay_.reset();
  loop_.drop_posted();
}

std::vector<std::string> Day::live() {
  start_relay();
  start_apps();
  plan_troubles();
  loop_.advance(kDay);
  apps_.clear();
  persona_->faults = false;
  loop_.advance(kQuietTime);
  check();
  return wrong_;
}

void Day::start_apps() {
  for (std::size_t i = 0; i < kApps; ++i) {
    App& app = apps_.emplace_back();
    app.sender = i % 4 == 0 ? "root@relay.example.org" : "app" + std::to_string(i) + "@relay.example.org";
    app.every = minutes(10 + random_.below(110));
    app.alarm = loop_.make_alarm();
  }
  for (App& app : apps_) app.alarm->set(Duration(random_.below(3'600'000)), [this, &app] { send(app); });
}

// Each letter has an address of its own, so that a notice can be told to be about it.
void Day::send(App& app) {
  app.alarm->set(app.every, [this, &app] { send(app); });
  NewMessage message;
  message.id = ids_.next();
  const std::string number = std::to_string(++sent_);
  Letter letter;
  letter.message_id = "<" + number + "@app.test>";
  letter.told = !random_.chance(10);
  message.sender = *Mailbox::parse(app.sender);
  message.summary.automatic = !letter.told;
  for (std::uint64_t i = 0, last = random_.below(10) == 0 ? 2 : 0; i <= last; ++i) {
    letter.addresses.push_back((random_.chance(4) ? "nobody" : "user") + number + "-" + std::to_string(i) +
                               "@example.net");
    const Mailbox to = *Mailbox::parse(letter.addresses.back());
    message.recipients.push_back({{to, {}, ""}, choose_route(settings_.routes, message.sender, to)});
  }
  const std::string content = "From: " + app.sender + "\r\nSubject: report " + number +
                              "\r\nMessage-ID: " + letter.message_id + "\r\n\r\n" +
                              (random_.chance(2) ? "banned words\r\n" : "all is well\r\n");
  message.bytes = content.size();
  message.received = loop_.wall();
  message.expires = message.received + settings_.queue.lifetime;
  const MessageId id = message.id;
  auto draft = queue_.open(id, std::nullopt);
  draft->append(content);
  draft->commit(std::move(message), [this, id, letter](const QueueResult<void>& result) {
    if (result) letters_[id] = letter;
  });
}

void Day::start_relay() {
  relay_ = std::make_unique<Relay>(*this);
  const UpstreamSettings& upstream = settings_.upstreams.front();
  FetchSecret fetch = [this, name = upstream.name](UniqueFunction<void(Result<Secret>)> then) {
    loop_.post([this, name, then = std::move(then)]() mutable {
      if (relay_ == nullptr) return;
      relay_->dispatcher.secret_changed(name, password_);
      then(Secret(password_));
    });
  };
  auto courier = std::make_unique<Upstream>(upstream, settings_.hostname, std::move(fetch),
                                            DeliveryTools{dialer_, loop_, loop_, queue_}, relay_->dispatcher);
  relay_->dispatcher.add(upstream.name, std::move(courier), limits_of(upstream, password_));
  std::vector<UpstreamState> saved;
  for (const auto& [name, state] : queue_.upstreams) saved.push_back(state);
  relay_->settler.start();
  relay_->dispatcher.start({std::move(saved), queue_.spendings, queue_.narrowed_routes()});
}

void Day::crash() {
  relay_.reset();
  queue_.crash();
  loop_.drop_posted();
  queue_.restart();
  start_relay();
}

void Day::at(Duration hour, UniqueFunction<void()> then) {
  troubles_.push_back(loop_.make_alarm());
  troubles_.back()->set(hour, std::move(then));
}

// The provider is down, the code is revoked and replaced hours later, the daemon is killed.
void Day::plan_troubles() {
  at(hours(3), [this] { persona_->down = true; });
  at(hours(4), [this] { persona_->down = false; });
  at(hours(6), [this] { persona_->password = "changed"; });
  // Somebody who starts it again and again, and asks for one more login each time.
  for (int i = 0; i < 40; ++i)
    at(hours(7) + minutes(3 * i) + Duration(random_.below(60'000)), [this] {
      crash();
      relay_->dispatcher.resume(settings_.upstreams.front().name);
    });
  at(hours(10), [this] { new_password("changed"); });
  at(hours(13), [this] { crash(); });
  at(hours(17), [this] { crash(); });
}

void Day::new_password(const std::string& password) {
  password_ = password;
  relay_->dispatcher.secret_changed(settings_.upstreams.front().name, password_);
}

void Day::check() {
  for (const auto& [id, letter] : letters_) {
    const auto message = queue_.messages.find(id);
    if (message == queue_.messages.end()) {
      wrong(letter.message_id + " was accepted and is gone");
      continue;
    }
    for (const auto& row : message->second.rows) check_letter(id, letter, row);
  }
  check_logins();
}

void Day::check_letter(MessageId id, const Letter& letter, const fake::FakeQueue::Row& row) {
  const std::string address = row.recipient.recipient.mailbox.text();
  const Posted posted{letter.message_id, address};
  const std::string name = id.text() + " to " + address;
  const auto copies = persona_->record.copies.contains(posted) ? persona_->record.copies.at(posted) : 0;

  if (copies > 1 && !row.in_doubt)
    wrong(name + " arrived " + std::to_string(copies) + " times without a doubt");
  if (row.state == RecipientState::Delivered && copies == 0)
    wrong(name + " is marked delivered and never arrived");
  if (row.state == RecipientState::Queued || row.state == RecipientState::Sending)
    wrong(name + " is still waiting: " + reply_line(row.reply));
  if (row.state == RecipientState::Held && !row.in_doubt) wrong(name + " is held without a doubt");
  const bool deserved = persona_->record.refused.contains(posted) || address.starts_with("nobody");
  if (row.state != RecipientState::Failed) return;
  if (!deserved) wrong(name + " failed for what would have passed: " + reply_line(row.reply));
  const std::size_t told = times_told(address);
  if (letter.told && told != 1) wrong(name + " failed, and that was told " + std::to_string(told) + " times");
}

// In a notice, each recipient's name is followed by what became of it.
std::size_t Day::times_told(const std::string& address) const {
  const std::string words = "; " + address + "\r\nAction: failed";
  return static_cast<std::size_t>(
      std::count_if(queue_.messages.begin(), queue_.messages.end(), [&](const auto& entry) {
        return entry.second.facts.notice && entry.second.content.find(words) != std::string::npos;
      }));
}

void Day::check_logins() {
  const std::size_t most = most_within(persona_->record.refused_logins, hours(1));
  if (most > kRefusedLoginsAnHour) wrong(std::to_string(most) + " refused logins within an hour");
}

std::string Day::summary() const {
  std::map<RecipientState, std::size_t> states;
  std::size_t doubts = 0;
  std::size_t notices = 0;
  for (const auto& [id, message] : queue_.messages) {
    notices += message.facts.notice ? 1 : 0;
    for (const auto& row : message.rows) {
      ++states[row.state];
      doubts += row.in_doubt ? 1 : 0;
    }
  }
  const auto count = [&](RecipientState state) {
    return std::to_string(states.contains(state) ? states.at(state) : 0);
  };
  return std::string(persona_->provider()) + ": " + std::to_string(letters_.size()) + " messages and " +
         std::to_string(notices) + " notices: " + count(RecipientState::Delivered) + " delivered, " +
         count(RecipientState::Failed) + " failed, " + count(RecipientState::Held) + " held, " +
         std::to_string(doubts) + " in doubt; " + std::to_string(persona_->record.logins.size()) +
         " logins, " + std::to_string(persona_->record.refused_logins.size()) + " of them refused besides";
}

}  // namespace mailchute::sim
