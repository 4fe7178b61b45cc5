#include "command/story_view.h"

#include <algorithm>
#include <map>

#include "base/phrase.h"
#include "base/text.h"
#include "command/moments.h"
#include "command/table.h"
#include "command/wrap.h"
#include "mail/reply_for_people.h"

namespace mailchute {

namespace {

/// Sentences that are wider than this are hard to follow from line to line.
constexpr std::size_t kReadableWidth = 100;
constexpr std::size_t kLabelWidth = 14;
constexpr std::size_t kReplyBytes = 4096;

class Page {
 public:
  Page(WallTime now, Language language, std::size_t screen)
      : now_(now), language_(language), screen_(std::min(screen, kReadableWidth)) {}

  void add(const Phrase& label, const std::string& text) {
    if (text.empty()) return;
    text_ += wrapped(beginning(label), text, kLabelWidth, screen_);
  }

  void line(const std::string& text) { text_ += wrapped("", text, 2, screen_); }
  void blank() { text_ += "\n"; }

  /// Word for word, each line that the peer sent a line of its own.
  void words(const Phrase& label, const std::vector<Stage>& stages, const Reply& reply) {
    text_ += beginning(label);
    if (stages.size() == 1) text_ += std::string(stage_name(stages.front())) + ": ";
    if (reply.code != 0) text_ += std::to_string(reply.code) + " ";
    if (!reply.enhanced.empty()) text_ += printable(reply.enhanced) + " ";
    bool first = true;
    for (const std::string_view each : split(reply.text, '\n')) {
      if (!first) text_.append(kLabelWidth, ' ');
      text_ += printable(reply_for_people(each), kReplyBytes) + "\n";
      first = false;
    }
  }

  void attempts(const std::vector<StoryAttempt>& all) {
    std::string text;
    for (const StoryAttempt& each : all) {
      if (!text.empty()) text += "\n";
      text += local_time(each.at, now_) + " " + printable(each.upstream) + " " + stage_name(each.stage) +
              ": " + reply_line(each.reply);
    }
    // One attempt says no more than the last words do.
    if (all.size() > 1) add({"Tried", "尝试记录"}, text);
  }

  void commands(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& each : all) text += (text.empty() ? "" : "\n") + each;
    add({"To type", "可以输入"}, text);
  }

  std::string take() { return std::move(text_); }

 private:
  std::string beginning(const Phrase& label) const {
    std::string name = "  " + label.in(language_);
    name.append(kLabelWidth - std::min(kLabelWidth - 1, display_width(name)), ' ');
    return name;
  }

  WallTime now_;
  Language language_;
  std::size_t screen_;
  std::string text_;
};

/// A state of a recipient or of an upstream; in JSON and behind --state the words are fixed.
std::string state_in(const std::string& state, Language language) {
  static const std::map<std::string_view, const char*> kChinese = {
      {"queued", "等待中"},       {"sending", "发送中"}, {"held", "被扣留"}, {"uncertain", "结果不明"},
      {"delivered", "已送达"},    {"failed", "失败"},    {"ok", "正常"},     {"paused", "已暂停"},
      {"cooling_down", "冷却中"}, {"down", "不可用"}};
  const auto found = kChinese.find(state);
  return language == Language::Chinese && found != kChinese.end() ? found->second : state;
}

}  // namespace

std::string story_page(const Story& story, WallTime now, Language language, std::size_t screen) {
  Page page(now, language, screen);
  // What was typed is on the screen already.
  if (story.kind != "reply")
    page.line(printable(story.subject) + (story.summary.empty() ? "" : ": " + story.summary));
  for (const StoryPart& part : story.parts) {
    if (&part != &story.parts.front() || (story.kind != "reply" && !part.about.empty())) page.blank();
    if (!part.about.empty())
      page.line(part.state.empty() ? part.about : part.about + ": " + state_in(part.state, language));
    page.add({"Happened", "发生了什么"}, part.happened);
    page.attempts(part.attempts);
    if (part.reply && story.kind != "reply") page.words({"Its words", "原话"}, part.stages, *part.reply);
    page.add({"Meaning", "含义"}, part.meaning);
    page.add({"Next", "接下来"}, part.expected);
    page.commands(part.next);
  }
  return page.take();
}

}  // namespace mailchute
