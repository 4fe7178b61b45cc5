#include "command/explain_message.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/phrase.h"
#include "base/text.h"
#include "command/explain_upstream.h"
#include "command/given_up.h"
#include "command/verdict_words.h"
#include "command/words.h"
#include "deliver/reply_rules.h"
#include "store/route_text.h"

namespace mailchute {

namespace {

constexpr std::size_t kAttemptsTold = 5;

/// All that the sentences about one recipient are made of.
struct Scene {
  const SeenMessage& message;
  const SeenRecipient& recipient;
  const ExplainFacts& facts;
  std::vector<SeenAttempt> attempts;       ///< Of this recipient, first attempt first.
  const LiveUpstream* upstream = nullptr;  ///< The one that is tried next; null when it is not configured.

  bool waits() const { return recipient.state == "queued" || recipient.state == "uncertain"; }
  bool blocked() const { return waits() && upstream != nullptr && upstream->state != "ok"; }
};

bool usable(const LiveUpstream* upstream) { return upstream != nullptr && upstream->state == "ok"; }

/// The first upstream of a route that works, else the first that is configured.
const LiveUpstream* next_upstream(const std::string& route, const ExplainFacts& facts) {
  const LiveUpstream* first = nullptr;
  for (const std::string& name : route_upstreams(route)) {
    const LiveUpstream* each = live_upstream(facts, name);
    if (usable(each)) return each;
    if (first == nullptr) first = each;
  }
  return first;
}

std::vector<SeenAttempt> attempts_of(const SeenRecipient& recipient, const std::vector<SeenAttempt>& all) {
  std::vector<SeenAttempt> own;
  for (const SeenAttempt& each : all)
    if (!each.row || *each.row == recipient.row) own.push_back(each);
  return own;
}

// --- what happened ---

std::string tried_sentence(const Scene& scene) {
  const ExplainFacts& facts = scene.facts;
  const auto count = static_cast<std::uint64_t>(scene.recipient.attempts);
  if (count == 0 && scene.attempts.empty() && scene.recipient.state == "failed")
    return facts.chinese() ? "一直没有轮到发送它。" : "Its turn to be sent never came.";
  if (count == 0 && scene.attempts.empty())
    return facts.chinese() ? "还没有试过。" : "It has not been tried yet.";
  const std::uint64_t times = std::max<std::uint64_t>(count, scene.attempts.size());
  std::string text = facts.chinese()
                         ? "已试过 " + std::to_string(times) + " 次"
                         : "It was tried " + (times == 1 ? "once" : std::to_string(times) + " times");
  if (!scene.attempts.empty()) {
    const AttemptRecord& last = scene.attempts.back().record;
    text += facts.chinese() ? "，最近一次经由 " + printable(last.upstream) + "，" + ago(last.started, facts)
                            : ", last by way of " + printable(last.upstream) + " " + ago(last.started, facts);
  }
  return text + (facts.chinese() ? "。" : ".");
}

std::string end_sentence(const Scene& scene, const Verdict& verdict) {
  const ExplainFacts& facts = scene.facts;
  const std::string end = scene.message.finished ? ago(*scene.message.finished, facts) : "";
  const std::string name = printable(scene.recipient.upstream);
  if (scene.recipient.state == "delivered") return facts.chinese() ? name + " 已接收。" : name + " took it.";
  if (verdict.fate == Fate::Refused)
    return facts.chinese() ? name + " 永久拒绝了它。" : name + " refused it for good.";
  if (outlived(scene.message))
    return facts.chinese()
               ? "它在队列里的期限已到（queue.lifetime），已放弃，" + end + "。"
               : "Its time in the queue (queue.lifetime) was over and it was given up " + end + ".";
  return facts.chinese() ? "过了期限仍未送达，已放弃" + (end.empty() ? "" : "，" + end) + "。"
                         : "It could not be delivered in its time and was given up" +
                               (end.empty() ? "" : " " + end) + ".";
}

std::string doubt_sentence(const ExplainFacts& facts) {
  return facts.chinese()
             ? "最后一次尝试时内容已全部发出，但没有收到答复：可能已经送达。"
             : "All of it was sent once and the answer was lost: it may have been delivered already.";
}

/// Whoever releases it may send it a second time.
bool held_in_doubt(const Scene& scene) {
  return scene.recipient.state == "held" &&
         std::any_of(scene.attempts.begin(), scene.attempts.end(),
                     [](const SeenAttempt& each) { return each.record.in_doubt; });
}

Phrase why_blocked(const std::string& name, const std::string& state) {
  if (state == "paused")
    return said({"It waits for {}, which somebody has paused.", "它在等 {}，而它已被人暂停。"}, {name});
  return said({"It waits for {}, which cannot be used now.", "它在等 {}，而它现在不能用。"}, {name});
}

/// What an upstream of its route said that cannot take it.
std::string refuser_sentence(const Scene& scene, const std::string& name) {
  std::string words;
  for (const SeenAttempt& each : scene.attempts)
    if (each.record.upstream == name) words = printable(reply_line(each.record.reply), 300);
  const std::string shown = printable(name);
  if (scene.facts.chinese()) return shown + " 收不了这封邮件（" + words + "），改由路由里的其他上游发送。";
  return shown + " cannot take it (" + words + "), so that it goes on with another upstream of its route.";
}

std::string happened(const Scene& scene, const Verdict& verdict) {
  const std::string& state = scene.recipient.state;
  const std::string blank = scene.facts.chinese() ? "" : " ";
  std::string text;
  if (scene.blocked()) {
    text =
        why_blocked(printable(scene.upstream->name), scene.upstream->state).in(scene.facts.language) + blank;
  }
  text += tried_sentence(scene);
  for (const std::string& name : route_refusers(scene.recipient.route))
    text += blank + refuser_sentence(scene, name);
  if (state == "uncertain" || held_in_doubt(scene)) text += blank + doubt_sentence(scene.facts);
  if (state == "delivered" || state == "failed") text += blank + end_sentence(scene, verdict);
  return text;
}

// --- what comes next ---

Phrase blocked_phrase(const Scene& scene) {
  const std::string name = printable(scene.upstream->name);
  if (scene.upstream->state == "paused")
    return {"It goes out when " + name + " is resumed.", "恢复 " + name + " 后就会发出。"};
  const std::string moment = scene.upstream->until   ? when(*scene.upstream->until, scene.facts)
                             : scene.facts.chinese() ? "很快"
                                                     : "soon";
  if (is_held_by_limit(*scene.upstream))
    return {"It goes out as the limits of " + name + " allow, " + moment + ".",
            name + " 的限额允许时就会发出：" + moment + "。"};
  return {
      name + " is tried again " + moment + "; then it is this mail's turn. No attempt is lost by waiting.",
      name + " 下次尝试：" + moment + "，之后轮到这封邮件。等待不算尝试次数。"};
}

Phrase turn_phrase(const Scene& scene) {
  if (scene.blocked()) return blocked_phrase(scene);
  if (scene.recipient.next_attempt && *scene.recipient.next_attempt > scene.facts.now) {
    const std::string moment = when(*scene.recipient.next_attempt, scene.facts);
    return {"It is tried again " + moment + ".", "下次尝试：" + moment + "。"};
  }
  if (scene.upstream == nullptr)
    return {"No upstream of its route is configured any more.", "它的路由里没有一个上游还在配置中。"};
  return {"It is tried as soon as there is a free connection.", "一有空闲连接就会发出。"};
}

Phrase expiry_phrase(const Scene& scene) {
  const std::string moment = when(scene.message.expires, scene.facts);
  if (scene.message.sender.empty())
    return {" If that has not worked by then, it is given up " + moment + ".",
            "如果届时仍不成功，将放弃：" + moment + "。"};
  return {" If that has not worked by then, it is given up " + moment + ", and its sender is told.",
          "如果届时仍不成功，将放弃并通知发件人：" + moment + "。"};
}

/// Not refused: once whatever kept it waiting is mended, it may well go through.
bool given_up(const Scene& scene, const std::optional<Verdict>& verdict) {
  return scene.recipient.state == "failed" && !(verdict && verdict->fate == Fate::Refused);
}

std::string ending(const Scene& scene, const std::optional<Verdict>& verdict) {
  std::string text = who_is_told(scene.message).in(scene.facts.language);
  if (!given_up(scene, verdict)) return text;
  if (!scene.facts.chinese()) text += " ";
  return text + how_to_send_again(scene.message).in(scene.facts.language);
}

std::string expected(const Scene& scene, const std::optional<Verdict>& verdict) {
  const Language language = scene.facts.language;
  const std::string& state = scene.recipient.state;
  if (state == "delivered") return Phrase{"Nothing more: it is done.", "已完成。"}.in(language);
  if (state == "failed") return ending(scene, verdict);
  if (held_in_doubt(scene))
    return said({"It waits until somebody decides: released, it may arrive a second time; removed, perhaps "
                 "not "
                 "at all.",
                 "要由人来决定：放行可能会送达两次；删除则可能一次也没有送达。"})
        .in(language);
  if (state == "held")
    return Phrase{"It waits until somebody releases or removes it, and does not expire meanwhile.",
                  "会一直等到有人放行或删除，期间不会过期。"}
        .in(language);
  if (scene.facts.daemon == ExplainFacts::Daemon::Down)
    return Phrase{"The daemon does not run: nothing is sent until it is started.",
                  "mailchute 没有运行：启动之前什么都不会发出。"}
        .in(language);
  if (state == "sending") return Phrase{"It is being sent at this moment.", "正在发送。"}.in(language);
  return turn_phrase(scene).in(language) + expiry_phrase(scene).in(language);
}

// --- what to type ---

/// The provider asked for less: to try harder prolongs that.
bool asks_for_patience(const std::optional<Verdict>& verdict) {
  return verdict && verdict->pause &&
         (verdict->pause->kind == Pause::Kind::Rate || verdict->pause->kind == Pause::Kind::Quota);
}

/// First what is wrong with the upstream still: sent again before that is mended, it would only wait again.
std::vector<std::string> after_the_end(const Scene& scene, const std::optional<Verdict>& verdict) {
  const std::string id = scene.message.id.text();
  std::vector<std::string> next;
  if (given_up(scene, verdict)) {
    if (scene.upstream != nullptr && !usable(scene.upstream))
      next.push_back("explain " + scene.upstream->name);
    if (scene.message.has_content) next.push_back("queue retry " + id);
  }
  next.push_back("queue show " + id);
  return next;
}

std::vector<std::string> what_to_type(const Scene& scene, const std::optional<Verdict>& verdict) {
  const std::string id = scene.message.id.text();
  const std::string& state = scene.recipient.state;
  if (state == "delivered" || state == "failed") return after_the_end(scene, verdict);
  if (state == "held") return {"queue release " + id, "queue remove " + id};
  if (scene.facts.daemon == ExplainFacts::Daemon::Down) return {"systemctl start mailchute"};
  if (state == "sending") return {"queue show " + id};
  if (!scene.blocked() && asks_for_patience(verdict)) return {"queue show " + id};
  if (!scene.blocked()) return {"queue retry " + id, "queue show " + id};
  if (scene.upstream->state == "paused") return {"upstream resume " + scene.upstream->name};
  std::vector<std::string> next = {"explain " + scene.upstream->name};
  const auto trouble = trouble_of(scene.upstream->name, scene.facts);
  const UpstreamSettings* upstream = configured(scene.facts, scene.upstream->name);
  if (!trouble || upstream == nullptr) return next;
  for (std::string& each : remedies(*upstream, trouble->verdict)) next.push_back(std::move(each));
  return next;
}

std::string kept_waiting(const Verdict& verdict, Language language) {
  const std::string trouble =
      trouble_words(verdict.pause ? verdict.pause->kind : Pause::Kind::None, language);
  return Phrase{"This kept it waiting until its time was over. ", "它因此一直等到期限已过。"}.in(language) +
         trouble;
}

/// Of a message that no upstream was asked to take.
Phrase why_nobody_was_asked(const LiveUpstream* upstream) {
  if (upstream == nullptr)
    return {"No upstream of its route is configured.", "它的路由里没有一个上游在配置中。"};
  const std::string name = printable(upstream->name);
  if (usable(upstream))
    return said({"What kept it waiting is over: {} is in no trouble now.",
                 "当时让它等待的原因已经消失：{} 现在正常。"},
                {name});
  if (upstream->state == "paused")
    return said({"{} is paused by somebody, which keeps mail waiting.", "{} 已被人暂停，邮件因此等待。"},
                {name});
  return said({"Most likely the trouble that {} still has kept it waiting. ",
               "很可能是 {} 现在仍有的问题让它一直等待。"},
              {name});
}

/// It never got as far as words of its own, so that the upstream's present trouble is the best there is.
void add_trouble_of_upstream(const Scene& scene, StoryPart& part) {
  const Language language = scene.facts.language;
  part.reply = scene.recipient.last_reply->reply;
  part.stages = {scene.recipient.last_reply->stage};
  part.meaning = why_nobody_was_asked(scene.upstream).in(language);
  if (usable(scene.upstream) || scene.upstream == nullptr || scene.upstream->state == "paused") return;
  const auto trouble = trouble_of(scene.upstream->name, scene.facts);
  if (!trouble) return;
  part.reply = trouble->reply;
  part.stages = {trouble->stage};
  if (trouble->verdict.pause) part.meaning += trouble_words(trouble->verdict.pause->kind, language);
}

/// The reply that explains the state: the upstream's, where it is the upstream that has to wait.
void add_reply(const Scene& scene, StoryPart& part) {
  if (scene.blocked() && !is_held_by_limit(*scene.upstream)) {
    if (const auto trouble = trouble_of(scene.upstream->name, scene.facts)) {
      part.reply = trouble->reply;
      part.stages = {trouble->stage};
      part.verdict = trouble->verdict;
      part.meaning = trouble->meaning;
      return;
    }
  }
  if (!scene.recipient.last_reply) return;
  if (nobody_asked(scene.recipient)) return add_trouble_of_upstream(scene, part);
  const SeenReply& last = *scene.recipient.last_reply;
  const UpstreamSettings* upstream = configured(scene.facts, scene.recipient.upstream);
  const std::vector<ReplyRule> rules = upstream == nullptr ? std::vector<ReplyRule>() : upstream->rules;
  part.reply = last.reply;
  part.stages = {last.stage};
  part.verdict =
      classify({.stage = last.stage,
                .reply = last.reply,
                .final_dot_sent = last.reply.code != 0 ||
                                  (!scene.attempts.empty() && scene.attempts.back().record.in_doubt),
                .recipients = scene.recipient.state == "failed" ? 1 : scene.message.recipients.size()},
               rules);
  const auto words = explanation(part.verdict->rule, rules).value_or(Explanation{});
  part.meaning = scene.facts.chinese() ? words.words_zh : words.words;
  // A rule explains what an upstream's trouble is to mail that waits, and this waits no more.
  if (given_up(scene, part.verdict) && part.verdict->blame == Blame::Upstream)
    part.meaning = kept_waiting(*part.verdict, scene.facts.language);
}

StoryPart tell(const Scene& scene) {
  StoryPart part;
  part.about = printable(scene.recipient.address);
  part.state = scene.recipient.state;
  part.upstream =
      scene.waits() && scene.upstream != nullptr ? scene.upstream->name : scene.recipient.upstream;
  if (const UpstreamSettings* upstream = configured(scene.facts, part.upstream))
    part.provider = upstream->provider;
  add_reply(scene, part);
  part.happened = happened(scene, part.verdict.value_or(Verdict{}));
  part.expected = expected(scene, part.verdict);
  if (scene.blocked())
    part.until = scene.upstream->until;
  else if (scene.waits())
    part.until = scene.recipient.next_attempt;
  const std::size_t skipped =
      scene.attempts.size() > kAttemptsTold ? scene.attempts.size() - kAttemptsTold : 0;
  for (std::size_t i = skipped; i < scene.attempts.size(); ++i) {
    const AttemptRecord& record = scene.attempts[i].record;
    part.attempts.push_back({record.started, record.upstream, record.stage, record.reply});
  }
  part.next = what_to_type(scene, part.verdict);
  return part;
}

bool same_story(const StoryPart& a, const StoryPart& b) {
  return a.state == b.state && a.happened == b.happened && a.expected == b.expected && a.reply == b.reply &&
         a.upstream == b.upstream;
}

void add(std::vector<StoryPart>& parts, std::vector<std::size_t>& others, StoryPart part) {
  const auto known =
      std::find_if(parts.begin(), parts.end(), [&](const StoryPart& each) { return same_story(each, part); });
  if (known != parts.end()) {
    ++others[static_cast<std::size_t>(known - parts.begin())];
    return;
  }
  parts.push_back(std::move(part));
  others.push_back(0);
}

std::string summary(const SeenMessage& message, const ExplainFacts& facts) {
  const std::string sender = message.sender.empty() ? "<>" : printable(message.sender);
  const std::string subject =
      message.summary.subject.empty() ? "" : "\"" + printable(message.summary.subject, 120) + "\", ";
  return subject + (facts.chinese() ? "发件人 " + sender + "，收到于 " : "from " + sender + ", received ") +
         ago(message.received, facts);
}

}  // namespace

Story explain_message(const SeenMessage& message, const std::vector<SeenAttempt>& attempts,
                      const ExplainFacts& facts) {
  Story story{
      .kind = "message", .subject = message.id.text(), .summary = summary(message, facts), .parts = {}};
  std::vector<std::size_t> others;
  for (const SeenRecipient& recipient : message.recipients) {
    Scene scene{message, recipient, facts, attempts_of(recipient, attempts), nullptr};
    scene.upstream = next_upstream(recipient.route, facts);
    add(story.parts, others, tell(scene));
  }
  for (std::size_t i = 0; i < story.parts.size(); ++i)
    if (others[i] > 0)
      story.parts[i].about += facts.chinese() ? " 等 " + std::to_string(others[i] + 1) + " 个"
                                              : " and " + std::to_string(others[i]) + " more";
  return story;
}

}  // namespace mailchute
