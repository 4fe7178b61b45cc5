#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "alert/alert_explanation.h"
#include "base/exit_codes.h"
#include "base/text.h"
#include "command/commands.h"
#include "command/console.h"
#include "command/explain_message.h"
#include "command/explain_reply.h"
#include "command/explain_upstream.h"
#include "command/looking.h"
#include "command/queue_access.h"
#include "command/story_view.h"
#include "command/upstream_view.h"
#include "command/verdict_words.h"
#include "control/json.h"
#include "deliver/provider_rules.h"
#include "deliver/reply_rules.h"
#include "settings/load.h"
#include "settings/profile.h"
#include "settings/secret.h"

namespace mailchute {

namespace {

constexpr int kNothing = 1;

/// What `explain` is asked, and what it can look at. A configuration that cannot be used stops nobody from
/// asking what words mean.
struct Question {
  const CommonOptions& options;
  const ExplainOptions& asked;
  LoadOptions load_options;
  std::optional<Settings> settings{};
  std::optional<Phrase> broken{};  ///< The file cannot be used, and what there is all the same.
  Language language = Language::English;
  WallTime now{};

  Error look_error{"not looked"};  ///< Why there are no settings.

  Settings::Cooldown cooldown() const { return settings ? settings->cooldown : Settings::Cooldown{}; }
};

// --- words ---

std::vector<KnownRules> rules_of_upstreams(const Question& question) {
  std::vector<KnownRules> known;
  if (!question.settings || !question.asked.provider.empty()) return known;
  for (const UpstreamSettings& upstream : question.settings->upstreams)
    if (question.asked.upstream.empty() || question.asked.upstream == upstream.name)
      known.push_back({upstream.provider, upstream.name, upstream.rules,
                       secret_command(upstream).empty() ? SecretOrigin::Stored : SecretOrigin::Printed});
  return known;
}

/// Of every provider, or of the one that was named. Mistakes in a profile are `check`'s to tell.
std::vector<KnownRules> rules_of_profiles(const Question& question) {
  Report report;
  const Profiles profiles = Profiles::read(question.load_options.provider_dirs, report);
  std::vector<KnownRules> known;
  for (const std::string& name : profiles.names())
    if (question.asked.provider.empty() || question.asked.provider == name)
      known.push_back({name, "", profiles.find(name)->rules, SecretOrigin::Stored});
  return known;
}

bool by_own_rule(const std::vector<Judgement>& judgements) {
  return !judgements.empty() && !judgements.front().provider.empty();
}

/// Providers that share a table would say the same again and again.
std::vector<Judgement> gathered_by_rule(std::vector<Judgement> all) {
  std::vector<Judgement> gathered;
  for (Judgement& each : all) {
    const auto known = std::find_if(gathered.begin(), gathered.end(), [&](const Judgement& other) {
      return other.verdict.rule == each.verdict.rule && other.stages == each.stages;
    });
    if (known == gathered.end())
      gathered.push_back(std::move(each));
    else
      known->provider += ", " + each.provider;
  }
  return gathered;
}

Result<void> check_names(const Question& question) {
  const ExplainOptions& asked = question.asked;
  if (!asked.upstream.empty() && rules_of_upstreams(question).empty())
    return fail("there is no upstream " + printable(asked.upstream, 80) +
                    "; next: " + next_command(question.options, "upstream list"),
                exit_code::kUsage);
  if (!asked.provider.empty() && rules_of_profiles(question).empty())
    return fail("there is no provider " + printable(asked.provider, 80) +
                    "; next: leave out --provider to have all of them asked",
                exit_code::kUsage);
  if (!asked.stage.empty() && !stage_named(asked.stage))
    return fail("--stage: " + printable(asked.stage, 80) +
                    " is none; next: write auth, mail, rcpt, data or final_dot",
                exit_code::kUsage);
  return {};
}

std::vector<Judgement> judge(const Question& question, const TypedReply& taken) {
  std::vector<Judgement> judgements = judge_reply(taken, rules_of_upstreams(question));
  if (by_own_rule(judgements) || !question.asked.upstream.empty()) return judgements;
  const auto by_profiles = judge_reply(taken, rules_of_profiles(question));
  return by_own_rule(by_profiles) ? gathered_by_rule(by_profiles) : by_profiles;
}

/// What the daemon itself says to programs on this machine: no provider's words.
std::optional<Story> own_story(const Question& question) {
  const TypedReply taken = parse_typed_reply(question.asked.subject);
  const auto part = own_reply(taken, question.language);
  if (!part || !question.asked.provider.empty() || !question.asked.upstream.empty()) return std::nullopt;
  return Story{.kind = "reply",
               .subject = question.asked.subject,
               .summary = printable(question.asked.subject),
               .parts = {*part}};
}

std::optional<Story> words_story(const Question& question) {
  TypedReply taken = parse_typed_reply(question.asked.subject);
  if (!question.asked.stage.empty()) taken.stage = stage_named(question.asked.stage);
  const auto judgements = judge(question, taken);
  if (judgements.empty()) return std::nullopt;
  return explain_reply(question.asked.subject, taken, judgements, question.cooldown(), question.language);
}

// --- one event, one rule ---

std::optional<Story> event_story(const Question& question) {
  const auto event = event_named(question.asked.subject);
  if (!event) return std::nullopt;
  const Explanation words = event_explanation(*event);
  StoryPart part;
  part.meaning = question.language == Language::Chinese ? words.words_zh : words.words;
  part.next = {"status"};
  return Story{.kind = "event", .subject = question.asked.subject, .summary = {}, .parts = {std::move(part)}};
}

StoryPart rule_part(const Question& question, const KnownRules& known, const ReplyRule& rule) {
  ReplyContext said;
  said.stage = rule.at.empty() ? Stage::FinalDot : rule.at.front();
  said.reply.code = rule.codes.empty() ? 550 : rule.codes.front().least;
  StoryPart part;
  part.about = known.upstream.empty() ? known.provider : known.upstream + " (" + known.provider + ")";
  part.upstream = known.upstream;
  part.provider = known.provider;
  part.meaning = question.language == Language::Chinese ? rule.explanation.words_zh : rule.explanation.words;
  part.stages = rule.at;
  part.verdict = verdict_by(rule, said);
  part.expected = verdict_words(*part.verdict, question.cooldown(), question.language);
  return part;
}

std::optional<Story> rule_story(const Question& question) {
  std::vector<KnownRules> known = rules_of_upstreams(question);
  for (KnownRules& each : rules_of_profiles(question)) known.push_back(std::move(each));
  for (const KnownRules& each : known)
    for (const ReplyRule& rule : each.rules)
      if (rule.id == question.asked.subject)
        return Story{
            .kind = "rule", .subject = rule.id, .summary = {}, .parts = {rule_part(question, each, rule)}};
  const auto words = general_explanation(question.asked.subject);
  if (!words) return std::nullopt;
  StoryPart part;
  part.about = question.language == Language::Chinese ? "通用规则" : "a general rule";
  part.meaning = question.language == Language::Chinese ? words->words_zh : words->words;
  return Story{.kind = "rule", .subject = question.asked.subject, .summary = {}, .parts = {std::move(part)}};
}

// --- what is in the queue ---

/// Who may not read the queue still hears of an upstream's trouble from the daemon.
void add_reasons(ExplainFacts& facts) {
  for (const LiveUpstream& live : facts.live) {
    if (live.state == "ok" || live.reason.empty() || saved_upstream(facts, live.name) != nullptr) continue;
    const TypedReply taken = parse_typed_reply(live.reason);
    if (!taken.stage) continue;
    UpstreamState state;
    state.name = live.name;
    state.trouble = "connection";
    state.stage = *taken.stage;
    state.reply = taken.reply;
    facts.saved.push_back(std::move(state));
  }
}

/// Fails where the daemon may not be asked: nothing true could be said of it.
Result<ExplainFacts> gather(const Question& question, Result<QueueReader>& reader) {
  ExplainFacts facts{.settings = *question.settings, .now = question.now, .language = question.language};
  if (reader) {
    facts.saved = reader->upstreams().value_or(std::vector<UpstreamState>());
    facts.spendings = reader->spendings().value_or(std::vector<Spending>());
  }
  facts.live = saved_upstreams(*question.settings, facts.saved, question.now);
  const auto body = ask_if_running(*question.settings, "GET", "/v1/status", "");
  const auto live = body ? decode_live_status(*body) : Result<LiveStatus>(tl::unexpected(body.error()));
  if (!live && live.error().code == exit_code::kPermission) return tl::unexpected(live.error());
  if (live)
    facts.live = live->upstreams;
  else
    facts.daemon = ExplainFacts::Daemon::Down;
  add_reasons(facts);
  return facts;
}

bool is_upstream(const Question& question) {
  const auto named = [&](const UpstreamSettings& each) { return each.name == question.asked.subject; };
  return question.settings &&
         std::any_of(question.settings->upstreams.begin(), question.settings->upstreams.end(), named);
}

/// Empty when it is no upstream's name.
Result<std::optional<Story>> upstream_story(const Question& question) {
  if (!is_upstream(question)) return std::optional<Story>();
  auto reader = open_reader(*question.settings);
  const ExplainFacts facts = TRY(gather(question, reader));
  const std::string& name = question.asked.subject;
  if (live_upstream(facts, name) == nullptr) return std::optional<Story>();
  return std::optional(explain_upstream(name, facts));
}

/// Empty when it is no id of a message that is there.
Result<std::optional<Story>> message_story(const Question& question) {
  if (!MessageId::prefix(question.asked.subject)) return std::optional<Story>();
  if (!question.settings) return std::optional<Story>();
  auto reader = open_reader(*question.settings);
  if (!reader) return tl::unexpected(reader.error());
  const auto id = reader->find(question.asked.subject);
  if (!id && id.error().code == kNothing) return std::optional<Story>();
  const MessageId found = TRY(id);
  const SeenMessage message = TRY(reader->message(found));
  const auto attempts = TRY(reader->attempts(found));
  return std::optional(explain_message(message, attempts, TRY(gather(question, reader))));
}

Result<Story> find_story(const Question& question) {
  TRY_VOID(check_names(question));
  const ExplainOptions& asked = question.asked;
  const bool words = looks_like_reply(asked.subject) || !asked.stage.empty() || !asked.provider.empty() ||
                     !asked.upstream.empty();
  if (!words) {
    if (auto story = TRY(upstream_story(question))) return std::move(*story);
    if (auto story = event_story(question)) return std::move(*story);
    auto message = message_story(question);
    if (message && *message) return std::move(**message);
    if (!message && MessageId::parse(asked.subject)) return tl::unexpected(message.error());
    if (auto story = rule_story(question)) return std::move(*story);
    if (!message && asked.subject.find(' ') == std::string::npos) return tl::unexpected(message.error());
  }
  if (auto story = own_story(question)) return std::move(*story);
  if (auto story = words_story(question)) return std::move(*story);
  // One word may well be an upstream's name.
  if (!question.settings && !words && asked.subject.find(' ') == std::string::npos)
    return tl::unexpected(question.look_error);
  return fail(
      "nothing is known of '" + printable(asked.subject, 200) +
          "': it is no message, upstream, event or rule, and no rule has these words; next: begin with the "
          "code, as in: " +
          next_command(question.options, "explain \"550 ...\""),
      kNothing);
}

/// What is typed is typed whole.
void complete_commands(const CommonOptions& options, Story& story) {
  for (StoryPart& part : story.parts)
    for (std::string& each : part.next)
      if (!each.starts_with("systemctl ")) each = next_command(options, each);
}

}  // namespace

int command_explain(const CommonOptions& options, const ExplainOptions& explain) {
  Question question{.options = options, .asked = explain, .load_options = options_of_process(options.config)};
  auto look = look_for_daemon(options);
  if (look) {
    question.settings = std::move(look->settings);
    question.broken = std::move(look->broken);
  } else {
    question.look_error = look.error();
  }
  question.language = language_of_process();
  question.now = SystemClock().wall();
  auto story = find_story(question);
  if (question.broken)
    say_broken(options, *question.broken);
  else if (!question.settings && story)
    say("the configuration cannot be used, so its queue and upstreams were not looked at; next: " +
        next_command(options, "check"));
  if (!story) return complain(options, story.error());
  complete_commands(options, *story);
  print(options.output == Output::Text ? story_page(*story, question.now, question.language, screen_width())
                                       : encode_story(*story) + "\n");
  return finish(0);
}

}  // namespace mailchute
