#include "command/delivery_watch.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/locale.h"
#include "base/text.h"
#include "command/console.h"
#include "command/message_view.h"
#include "command/queue_access.h"
#include "command/queue_changes.h"
#include "command/words.h"
#include "command/wrap.h"
#include "deliver/reply_rules.h"
#include "store/reader.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

constexpr std::size_t kUsualScreen = 80;

using Fate = WatchEnd::Fate;

const std::vector<ReplyRule>& rules_of(const Settings& settings, const std::string& name) {
  static const std::vector<ReplyRule> kNone;
  const auto found = std::find_if(settings.upstreams.begin(), settings.upstreams.end(),
                                  [&](const UpstreamSettings& each) { return each.name == name; });
  return found == settings.upstreams.end() ? kNone : found->rules;
}

class Watch {
 public:
  Watch(const Settings& settings, MessageId id, const std::function<void(const std::string&)>& show)
      : settings_(settings), id_(id), show_(show) {}

  Result<WatchEnd> run(Duration patience) {
    QueueReader reader = TRY(open_reader(settings_));
    QueueChanges changes(settings_.queue.path);
    const WallTime deadline = clock_.wall() + patience;
    const SteadyTime end = clock_.steady() + patience;
    for (;;) {
      const SeenMessage message = TRY(reader.message(id_));
      tell_attempts(TRY(reader.attempts(id_)));
      const auto upstreams = TRY(reader.upstreams());
      tell_troubles(message, upstreams);
      if (message.state == "delivered") return WatchEnd{Fate::Delivered, {}};
      if (message.state == "failed") return WatchEnd{Fate::Failed, {}};
      if (clock_.steady() >= end || in_vain(message, upstreams, deadline))
        return WatchEnd{Fate::Waiting, why_it_waits(message, upstreams)};
      changes.wait(end - clock_.steady());
    }
  }

 private:
  void tell_attempts(const std::vector<SeenAttempt>& attempts) {
    for (; told_ < attempts.size(); ++told_) {
      const AttemptRecord& record = attempts[told_].record;
      show_(said({"attempt {}  ", "第 {} 次尝试  "}, {std::to_string(told_ + 1)}).in(language_of_process()) +
            printable(record.upstream) + " " + printable(record.peer) +
            (record.tls.empty() ? "" : " " + printable(record.tls)) + ", " + elapsed(record.duration) +
            "\n  " + stage_name(record.stage) + ": " + reply_line(record.reply) + "\n");
      explain(record.upstream, {record.stage, record.reply, record.in_doubt});
    }
  }

  /// Each trouble once; another one is told anew.
  void tell_troubles(const SeenMessage& message, const std::vector<UpstreamState>& upstreams) {
    for (const UpstreamState& state : upstreams) {
      if (state.trouble.empty() || state.trouble == "none" || !names(message, state.name)) continue;
      const std::string words = std::string(stage_name(state.stage)) + ": " + reply_line(state.reply);
      if (std::exchange(troubles_[state.name], words) == words) continue;
      show_(said({"{} rests", "{} 暂停使用"}, {printable(state.name)}).in(language_of_process()) + "\n  " +
            words + "\n");
      explain(state.name, {state.stage, state.reply});
    }
  }

  static bool names(const SeenMessage& message, const std::string& upstream) {
    return std::any_of(message.recipients.begin(), message.recipients.end(), [&](const SeenRecipient& each) {
      const auto route = route_upstreams(each.route);
      return std::find(route.begin(), route.end(), upstream) != route.end();
    });
  }

  void explain(const std::string& upstream, const ReplyContext& said) {
    if (said.reply.positive()) return;
    const auto& rules = rules_of(settings_, upstream);
    const auto meaning = explanation(classify(said, rules).rule, rules);
    if (!meaning) return;
    const std::size_t screen = screen_width();
    show_(wrapped("  ", printable(meaning->in(language_of_process()), 4096), 2,
                  screen > 0 ? screen : kUsualScreen));
  }

  bool in_vain(const SeenMessage& message, const std::vector<UpstreamState>& upstreams,
               WallTime deadline) const {
    if (message.state == "held") return true;
    if (message.state != "queued" && message.state != "uncertain") return false;
    const Waiting why = waiting(message, upstreams, clock_.wall());
    return why.next == "paused" || (why.until && *why.until > deadline);
  }

  Phrase why_it_waits(const SeenMessage& message, const std::vector<UpstreamState>& upstreams) const {
    const Waiting why = waiting(message, upstreams, clock_.wall());
    Phrase text =
        message.state == "held" ? said({"it is held", "邮件被扣留"}) : said({"it waits", "邮件在等待"});
    if (!why.next.empty()) text = text + said({", next try: {}", "，下次尝试：{}"}, {why.next});
    return why.reason.empty() ? text : text + untranslated(" (" + why.reason + ")");
  }

  const Settings& settings_;
  MessageId id_;
  const std::function<void(const std::string&)>& show_;
  SystemClock clock_;
  std::size_t told_ = 0;                         ///< Attempts.
  std::map<std::string, std::string> troubles_;  ///< Told last, by upstream.
};

}  // namespace

Result<WatchEnd> watch_delivery(const Settings& settings, MessageId id, Duration patience,
                                const std::function<void(const std::string&)>& show) {
  return Watch(settings, id, show).run(patience);
}

}  // namespace mailchute
