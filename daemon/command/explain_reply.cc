#include "command/explain_reply.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/phrase.h"
#include "base/text.h"
#include "command/verdict_words.h"
#include "deliver/provider_rules.h"
#include "deliver/reply_rules.h"
#include "smtp/reply_reader.h"

namespace mailchute {

namespace {

constexpr std::size_t kCodeDigits = 3;

/// Where a message is spoken of, and before that.
constexpr std::array kStages = {Stage::Auth,     Stage::MailFrom, Stage::RcptTo,  Stage::Data,
                                Stage::FinalDot, Stage::Greeting, Stage::Ehlo,    Stage::StartTls,
                                Stage::Idle,     Stage::Tls,      Stage::Connect, Stage::Resolve};

/// Codes of RFC 4954 that are said at a login and nowhere else.
constexpr std::array kLoginCodes = {432, 454, 530, 534, 535, 538};

bool has_code(std::string_view line) {
  return line.size() >= kCodeDigits && line.front() >= '2' && line.front() <= '5' &&
         parse_unsigned(line.substr(0, kCodeDigits)).has_value() &&
         (line.size() == kCodeDigits || line[kCodeDigits] == ' ' || line[kCodeDigits] == '-');
}

/// Takes `auth: ` off.
std::optional<Stage> take_stage(std::string_view& text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto stage = stage_named(text.substr(0, colon));
  if (stage) text = trim(text.substr(colon + 1));
  return stage;
}

/// As it would come from a server: each line with its end.
std::optional<Reply> read_reply(std::string_view text) {
  ReplyReader reader;
  for (const std::string_view line : split(text, '\n')) reader.receive(std::string(trim(line)) + "\r\n");
  const auto reply = reader.next();
  if (!reply || !*reply || !reader.unread().empty()) return std::nullopt;
  return **reply;
}

std::vector<Stage> stages_of(const TypedReply& typed) {
  if (typed.stage) return {*typed.stage};
  return {kStages.begin(), kStages.end()};
}

Judgement judged(const KnownRules& known, const ReplyContext& said) {
  Judgement made;
  made.stages = {said.stage};
  made.verdict = classify(said, known.rules);
  made.words = explanation(made.verdict.rule, known.rules).value_or(Explanation{});
  return made;
}

bool same_meaning(const Judgement& a, const Judgement& b) {
  return a.provider == b.provider && a.upstream == b.upstream && a.verdict.rule == b.verdict.rule &&
         a.verdict.fate == b.verdict.fate && a.verdict.blame == b.verdict.blame;
}

/// One meaning is told once, with every stage it is said at.
void add(std::vector<Judgement>& all, Judgement judgement) {
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const Judgement& each) { return same_meaning(each, judgement); });
  if (known == all.end())
    all.push_back(std::move(judgement));
  else
    known->stages.push_back(judgement.stages.front());
}

void judge_by_own_rules(const TypedReply& typed, const KnownRules& known, std::vector<Judgement>& all) {
  for (const Stage stage : stages_of(typed)) {
    const ReplyContext said{.stage = stage, .reply = typed.reply};
    if (matching_rule(known.rules, said) == nullptr) continue;
    Judgement own = judged(known, said);
    own.provider = known.provider;
    own.upstream = known.upstream;
    own.secret = known.secret;
    add(all, std::move(own));
  }
}

/// Words without a code: each rule that has them brings the code and the stage that it asks for.
void judge_words_alone(const TypedReply& typed, const KnownRules& known, std::vector<Judgement>& all) {
  for (const ReplyRule& rule : known.rules) {
    if (rule.text.empty()) continue;
    TypedReply whole = typed;
    if (!whole.stage && !rule.at.empty()) whole.stage = rule.at.front();
    whole.reply.code = rule.codes.empty() ? 550 : rule.codes.front().least;
    judge_by_own_rules(whole, {known.provider, known.upstream, {rule}, known.secret}, all);
  }
}

std::vector<Stage> likely_stages(const TypedReply& typed) {
  if (typed.stage) return {*typed.stage};
  if (std::find(kLoginCodes.begin(), kLoginCodes.end(), typed.reply.code) != kLoginCodes.end())
    return {Stage::Auth};
  return {Stage::MailFrom, Stage::RcptTo, Stage::FinalDot, Stage::Greeting};
}

/// More places than these are no place.
constexpr std::size_t kPlacesTold = 5;

std::string said_where(const std::vector<Stage>& stages, Language language) {
  const bool chinese = language == Language::Chinese;
  if (stages.size() > kPlacesTold)
    return chinese ? "任何时候都可能这样答复。" : "It may be said at any point.";
  std::string text;
  for (const Stage stage : stages) {
    if (!text.empty()) text += chinese ? "、" : ", ";
    text += stage_words(stage, language);
  }
  return chinese ? "答复的时机：" + text + "。" : "Said " + text + ".";
}

