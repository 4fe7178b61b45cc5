#include <utility>

#include "base/text.h"
#include "control/json_parts.h"
#include "control/story.h"
#include "mail/reply_for_people.h"

namespace mailchute {

namespace {

Json reply_json(const Reply& reply) {
  return {{"code", reply.code},
          {"enhanced", as_text(reply.enhanced)},
          {"text", as_text(reply_for_people(reply.text))}};
}

const char* fate_name(Fate fate) {
  switch (fate) {
    case Fate::Delivered: return "delivered";
    case Fate::Deferred: return "deferred";
    case Fate::Refused: return "refused";
  }
  return "deferred";
}

const char* blame_name(Blame blame) {
  switch (blame) {
    case Blame::Recipient: return "recipient";
    case Blame::Message: return "message";
    case Blame::Sender: return "sender";
    case Blame::Upstream: return "upstream";
  }
  return "upstream";
}

Json verdict_json(const Verdict& verdict) {
  return {{"rule", as_text(verdict.rule)},
          {"fate", fate_name(verdict.fate)},
          {"blame", blame_name(verdict.blame)},
          {"pauses_upstream", verdict.pause.has_value()},
          {"needs_person", verdict.pause && verdict.pause->kind == Pause::Kind::Person}};
}

Json attempt_json(const StoryAttempt& attempt) {
  return {{"at", rfc3339(attempt.at)},
          {"upstream", as_text(attempt.upstream)},
          {"stage", stage_name(attempt.stage)},
          {"reply", reply_json(attempt.reply)}};
}

Json texts(const std::vector<std::string>& all) {
  Json list = Json::array();
  for (const std::string& each : all) list.push_back(as_text(each));
  return list;
}

Json part_json(const StoryPart& part) {
  Json object = {{"about", as_text(part.about)},       {"state", as_text(part.state)},
                 {"happened", as_text(part.happened)}, {"meaning", as_text(part.meaning)},
                 {"expected", as_text(part.expected)}, {"until", time_or_null(part.until)},
                 {"upstream", as_text(part.upstream)}, {"provider", as_text(part.provider)}};
  object["reply"] = part.reply ? reply_json(*part.reply) : Json(nullptr);
  object["verdict"] = part.verdict ? verdict_json(*part.verdict) : Json(nullptr);
  object["stages"] = Json::array();
  for (const Stage stage : part.stages) object["stages"].push_back(stage_name(stage));
  object["attempts"] = Json::array();
  for (const StoryAttempt& attempt : part.attempts) object["attempts"].push_back(attempt_json(attempt));
  object["next"] = texts(part.next);
  return object;
}

}  // namespace

std::string encode_story(const Story& story) {
  Json object = {{"schema", 1},
                 {"kind", as_text(story.kind)},
                 {"subject", as_text(story.subject)},
                 {"summary", as_text(story.summary)}};
  object["parts"] = Json::array();
  for (const StoryPart& part : story.parts) object["parts"].push_back(part_json(part));
  return written(object);
}

}  // namespace mailchute
