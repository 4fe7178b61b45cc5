#include "settings/profile_replies.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "settings/fit.h"
#include "settings/schema.h"
#include "settings/value.h"

namespace mailchute {

namespace {

using Then = ReplyRule::Then;

constexpr std::size_t kRulesMax = 500;
constexpr std::int64_t kDay = 24 * 3'600'000;
constexpr std::string_view kStages =
    "resolve|connect|tls|greeting|ehlo|starttls|auth|mail|rcpt|data|body|final_dot|reset|idle|quit";
constexpr std::string_view kThens =
    "retry|keep|slow|pause-quota|pause-until-day-end|pause-login|pause-person|reconnect|relogin|"
    "other-mechanism|split|refuse-message|refuse-sender|refuse-recipient";

/// A row as it is written.
struct Row {
  std::string id;
  std::vector<std::string> at;
  std::vector<std::string> code;
  std::vector<std::string> enhanced;
  std::vector<std::string> text;
  std::string then;
  Duration pause_for{0};
  Duration max{0};
  std::string zone;
  int after = 1;
  Duration wait{0};
  Duration give_up{0};
  std::string alert;
  std::string explain;
};

constexpr Form kDuration{Form::Time, 1'000, kDay, {}};

#define FIELD(member) [](Row& row) -> Field { return &row.member; }

constexpr std::array kRowKeys = {
    Key<Row>{"id", {Form::Text, 0, 0, {}}, FIELD(id), "its name"},
    Key<Row>{"at", {Form::ChoiceList, 1, 0, kStages}, FIELD(at), "stages"},
    Key<Row>{"code", {Form::TextList, 1, 0, {}}, FIELD(code), "reply codes"},
    Key<Row>{"enhanced", {Form::TextList, 1, 0, {}}, FIELD(enhanced), "enhanced codes"},
    Key<Row>{"text", {Form::TextList, 1, 0, {}}, FIELD(text), "parts of the text"},
    Key<Row>{"then", {Form::Choice, 0, 0, kThens}, FIELD(then), "what follows"},
    Key<Row>{"for", kDuration, FIELD(pause_for), "the first pause"},
    Key<Row>{"max", kDuration, FIELD(max), "the longest pause"},
    Key<Row>{"zone", {Form::Text, 0, 0, {}}, FIELD(zone), "of the day that ends"},
    Key<Row>{"after", {Form::Count, 1, 100, {}}, FIELD(after), "times in a row before it pauses"},
    Key<Row>{"wait", kDuration, FIELD(wait), "before the next attempt"},
    Key<Row>{"give_up", {Form::Time, 1'000, 30 * kDay, {}}, FIELD(give_up), "age at which it is refused"},
    Key<Row>{"alert", {Form::Choice, 0, 0, "first|third"}, FIELD(alert), "when a person is told"},
    Key<Row>{"explain", {Form::Text, 0, 0, {}}, FIELD(explain), "the words for it"},
};

#undef FIELD

/// What each word means, and whose words explain it where the profile has none of its own.
struct Meaning {
  std::string_view word;
  Then then;
  std::string_view explain;
};

constexpr std::array kMeanings = {
    Meaning{"retry", Then::Retry, "server-trouble"},
    Meaning{"keep", Then::Keep, "person-needed"},
    Meaning{"slow", Then::Slow, "slow-down"},
    Meaning{"pause-quota", Then::PauseQuota, "quota-used-up"},
    Meaning{"pause-until-day-end", Then::PauseUntilDayEnd, "quota-used-up"},
    Meaning{"pause-login", Then::PauseLogin, "login-refused"},
    Meaning{"pause-person", Then::PausePerson, "person-needed"},
    Meaning{"reconnect", Then::Reconnect, "session-ended"},
    Meaning{"relogin", Then::Relogin, "not-logged-in"},
    Meaning{"other-mechanism", Then::OtherMechanism, "form-of-login"},
    Meaning{"split", Then::Split, "recipient-refused"},
    Meaning{"refuse-message", Then::RefuseMessage, "message-refused"},
    Meaning{"refuse-sender", Then::RefuseSender, "sender-refused"},
    Meaning{"refuse-recipient", Then::RefuseRecipient, "recipient-refused"},
};

bool refuses(Then then) {
  return then == Then::RefuseMessage || then == Then::RefuseSender || then == Then::RefuseRecipient ||
         then == Then::Split;
}

bool judges_mail(Then then) { return refuses(then) || then == Then::Retry || then == Then::Keep; }

bool about_mail(Stage stage) { return stage >= Stage::MailFrom && stage <= Stage::FinalDot; }

std::optional<Stage> stage_named(std::string_view word) {
  for (int i = 0; i <= static_cast<int>(Stage::Quit); ++i)
    if (word == stage_name(static_cast<Stage>(i))) return static_cast<Stage>(i);
  return std::nullopt;
}

/// `535`, `55x`, `5xx`, `none`.
std::optional<ReplyRule::Codes> codes_of(std::string_view word) {
  if (word == "none") return ReplyRule::Codes{0, 0};
  const auto digits = static_cast<std::size_t>(std::find(word.begin(), word.end(), 'x') - word.begin());
  const auto number = parse_unsigned(word.substr(0, digits));
  const bool form = word.size() == 3 && word.find_first_not_of('x', digits) == std::string_view::npos;
  if (!form || !number) return std::nullopt;
  const int width = digits == 3 ? 1 : digits == 2 ? 10 : 100;
  const int least = static_cast<int>(*number) * width;
  if (least < 400 || least > 599) return std::nullopt;
  return ReplyRule::Codes{least, least + width - 1};
}

/// `+08:00`, ahead of UTC.
std::optional<Duration> zone_of(std::string_view word) {
  if (word.size() != 6 || (word[0] != '+' && word[0] != '-') || word[3] != ':') return std::nullopt;
  const auto hours = parse_unsigned(word.substr(1, 2));
  const auto minutes = parse_unsigned(word.substr(4, 2));
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  const Duration ahead = std::chrono::minutes(*hours * 60 + *minutes);
  return word[0] == '-' ? -ahead : ahead;
}

using Words = std::map<std::string, Explanation>;

/// Reads one row and finds what is wrong with it.
class RowReader {
 public:
  RowReader(Reading& reading, const Words& words, const Node& node)
      : reading_(reading), words_(words), node_(node) {}

  std::optional<ReplyRule> read();

 private:
  void wrong(std::string_view key, std::string message, std::string hint = {}) {
    const Node* at = node_.find(key);
    reading_.report.error(at != nullptr ? at->where : node_.where, std::move(message), std::move(hint));
    well_ = false;
  }
  bool has(std::string_view key) const { return node_.find(key) != nullptr; }

  void read_row();
  void compile();
  void compile_pause();
  void explain();
  void check_what_it_asks();
  void check_where_it_may();
  void check_what_goes_together();

  Reading& reading_;
  const Words& words_;
  const Node& node_;
  Row row_;
  ReplyRule rule_;
  std::string_view usual_words_;
  bool well_ = true;
};

std::optional<ReplyRule> RowReader::read() {
  read_row();
  if (!well_) return std::nullopt;
  compile();
  compile_pause();
  explain();
  check_what_it_asks();
  check_where_it_may();
  check_what_goes_together();
  if (!well_) return std::nullopt;
  return rule_;
}

/// One stage, code or text needs no brackets.
void RowReader::read_row() {
  const auto one_or_list = [this](const Key<Row>& key, const Node::Entry& entry) {
    Node list = entry.value;
    const bool listed = key.form.kind == Form::ChoiceList || key.form.kind == Form::TextList;
    if (listed && list.kind == Node::Kind::Scalar)
      list = Node{Node::Kind::List, entry.value.where, {}, {entry.value}, {}};
    well_ = assign(key.form, key.field(row_), list, key.path, reading_.folder, reading_.report) && well_;
    return true;
  };
  const std::size_t known = node_.entries.size();
  std::size_t found = 0;
  for (const auto& entry : node_.entries) found += find_key<Row>(kRowKeys, entry.key) != nullptr;
  read_keys<Row>(reading_, kRowKeys, row_, node_, Scope{"replies.", "replies.", Scope::Effects::Quiet},
                 one_or_list);
  well_ = well_ && found == known;
  if (!has("id")) wrong("id", "a reply needs an id");
  if (!has("then")) wrong("then", "a reply needs a then", "one of " + std::string(kThens));
}

void RowReader::compile() {
  rule_.id = row_.id;
  for (const auto& word : row_.at)
    if (const auto stage = stage_named(word)) rule_.at.push_back(*stage);
  for (const auto& word : row_.code) {
    if (const auto codes = codes_of(word))
      rule_.codes.push_back(*codes);
    else
      wrong("code", "\"" + printable(word, 120) + "\" is no code of a failure",
            "write 535, 55x, 5xx, or none for a connection that ends without a reply");
  }
  rule_.enhanced = row_.enhanced;
  rule_.text = row_.text;
  rule_.retry_in = row_.wait;
  rule_.retry_for = row_.give_up;
  if (has("alert")) rule_.alert = row_.alert == "first" ? Alert::First : Alert::Third;
  for (const auto& meaning : kMeanings) {
    if (meaning.word != row_.then) continue;
    rule_.then = meaning.then;
    usual_words_ = meaning.explain;
  }
}

void RowReader::compile_pause() {
  rule_.pause.first = row_.pause_for;
  rule_.pause.max = row_.max;
  rule_.pause.after = row_.after;
  rule_.pauses_too = judges_mail(rule_.then) && has("for");
  if (!has("zone")) return;
  rule_.pause.day_end = zone_of(row_.zone);
  if (!rule_.pause.day_end)
    wrong("zone", "\"" + printable(row_.zone, 120) + "\" is no zone", "write \"+08:00\"");
}

void RowReader::explain() {
  const std::string& named = row_.explain.empty() ? row_.id : row_.explain;
  const auto own = words_.find(named);
  if (own != words_.end()) {
    rule_.explanation = own->second;
    return;
  }
  const auto general = general_explanation(row_.explain.empty() ? usual_words_ : row_.explain);
  if (general)
    rule_.explanation = *general;
  else
    wrong("explain", "nothing is called \"" + printable(row_.explain, 120) + "\" in explanations");
}

void RowReader::check_what_it_asks() {
  if (rule_.codes.empty() && rule_.enhanced.empty() && rule_.text.empty() && !has("code"))
    wrong("id", "this reply would match any", "give it a code, an enhanced code or a text");
  const bool silent =
      std::any_of(rule_.codes.begin(), rule_.codes.end(), [](const auto& codes) { return codes.least == 0; });
  if (silent && refuses(rule_.then)) wrong("then", "silence refuses no mail", "write then: retry");
}

void RowReader::check_where_it_may() {
  const auto& at = rule_.at;
  const bool mail_only = !at.empty() && std::all_of(at.begin(), at.end(), about_mail);
  if (judges_mail(rule_.then) && !mail_only)
    wrong("at", row_.then + " judges a message, and before MAIL FROM there is none",
          "write at: one of mail, rcpt, data, body, final_dot");
  if (rule_.then == Then::Relogin && !mail_only)
    wrong("at", "relogin follows a login that seemed to hold", "write at: mail");
  if (rule_.then == Then::OtherMechanism && at != std::vector{Stage::Auth})
    wrong("at", "other-mechanism answers a login", "write at: auth");
}

void RowReader::check_what_goes_together() {
  const bool day = rule_.then == Then::PauseUntilDayEnd;
  const bool pauses = !judges_mail(rule_.then) && rule_.then != Then::Reconnect;
  if (day != has("zone")) wrong("zone", "pause-until-day-end and zone go together");
  if (has("for") && (day || rule_.then == Then::Reconnect)) wrong("for", row_.then + " takes no for");
  if (has("max") && (!has("for") || row_.max < row_.pause_for))
    wrong("max", "max is the top of what begins with for");
  if (has("after") && !pauses && !has("for")) wrong("after", "after is for what pauses");
  if (has("wait") && rule_.then != Then::Retry && rule_.then != Then::Keep)
    wrong("wait", "wait is for retry and keep");
  if (has("give_up") && rule_.then != Then::Retry) wrong("give_up", "give_up is for retry");
}

/// `id: { en: words, zh: words }`.
Words read_explanations(Reading& reading, const Node& map) {
  static constexpr std::array kKeys = {
      Key<Explanation>{
          "en", {Form::Text, 0, 0, {}}, [](Explanation& words) -> Field { return &words.words; }, "English"},
      Key<Explanation>{"zh",
                       {Form::Text, 0, 0, {}},
                       [](Explanation& words) -> Field { return &words.words_zh; },
                       "Chinese"},
  };
  Words all;
  if (!is_section(reading, map, "explanations")) return all;
  for (const auto& entry : map.entries) {
    if (!is_section(reading, entry.value, "explanations." + entry.key)) continue;
    Explanation& words = all[entry.key];
    read_keys<Explanation>(reading, kKeys, words, entry.value,
                           Scope{"explanations.", "explanations.", Scope::Effects::Quiet},
                           [](const auto&, const Node::Entry&) { return false; });
    if (words.words.empty() || words.words_zh.empty())
      reading.report.error(entry.where, "an explanation needs en and zh");
  }
  return all;
}

}  // namespace

std::vector<ReplyRule> read_replies(Reading& reading, const Node& replies, const Node& explanations) {
  const Words words = read_explanations(reading, explanations);
  std::vector<ReplyRule> rules;
  if (replies.kind == Node::Kind::Null || replies.kind == Node::Kind::Hole) return rules;
  if (replies.kind != Node::Kind::List || replies.items.size() > kRulesMax) {
    reading.report.error(replies.where,
                         "replies takes a list of at most " + std::to_string(kRulesMax) + " rows",
                         "begin each with a dash: - { id: name, code: 550, then: slow }");
    return rules;
  }
  std::set<std::string> ids;
  for (const auto& node : replies.items) {
    if (!is_section(reading, node, "replies")) continue;
    auto rule = RowReader(reading, words, node).read();
    if (!rule) continue;
    if (!ids.insert(rule->id).second)
      reading.report.error(node.where, "a second reply is called " + printable(rule->id, 120));
    rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace mailchute
