// What may be shown of a conversation, as lines: the commands and the replies. A credential is replaced by a
// mark, and content never comes out, whatever either side does: what is no command that SMTP knows is told by
// its size alone. Pure; one for each conversation, both sides alike; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailchute {

class DialogueLines {
 public:
  /// Bytes of the client's, in the order in which they went; the lines that are whole now. Not yet safe to
  /// print.
  std::vector<std::string> client(std::string_view bytes);
  /// The same of the server's.
  std::vector<std::string> server(std::string_view bytes);

 private:
  /// Login: what the client says is part of an exchange. Asked: DATA was said and not answered yet.
  enum class Phase { Commands, Login, Asked, Content, Chunk };

  void take_command(std::string_view line, std::vector<std::string>& shown);
  void take_reply(std::string_view line);
  void take_content(std::string_view& bytes);
  void take_chunk(std::string_view& bytes);

  Phase phase_ = Phase::Commands;
  std::string client_line_;
  std::string server_line_;
  std::size_t owed_ = 1;          ///< Answers to come; the greeting is one.
  std::size_t before_data_ = 0;   ///< Of them before that to DATA.
  std::size_t end_matched_ = 0;   ///< Of CRLF . CRLF.
  std::uint64_t chunk_left_ = 0;  ///< Of BDAT.
};

}  // namespace mailchute
