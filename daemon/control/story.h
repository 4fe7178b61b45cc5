// What `explain` tells, before it becomes text or JSON: what happened, what it means, what comes next and
// when, what to type. Values, in the reader's language where they are sentences; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mail/reply.h"
#include "mail/verdict.h"

namespace mailchute {

/// One of the attempts behind a part.
struct StoryAttempt {
  WallTime at{};
  std::string upstream;
  Stage stage = Stage::Connect;
  Reply reply;
};

/// What is told of one recipient, one upstream, or one meaning of a reply.
struct StoryPart {
  std::string about;     ///< `b@r.test`, `qq`, `QQ Mail: qq-login`; printable.
  std::string state;     ///< As `queue list` and `status` say it; empty for a reply.
  std::string happened;  ///< Sentences.
  std::string meaning;   ///< The words of the rule that judged the reply, or of the event.
  std::string expected;  ///< What comes next, and when.
  std::optional<WallTime> until;
  std::string upstream;
  std::string provider;
  std::vector<Stage> stages;           ///< Where the reply was given, or may have been.
  std::optional<Reply> reply;          ///< The provider's own words.
  std::optional<Verdict> verdict;      ///< What they come to by today's rules.
  std::vector<StoryAttempt> attempts;  ///< The last of them.
  std::vector<std::string> next;       ///< Whole commands.
};

struct Story {
  std::string kind;     ///< message | upstream | reply | rule | event
  std::string subject;  ///< Id, name, or what was typed.
  std::string summary;  ///< One line.
  std::vector<StoryPart> parts;
};

/// One JSON object.
std::string encode_story(const Story& story);

}  // namespace mailchute
