#include "command/explain_upstream.h"

#include <algorithm>
#include <cstdint>

#include "base/phrase.h"
#include "base/text.h"
#include "command/verdict_words.h"
#include "command/words.h"
#include "deliver/reply_rules.h"
#include "settings/secret.h"
#include "settings/units.h"

namespace mailchute {

namespace {

std::string state_sentence(const LiveUpstream& upstream, const ExplainFacts& facts) {
  const std::string name = printable(upstream.name);
  const auto phrase = [&]() -> Phrase {
    if (upstream.state == "paused")
      return {name + " is paused: somebody typed `mailchute upstream pause`.",
              name + " 已被暂停：有人运行过 `mailchute upstream pause`。"};
    if (is_held_by_limit(upstream))
      return {name + " works, and is given no more mail for now: " + printable(upstream.reason) + ".",
              name + " 正常，但暂时不再给它邮件：" + printable(upstream.reason) + "。"};
    if (upstream.state == "down")
      return {name + " does not work, and has not for a while, or needs a person.",
              name + " 无法使用，已有一段时间，或需要人来处理。"};
    if (upstream.state == "cooling_down")
      return {name + " had trouble and is left alone for a while.", name + " 出了问题，先停一会儿。"};
    return {name + " works.", name + " 正常。"};
  };
  return phrase().in(facts.language);
}

std::string failures_sentence(const UpstreamState* saved, const ExplainFacts& facts) {
  if (saved == nullptr || saved->failures < 2) return "";
  const std::string count = std::to_string(saved->failures);
  return facts.chinese() ? "已连续 " + count + " 次。" : " It was so " + count + " times in a row.";
}

std::string success_sentence(const LiveUpstream& upstream, const ExplainFacts& facts) {
  if (!upstream.last_success)
    return facts.chinese() ? "还没有成功发出过邮件。" : " It has never taken a message.";
  const std::string moment = ago(*upstream.last_success, facts);
  return facts.chinese() ? "上次成功发出邮件是 " + moment + "。" : " It last took a message " + moment + ".";
}

std::string connections_sentence(const LiveUpstream& upstream, const ExplainFacts& facts) {
  if (upstream.connections == 0) return "";
  return facts.chinese() ? "当前连接数：" + std::to_string(upstream.connections) + "。"
                         : " " + counted(upstream.connections, "connection") +
                               (upstream.connections == 1 ? " is" : " are") + " open.";
}

std::uint64_t spent_since(const ExplainFacts& facts, std::string_view name, WallTime since,
                          std::uint64_t Spending::*what) {
  std::uint64_t sum = 0;
  for (const Spending& spent : facts.spendings)
    if (spent.upstream == name && spent.minute >= since) sum += spent.*what;
  return sum;
}

std::string one_limit(const ExplainFacts& facts, const UpstreamSettings& upstream, const Rate& rate,
                      std::uint64_t Spending::*what) {
  const bool people = what == &Spending::recipients;
  const std::string limit = format_rate(rate) + said(people ? PhraseForm{" recipients", "（收件人）"}
                                                            : PhraseForm{" messages", "（邮件）"})
                                                    .in(facts.language);
  // The record is kept by the minute: what is shorter than that nobody can tell afterwards.
  if (rate.window < std::chrono::minutes(1)) return limit;
  const std::uint64_t used = spent_since(facts, upstream.name, facts.now - rate.window, what);
  return limit + (facts.chinese() ? "，已用 " : ", used ") + std::to_string(used);
}

std::string limits_sentence(const UpstreamSettings& upstream, const ExplainFacts& facts) {
  std::string text;
  const auto add = [&](const std::string& limit) {
    text += (text.empty() ? "" : facts.chinese() ? "；" : "; ") + limit;
  };
  if (upstream.rate) add(one_limit(facts, upstream, *upstream.rate, &Spending::messages));
  for (const auto& [noun, rate] : upstream.quota)
    add(one_limit(facts, upstream, rate, noun == "recipients" ? &Spending::recipients : &Spending::messages));
  if (text.empty()) return "";
  return facts.chinese() ? "限额：" + text + "。" : " Its limits: " + text + ".";
}

std::string expected_sentence(const LiveUpstream& upstream, const std::optional<UpstreamTroubleTold>& trouble,
                              const ExplainFacts& facts) {
  const bool chinese = facts.chinese();
  if (facts.daemon == ExplainFacts::Daemon::Down)
    return chinese ? "mailchute 没有运行：启动之前什么都不会发出。"
                   : "The daemon does not run: nothing is sent until it is started.";
  if (upstream.state == "paused")
    return chinese ? "它的邮件会等待，直到有人恢复它。" : "Its mail waits until somebody resumes it.";
  if (upstream.state == "ok") return chinese ? "有邮件就会发出。" : "Mail goes out as it comes.";
  const std::string next = upstream.until ? when(*upstream.until, facts) : chinese ? "很快" : "soon";
  std::string text = chinese ? "下次尝试：" + next + "。" : "It is tried again " + next + ".";
  if (trouble)
    text += (chinese ? "" : " ") + verdict_words(trouble->verdict, facts.settings.cooldown, facts.language);
  return text;
}

}  // namespace

bool is_held_by_limit(const LiveUpstream& upstream) { return upstream.reason.starts_with("quota: "); }

std::optional<UpstreamTroubleTold> trouble_of(std::string_view name, const ExplainFacts& facts) {
  const UpstreamState* saved = saved_upstream(facts, name);
  const UpstreamSettings* upstream = configured(facts, name);
  const bool any = saved != nullptr && !saved->trouble.empty() && saved->trouble != "none";
  if (!any || upstream == nullptr) return std::nullopt;
  UpstreamTroubleTold told{.stage = saved->stage, .reply = saved->reply, .verdict = {}, .meaning = {}};
  told.verdict = classify({.stage = saved->stage, .reply = saved->reply}, upstream->rules);
  const auto words = explanation(told.verdict.rule, upstream->rules).value_or(Explanation{});
  told.meaning = facts.chinese() ? words.words_zh : words.words;
  return told;
}

std::vector<std::string> remedies(const UpstreamSettings& upstream, const Verdict& verdict) {
  const std::string& name = upstream.name;
  const auto kind = verdict.pause ? verdict.pause->kind : Pause::Kind::None;
  const bool login =
      kind == Pause::Kind::Login || kind == Pause::Kind::Person || verdict.stage == Stage::Auth;
  if (login && !secret_command(upstream).empty()) return {"reload", "upstream test " + name};
  if (login) return {"credential set " + name, "reload", "upstream test " + name};
  if (kind == Pause::Kind::Rate || kind == Pause::Kind::Quota) return {"queue list --upstream " + name};
  return {"upstream test " + name, "upstream resume " + name};
}

Story explain_upstream(std::string_view name, const ExplainFacts& facts) {
  const LiveUpstream* live = live_upstream(facts, name);
  const UpstreamSettings* upstream = configured(facts, name);
  CHECK(live != nullptr && upstream != nullptr);
  const auto trouble =
      live->state == "ok" || is_held_by_limit(*live) ? std::nullopt : trouble_of(name, facts);
  StoryPart part;
  part.about = printable(name);
  part.state = live->state;
  part.upstream = name;
  part.provider = upstream->provider;
  part.until = live->until;
  part.happened =
      state_sentence(*live, facts) + (trouble ? failures_sentence(saved_upstream(facts, name), facts) : "") +
      success_sentence(*live, facts) + connections_sentence(*live, facts) + limits_sentence(*upstream, facts);
  part.expected = expected_sentence(*live, trouble, facts);
  if (trouble) {
    part.reply = trouble->reply;
    part.stages = {trouble->stage};
    part.verdict = trouble->verdict;
    part.meaning = trouble_words(trouble->verdict.pause ? trouble->verdict.pause->kind : Pause::Kind::None,
                                 facts.language);
    if (!part.meaning.empty() && !facts.chinese()) part.meaning += " ";
    part.meaning += trouble->meaning;
  }
  // Whatever else stops it: first somebody has to be there who tries.
  if (facts.daemon == ExplainFacts::Daemon::Down)
    part.next.push_back("systemctl start mailchute");
  else if (live->state == "paused")
    part.next.push_back("upstream resume " + part.upstream);
  else if (trouble)
    part.next = remedies(*upstream, trouble->verdict);
  else if (is_held_by_limit(*live))
    part.next.push_back("queue list --upstream " + part.upstream);
  Story story{.kind = "upstream", .subject = std::string(name), .summary = {}, .parts = {}};
  story.summary =
      printable(upstream->user.empty() ? upstream->name : upstream->user) + ", " +
      // Unknown where the configuration cannot be used.
      (upstream->host.empty() ? ""
                              : printable(upstream->host) + ":" + std::to_string(upstream->port) + ", ") +
      printable(upstream->provider);
  story.parts.push_back(std::move(part));
  return story;
}

}  // namespace mailchute
