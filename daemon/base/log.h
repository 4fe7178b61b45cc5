// What the daemon tells whoever reads its log: one function for each event, so that call sites hold no words
// and the same thing is always said the same way. Any thread. Never blocks: a line that nobody takes is
// dropped and counted. Text from peers must have passed printable() before it comes here; secrets and bodies
// never come here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mailchute::log {

enum class Level { Debug, Info, Warning, Error };
enum class Format { Text, Json };

/// Where the lines go. Once at start, and again at reload. Under systemd ($JOURNAL_STREAM) journald gets each
/// event's fields as its own (base/log_line.h); elsewhere standard error gets lines.
void configure(Level level, Format format);

/// Lines that could not be written so far.
unsigned long dropped();

/// Whom a line about a message speaks of. Empty: nobody in particular.
struct Subject {
  std::string_view id{};
  std::string_view sender{};  ///< `<>` for the null sender.
  std::string_view recipient{};
  std::string_view upstream{};
};

/// What was said to an attempt.
struct Answer {
  std::string_view words{};     ///< One line; stage and reply.
  int code = 0;                 ///< 0: no reply came.
  std::string_view enhanced{};  ///< RFC 3463, `5.7.1`; empty when none came.
  int attempt = 0;              ///< How many attempts have been counted, this one included.
};

// The fate of messages. The id comes first, so that a search for it tells a message's life.
void accepted(std::string_view id, std::string_view sender, std::size_t recipients, std::size_t bytes,
              std::string_view source);
void delivered(const Subject& subject, const Answer& answer);
void deferred(const Subject& subject, const Answer& answer, WallTime next);
void failed(const Subject& subject, const Answer& answer);
void uncertain(const Subject& subject, const Answer& answer);
/// It waits for a person: in doubt for the second time, or the policy says so.
void held(const Subject& subject, const Answer& answer);
void expired(const Subject& subject, const Answer& answer);
void notice_queued(std::string_view id, std::string_view notice_id, std::string_view to);
/// Its sender is told of this failure at the end of the hour, together with others like it.
void notice_gathered(std::string_view id, std::string_view recipient, WallTime told_at);
/// The notice that tells of `count` failures that were gathered.
void digest_queued(std::string_view notice_id, std::string_view to, std::size_t count);
void notice_not_sent(std::string_view id, std::string_view why);

// Clients.
void client_refused(std::string_view peer, std::string_view why);
void client_fault(std::string_view peer, std::string_view why);
/// `user`: a name that exists, or words in its place; never what a client made up, which may be a password.
void client_login_refused(std::string_view peer, std::string_view user, std::string_view why);

// Upstreams.
void upstream_ready(std::string_view upstream, std::string_view peer, std::string_view tls);
void upstream_cooling(std::string_view upstream, std::string_view stage, const Answer& answer,
                      WallTime until);
void upstream_recovered(std::string_view upstream);
/// A limit of ours is used up; mail waits.
void quota_held(std::string_view upstream, std::string_view why, WallTime until);
void upstream_setup(std::string_view upstream, std::string_view why);

// The daemon itself.
void started(std::string_view version, std::string_view configuration);
void listening(std::string_view what);
void stopping(std::string_view why);
void stopped();
void reloaded(std::string_view configuration);
void reload_refused(std::string_view why);
void store_broken(std::string_view why);
void recovered(std::size_t messages);
/// Whether new mail is taken, in words.
void admission_changed(std::string_view state);
/// Mail of this user (empty: of nobody known) is refused: as much of it waits as room is left for all.
void share_spent(std::optional<std::uint32_t> uid, std::uint64_t held_bytes, std::uint64_t left_bytes);
void clock_jumped(Duration by);

/// What a person is told as well (alert/). `event` is the alert's word, `state` open or over; `severity` as
/// in the alert: error, warning or notice.
void alert(std::string_view severity, std::string_view event, std::string_view state,
           std::string_view upstream, std::string_view text, std::string_view detail);

/// For what has no event of its own: `what` is a fixed word, `text` one line.
void note(Level level, std::string_view what, std::string_view text);

/// The dialogue with a peer, at debug; credentials have been replaced by the caller.
void dialogue(std::string_view who, std::string_view direction, std::string_view line);
bool dialogue_wanted();

}  // namespace mailchute::log
