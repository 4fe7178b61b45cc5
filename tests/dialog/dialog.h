// One conversation, as read from a .dialog file (README.md of this folder has the language).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "fake/server_driver.h"

namespace mailchute::test {

namespace step {
struct Say {
  std::string bytes;
};
struct HangUp {};
struct Reply {
  int code;
  std::string pattern;
};
struct Line {
  std::string text;
};
struct Closed {};
struct Silent {};
struct Messages {
  std::size_t count;
};
struct Content {
  std::string bytes;
};
struct Sender {
  std::string address;
};
struct Recipients {
  std::string addresses;
};
struct Answer {
  Question question;
  mailchute::Reply reply;
};
}  // namespace step

struct Step {
  int line;  ///< In the file, for messages.
  std::variant<step::Say, step::HangUp, step::Reply, step::Line, step::Closed, step::Silent, step::Messages,
               step::Content, step::Sender, step::Recipients, step::Answer>
      what;
};

struct Dialog {
  ServerOptions options;
  enum class Cutting { Anywhere, Nowhere } cutting = Cutting::Anywhere;
  std::vector<Step> steps;
};

/// Fails with the line that is not of the language.
Result<Dialog> read_dialog(const std::string& path);

/// How the client's bytes are cut on their way.
struct Cut {
  enum class Kind { None, EveryByte, Once } kind = Kind::None;
  std::size_t at = 0;  ///< Once: before this byte, counted over all that the client says.
};

/// Holds the conversation; fails with the line that went otherwise. Gives the number of bytes that the client
/// said.
Result<std::size_t> hold(const Dialog& dialog, Cut cut);

}  // namespace mailchute::test
