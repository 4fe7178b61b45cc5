#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/exit_codes.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/looking.h"
#include "command/message_list.h"
#include "command/progress.h"
#include "command/queue_access.h"
#include "command/selection.h"
#include "command/turn.h"
#include "command/words.h"
#include "control/json.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// Of one request: with quotes and commas far below kRequestBytes.
constexpr std::size_t kIdsPerRequest = 10'000;
/// Of one that a person watches: well below a second of work.
constexpr std::size_t kIdsPerPiece = 1'000;

/// Few enough to be read before one says yes.
constexpr std::size_t kShownBeforeAsking = 10;

struct Verb {
  const char* name;
  Operation operation;
  const char* would;  ///< Behind a count.
  const char* done;
};
constexpr Verb kVerbs[] = {{"retry", Operation::Retry, "would be due now", "due now"},
                           {"hold", Operation::Hold, "would be held", "held"},
                           {"release", Operation::Release, "would be released", "released"},
                           {"remove", Operation::Remove, "would be removed", "removed"}};

const Verb& verb_of(const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const Verb& verb) { return verb.name == name; });
  CHECK(found != std::end(kVerbs));
  return *found;
}

/// What is to be done to which messages.
struct Deed {
  const Verb& verb;
  Selection selection;
};

Result<void> check_usage(const CommonOptions& options, const QueueChangeOptions& change) {
  const QueueFilters& filters = change.filters;
  const bool ids = !filters.ids.empty();
  const std::string command = next_command(options, "queue " + change.operation);
  if (!ids && !change.all && !has_filter(filters))
    return fail("which messages? next: " + command + " with ids, filters, or --all", exit_code::kUsage);
  if (ids && change.all) return fail("either ids or --all; next: " + command + " --all", exit_code::kUsage);
  if (filters.state == "delivered" || filters.state == "failed" || filters.state == "any")
    return fail("a message that is finished cannot be changed; next: " +
                    next_command(options, "queue list --state " + filters.state),
                exit_code::kUsage);
  return {};
}

Result<Deed> make_deed(const Settings& settings, const QueueChangeOptions& change, WallTime now) {
  Deed deed{verb_of(change.operation), TRY(to_selection(change.filters, now))};
  deed.selection.ids = TRY(resolve_ids(settings, change.filters.ids));
  return deed;
}

/// Lists what is meant, and changes nothing; the exit code of a dry run.
Result<int> show_meant(const CommonOptions& options, const Settings& settings, const Deed& deed,
                       WallTime now) {
  auto reader = TRY(open_reader(settings));
  const auto wanted = [&deed](const SeenMessage& message) { return touches(deed.verb.operation, message); };
  const std::size_t count = TRY(print_messages(reader, deed.selection, options.output, now, wanted));
  say(counted(count, "message") + " " + deed.verb.would);
  return count == 0 ? kNothing : 0;
}

/// How many messages are meant, for the question; empty when we may not look.
std::optional<std::size_t> count_meant(const Settings& settings, const Deed& deed) {
  auto reader = open_reader(settings);
  if (!reader) return std::nullopt;
  std::size_t count = 0;
  const auto listed = reader->list(deed.selection, SIZE_MAX, [&](const SeenMessage& message) {
    if (touches(deed.verb.operation, message)) ++count;
  });
  return listed ? std::optional(count) : std::nullopt;
}

enum class Consent { Given, Refused };

// A removal cannot be taken back, and a filter may mean more than its author thought.
Result<Consent> ask_consent(const CommonOptions& options, const Settings& settings,
                            const QueueChangeOptions& change, const Deed& deed) {
  const bool bulk = change.filters.ids.empty();
  if (change.yes || (!bulk && deed.verb.operation != Operation::Remove)) return Consent::Given;
  if (!someone_to_ask())
    return fail(
        "nobody is here to confirm it; next: the same with --dry-run to see what is meant, then with --yes",
        exit_code::kUsage);
  const auto count = count_meant(settings, deed);
  if (count == std::size_t{0}) return Consent::Given;  // Nothing is meant, and saying so comes later.
  if (count && *count <= kShownBeforeAsking && options.output == Output::Text) {
    const auto shown = show_meant(options, settings, deed, SystemClock().wall());
    if (!shown) return tl::unexpected(shown.error());
  }
  const std::string what = count ? counted(*count, "message") : "the messages meant";
  if (confirmed(change.operation + " " + what + "?")) return Consent::Given;
  say("nothing was done; next: " + next_command(options, "queue list"));
  return Consent::Refused;
}

Result<std::size_t> send(const Settings& settings, const Deed& deed, const Selection& selection) {
  const std::string path = std::string("/v1/queue/") + deed.verb.name;
  const auto body = ask(settings, "POST", path, encode_selection(selection));
  if (body) return decode_count(*body);
  if (body.error().code != exit_code::kNotRunning) return tl::unexpected(body.error());
  // Under the lock: a daemon that starts meanwhile waits for its turn with systemd's next try.
  return operate_offline(settings, deed.verb.operation, selection);
}

