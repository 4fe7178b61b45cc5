// A reply of SMTP (RFC 5321 4.2), ours or an upstream's. A value; any thread.
#pragma once

#include <string>
#include <utility>

namespace mailchute {

/// Where in a conversation with an upstream something happened; its order is the order of the conversation.
enum class Stage {
  Resolve,
  Connect,
  Tls,
  Greeting,
  Ehlo,
  StartTls,
  Auth,
  MailFrom,
  RcptTo,
  Data,
  Body,
  FinalDot,
  Reset,
  Idle,
  Quit
};

/// `resolve`, `connect`, `tls`, `greeting`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data`, `body`,
/// `final_dot`, `reset`, `idle`, `quit`: the word used in the database, in JSON and in logs.
const char* stage_name(Stage stage);

/// `code` 0 means that no reply came: `text` then says what happened instead ("connection refused").
/// `text` holds the bytes as received, lines joined with '\n', without codes; it may be anything but is
/// bounded (limits::kReplyKeptBytes). Show it through printable() only.
struct Reply {
  int code = 0;
  std::string enhanced;  ///< RFC 3463, `5.7.1`; empty when none came, or when its class contradicts the code.
  std::string text;

  bool positive() const { return code >= 200 && code < 300; }
  bool intermediate() const { return code >= 300 && code < 400; }
  bool transient() const { return code >= 400 && code < 500; }
  bool permanent() const { return code >= 500 && code < 600; }
  bool operator==(const Reply&) const = default;
};

/// One line for logs, notices and tables: `550 5.1.1 no such user`, safe to print.
std::string reply_line(const Reply& reply);

}  // namespace mailchute