std::string whose_rule(const Judgement& judgement, Language language) {
  const bool chinese = language == Language::Chinese;
  const std::string rule = printable(judgement.verdict.rule);
  if (judgement.provider.empty()) return (chinese ? "通用规则 " : "the general rule ") + rule;
  const std::string provider = printable(judgement.provider);
  return chinese ? "服务商 " + provider + " 的规则 " + rule
                 : "the rule " + rule + " of the provider " + provider;
}

std::vector<std::string> what_to_type(const Judgement& judgement, const Reply& reply) {
  std::vector<std::string> next;
  const std::string name = judgement.upstream;
  const bool login = judgement.verdict.pause && judgement.verdict.pause->kind == Pause::Kind::Login;
  const bool stored = judgement.secret == SecretOrigin::Stored;
  if (login && stored && !name.empty()) next.push_back("credential set " + name);
  if (!name.empty()) next.push_back("explain " + name);
  // What an upstream said before any message was spoken of is in no message's record.
  if (reply.code >= 400 && judgement.verdict.blame != Blame::Upstream)
    next.push_back("queue list --state any --code " + std::to_string(reply.code));
  return next;
}

}  // namespace

std::optional<Stage> stage_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Stage::Quit); ++i)
    if (equal_nocase(name, stage_name(static_cast<Stage>(i)))) return static_cast<Stage>(i);
  return std::nullopt;
}

bool looks_like_reply(std::string_view typed) {
  typed = trim(typed);
  return take_stage(typed).has_value() || has_code(typed);
}

TypedReply parse_typed_reply(std::string_view typed) {
  std::string_view text = trim(typed);
  TypedReply taken;
  taken.stage = take_stage(text);
  if (const auto reply = has_code(text) ? read_reply(text) : std::nullopt) {
    taken.reply = *reply;
    return taken;
  }
  // Several lines of which only the first has a code: copied from a screen.
  if (has_code(text)) {
    taken.reply.code = static_cast<int>(*parse_unsigned(text.substr(0, kCodeDigits)));
    text = trim(text.substr(std::min(text.size(), kCodeDigits + 1)));
  }
  taken.reply.text = text;
  return taken;
}

std::vector<Judgement> judge_reply(const TypedReply& typed, const std::vector<KnownRules>& known) {
  std::vector<Judgement> all;
  const bool words_alone = typed.reply.code == 0 && !typed.stage;
  for (const KnownRules& each : known)
    words_alone ? judge_words_alone(typed, each, all) : judge_by_own_rules(typed, each, all);
  if (!all.empty() || words_alone) return all;
  for (const Stage stage : likely_stages(typed)) {
    const bool sent = stage == Stage::FinalDot;
    add(all, judged({}, {.stage = stage, .reply = typed.reply, .final_dot_sent = sent}));
  }
  return all;
}

std::optional<StoryPart> own_reply(const TypedReply& taken, Language language) {
  const bool disk = taken.reply.text.find("Not enough disk space for the queue") != std::string::npos;
  const bool full = taken.reply.text.find("The queue is full; try again later") != std::string::npos;
  if (!disk && !full) return std::nullopt;
  StoryPart part;
  part.about = said({"mailchute itself", "mailchute 自己"}).in(language);
  part.happened =
      said({"This is no provider's reply: mailchute says it to a program on this machine that hands "
            "in mail.",
            "这不是服务商的答复，而是 mailchute 对本机交信程序的答复。"})
          .in(language);
  part.meaning = (disk ? said({"The queue's disk has less room than queue.reserve keeps free.",
                               "队列所在的磁盘剩余空间少于 queue.reserve 要保留的大小。"})
                       : said({"The queue holds as much as queue.max_bytes allows.",
                               "队列已达 queue.max_bytes 的上限。"}))
                     .in(language);
  part.expected =
      said({"Nothing that was accepted is lost, and delivery goes on. The program has to hand its mail "
            "in again once there is room.",
            "已收下的邮件不会丢失，投递仍在继续。腾出空间后，程序需要重新交信。"})
          .in(language);
  part.reply = taken.reply;
  part.next = {"status", disk ? "doctor" : "queue list"};
  return part;
}

Story explain_reply(const std::string& typed, const TypedReply& taken,
                    const std::vector<Judgement>& judgements, const Settings::Cooldown& cooldown,
                    Language language) {
  Story story{.kind = "reply", .subject = typed, .summary = printable(typed), .parts = {}};
  for (const Judgement& judgement : judgements) {
    StoryPart part;
    part.about = whose_rule(judgement, language);
    part.happened = said_where(judgement.stages, language);
    part.meaning = language == Language::Chinese ? judgement.words.words_zh : judgement.words.words;
    part.expected = verdict_words(judgement.verdict, cooldown, language);
    part.upstream = judgement.upstream;
    part.provider = judgement.provider;
    part.stages = judgement.stages;
    part.reply = taken.reply;
    part.verdict = judgement.verdict;
    part.next = what_to_type(judgement, taken.reply);
    story.parts.push_back(std::move(part));
  }
  return story;
}

}  // namespace mailchute