/// What a person watches is cut into pieces, by the ids that are there now; nothing is gained by that where
/// nobody looks, or we may not.
std::vector<MessageId> pieces_of(const Settings& settings, const Deed& deed, Progress& progress) {
  std::vector<MessageId> ids;
  if (!progress.watched() || !deed.selection.ids.empty()) return deed.selection.ids;
  auto reader = open_reader(settings);
  if (!reader) return {};
  const auto listed = reader->list(deed.selection, SIZE_MAX, [&](const SeenMessage& message) {
    if (touches(deed.verb.operation, message)) ids.push_back(message.id);
    progress.show("looking: " + counted(ids.size(), "message") + " so far");
  });
  progress.clear();
  return listed ? ids : std::vector<MessageId>();
}

struct Done {
  std::size_t touched = 0;
  std::size_t meant = 0;
  /// Why it went no further, once a part was done: what was done stays done.
  std::optional<Error> ended{};
};

Result<Done> carry_out(const Settings& settings, const Deed& deed) {
  Progress progress;
  const std::vector<MessageId> ids = pieces_of(settings, deed, progress);
  const std::size_t piece = progress.watched() ? kIdsPerPiece : kIdsPerRequest;
  Done done{0, ids.size()};
  if (ids.size() <= piece) {
    progress.show(deed.verb.name + std::string("..."));
    done.touched = TRY(send(settings, deed, deed.selection));
    return done;
  }
  const Interruptible interruptible;
  for (std::size_t at = 0; at < ids.size(); at += piece) {
    if (Interruptible::interrupted())
      return Done{done.touched, ids.size(), Error("you ended it", exit_code::kTryLater)};
    progress.show(deed.verb.name + std::string(": ") + std::to_string(at) + " of " +
                  counted(ids.size(), "message") + ", Ctrl-C ends it");
    Selection part = deed.selection;
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(at);
    part.ids.assign(first, first + static_cast<std::ptrdiff_t>(std::min(piece, ids.size() - at)));
    const auto sent = send(settings, deed, part);
    if (!sent && at > 0) return Done{done.touched, ids.size(), sent.error()};
    done.touched += TRY(sent);
  }
  return done;
}

/// What is just being sent is neither held nor removed: how many messages were left out for that.
std::size_t passed_over(const Settings& settings, const Deed& deed, const Done& done) {
  if (deed.verb.operation != Operation::Hold && deed.verb.operation != Operation::Remove) return 0;
  // Counted when it was to be done, and by the time it was done on their way, or gone.
  if (deed.selection.ids.empty() && done.meant > done.touched) return done.meant - done.touched;
  auto reader = open_reader(settings);
  if (!reader) return 0;
  std::size_t sending = 0;
  const auto listed = reader->list(deed.selection, SIZE_MAX, [&sending](const SeenMessage& message) {
    if (being_sent(message)) ++sending;
  });
  return listed ? sending : 0;
}

int tell(const CommonOptions& options, const Settings& settings, const Deed& deed, const Done& done) {
  if (options.output != Output::Text)
    print(encode_count(done.touched) + "\n");
  else if (done.touched > 0)
    print(counted(done.touched, "message") + " " + deed.verb.done + "\n");
  if (done.ended) {
    say("it was not done to all " + counted(done.meant, "message") + ": " + done.ended->text +
        "; next, for the rest: the same again");
    return done.ended->code;
  }
  if (const std::size_t left_out = passed_over(settings, deed, done); left_out > 0)
    say("left as it is, for it was being sent just then: " + counted(left_out, "message") +
        "; next: " + next_command(options, "queue list"));
  if (done.touched > 0 && deed.verb.operation != Operation::Hold && deed.verb.operation != Operation::Remove)
    for (const std::string& each : what_holds_up(options, settings, deed.selection)) say(each);
  if (done.touched > 0) return 0;
  say("nothing matched that could be changed now; next: " + next_command(options, "queue list"));
  return kNothing;
}

Result<int> change_queue(const CommonOptions& options, const QueueChangeOptions& change) {
  TRY_VOID(check_usage(options, change));
  const Settings settings = TRY(settings_for_changing(options));
  const WallTime now = SystemClock().wall();
  const Deed deed = TRY(make_deed(settings, change, now));
  if (change.dry_run) return show_meant(options, settings, deed, now);
  if (TRY(ask_consent(options, settings, change, deed)) == Consent::Refused) return kNothing;
  return tell(options, settings, deed, TRY(carry_out(settings, deed)));
}

}  // namespace

int command_queue_change(const CommonOptions& options, const QueueChangeOptions& change) {
  const auto status = change_queue(options, change);
  if (!status) return complain(options, status.error());
  return finish(*status);
}

}  // namespace mailchute
