// Remembers how one upstream fares, and says whether it may be bothered now and with how many connections.
// Pure: reads no clock, draws no random number of its own, touches no store. It never touches a message: an
// upstream's trouble costs no message an attempt. Deadlines run on the steady clock, so that a jump of the
// wall clock neither freezes an upstream nor opens it early; the wall's time is kept for people and for the
// next start.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "mail/reply.h"
#include "mail/verdict.h"
#include "schedule/login_count.h"
#include "schedule/moment.h"
#include "settings/settings.h"
#include "store/queue.h"

namespace mailchute {

/// How long an upstream rests: the first time, and at most, as it doubles from one time to the next.
struct Ladder {
  Duration first{};
  Duration max{};
};

/// What the rule left open, the kind's own ladder says. Not for a pause that ends with the day.
Ladder pause_ladder(const Pause& pause, const Settings::Cooldown& cooldown);

class Breaker {
 public:
  /// Ramp: works, with fewer connections than it may have. Flowing: works. Cooling: left alone. Probing: the
  /// cooldown is over, one connection may find out.
  enum class Phase { Ramp, Flowing, Cooling, Probing };

  /// Each kind has its own ladder of cooldowns, where a rule does not bring one.
  using Trouble = Pause::Kind;

  /// What a report changed, for the log and the store.
  enum class Change { None, Cooled, Recovered };

  /// Begins at Ramp with one connection: a wrong password is tried once, not once a connection.
  Breaker(std::string name, Settings::Cooldown cooldown, std::size_t connections_max);

  /// Takes up what was saved. A cooldown that no rule could have asked for (the wall clock was moved) is cut:
  /// one for Connection to its ladder's top, others to a day. Cooled: six logins came to nothing within the
  /// hour, and the next one has to wait for longer than what was saved says.
  Change restore(const UpstreamState& state, Moment now);

  /// What must survive a restart. Trouble is `none` once a connection was ready again.
  UpstreamState state() const;

  Phase phase(SteadyTime now) const;

  /// Neither paused nor cooling.
  bool usable(SteadyTime now) const;

  /// 0 while it is left alone, 1 while probing, the ramp's step, or the maximum.
  std::size_t connections_allowed(SteadyTime now) const;

  /// A connection could not be used at all, or a reply asked for a pause. `random` lengthens the cooldown by
  /// up to a tenth (of an hour at most where it ends with the day). Further troubles during a cooldown count
  /// as the same one, except that a graver kind takes a milder one's place, never with an earlier end.
  /// Refused logins are never more than six an hour, unless the configured ladder itself begins faster than
  /// that.
  Change trouble(const Pause& pause, Stage stage, Reply reply, Moment now, std::uint64_t random);

  /// Our own side is not ready: no secret that can be read, no roots. Rests like a connection that failed,
  /// and is no login that counts.
  Change unprepared(Stage stage, Reply reply, Moment now, std::uint64_t random);

  /// `rule` spoke in an attempt: true when it has now done so `times` times in a row. Another rule, or a
  /// delivery, begins a new row.
  bool insists(const std::string& rule, int times);

  /// The upstream ended a transaction without judging it (421, a lost connection). A few in a row are
  /// forgiven: servers close connections after so many messages. Then it counts as trouble of the connection.
  Change stumbled(Stage stage, Reply reply, Moment now, std::uint64_t random);

  /// A connection presents its credential: that counts as a refused login until ready(), trouble() at
  /// Stage::Auth, or login_unjudged(), which is for a login that ended without a word about the credential.
  void login_begins(Moment now) { logins_.presented(now); }
  void login_unjudged() { logins_.taken(); }

  /// A connection is logged in. Ends a cooldown for Connection; a graver one runs on.
  Change ready(SteadyTime now);

  /// A transaction was judged on its merits, whatever the judgement: the ladder starts from its first step
  /// again.
  Change answered(SteadyTime now);

  /// A message was delivered; `now` becomes the last success. Comes besides answered().
  void delivered(WallTime now);

  /// No login was ever followed by a delivery: the credential may never have been right.
  bool never_worked() const { return !last_success_; }

  /// The next connection is the first after none: again one, then more.
  void begin_again() { ramp_ = 1; }

  /// The operator's doing; both survive a restart. resume() also forgives.
  void pause() { paused_ = true; }
  void resume(Moment now);
  bool paused() const { return paused_; }

  /// Other settings, a new secret: whatever was is forgotten, the next connection is tried at once. Only the
  /// six refused logins of an hour are not: after the sixth the next one waits, whoever asks.
  void forgive(Moment now);

  /// A reload that changed nothing here: a connection that failed is tried at once. What the upstream itself
  /// said (a refused login, a limit) holds as long as it did.
  void reloaded(Moment now);

  /// The secret in use. Forgives a refused login when it is another one than before.
  Change secret(const std::string& fingerprint, Moment now);

  /// A login beside delivery: a person tries the secret in use at the command line. Refused, it is trouble()
  /// like any other; taken, it forgives refused logins and connections that failed, but no limit.
  Change login_taken(SteadyTime now);

  /// A person tried a secret that is not the one in use, and it was refused: this counts among the six an
  /// hour, and with the last of them the upstream is left alone, but nothing is known against our own.
  Change other_secret_refused(Reply reply, Moment now);

  /// One more login with this secret would be one that has been refused: the cooldown of a login runs, and it
  /// is the same secret or one that leaves no mark (an empty fingerprint).
  bool login_rests(const std::string& fingerprint, SteadyTime now) const;

  /// After a reload.
  void configure(Settings::Cooldown cooldown, std::size_t connections_max);

  /// The end of the cooldown that runs at `now`; empty when none does.
  std::optional<SteadyTime> wakes_at(SteadyTime now) const;

  Trouble kind() const { return cooling_ ? kind_ : Trouble::None; }
  /// Of that kind, in a row.
  int failures() const { return failures_[static_cast<std::size_t>(kind_)]; }

 private:
  struct Cooling {
    SteadyTime until;
    WallTime shown_until;
  };

  Duration cooldown_length(const Pause& pause, Moment now, std::uint64_t random) const;
  bool is_of_login() const;
  Duration until_login_due(SteadyTime now) const;
  Change rest(const Pause& pause, Stage stage, Reply reply, Moment now, std::uint64_t random);
  void forget();
  Change hold_logins(Moment now);
  Change recover();
  int& failures_of(Trouble kind) { return failures_[static_cast<std::size_t>(kind)]; }

  std::string name_;
  Settings::Cooldown cooldown_;
  std::size_t connections_max_;
  std::size_t ramp_ = 1;
  Trouble kind_ = Trouble::None;  ///< The latest.
  std::array<int, 6>
      failures_{};  ///< In a row, by Trouble; they outlive a cooldown until something is answered.
  int stumbles_ = 0;
  std::string rule_;  ///< The last that insists() was asked about.
  int rule_spoke_ = 0;
  LoginCount logins_;
  std::optional<Cooling> cooling_;
  bool held_ = false;  ///< It cools for nothing but the six logins of an hour.
  bool paused_ = false;
  Stage stage_ = Stage::Connect;
  Reply reply_;
  std::optional<WallTime> last_success_;
  std::string fingerprint_;
};

}  // namespace mailchute
