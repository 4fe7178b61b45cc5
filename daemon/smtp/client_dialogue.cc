#include "smtp/client_dialogue.h"

#include <utility>

#include "base/limits.h"
#include "base/result.h"
#include "base/secret.h"

namespace mailchute {

Stage stage_of(Awaited what) {
  switch (what) {
    case Awaited::Greeting: return Stage::Greeting;
    case Awaited::Ehlo:
    case Awaited::Helo: return Stage::Ehlo;
    case Awaited::StartTls: return Stage::StartTls;
    case Awaited::Auth:
    case Awaited::AuthCancel: return Stage::Auth;
    case Awaited::MailFrom: return Stage::MailFrom;
    case Awaited::RcptTo: return Stage::RcptTo;
    case Awaited::Data: return Stage::Data;
    case Awaited::Chunk: return Stage::Body;
    case Awaited::FinalDot: return Stage::FinalDot;
    case Awaited::LoneDot:
    case Awaited::Reset: return Stage::Reset;
    case Awaited::Quit: return Stage::Quit;
  }
  return Stage::Idle;
}

const char* name_of(Awaited what) {
  switch (what) {
    case Awaited::Greeting: return "the connection";
    case Awaited::Ehlo: return "EHLO";
    case Awaited::Helo: return "HELO";
    case Awaited::StartTls: return "STARTTLS";
    case Awaited::Auth:
    case Awaited::AuthCancel: return "AUTH";
    case Awaited::MailFrom: return "MAIL";
    case Awaited::RcptTo: return "RCPT";
    case Awaited::Data: return "DATA";
    case Awaited::Chunk: return "BDAT";
    case Awaited::FinalDot: return "the end of the message";
    case Awaited::LoneDot: return "the end of an empty message";
    case Awaited::Reset: return "RSET";
    case Awaited::Quit: return "QUIT";
  }
  return "a command";
}

Reply as_refusal(const Reply& reply, Awaited what) {
  if (reply.transient() || reply.permanent()) return reply;
  return Reply{0, "",
               std::string("unexpected answer to ") + name_of(what) + ": " + std::to_string(reply.code) +
                   " " + reply.text};
}

void ClientDialogue::say(std::string_view line, Awaited what) {
  // Room first: a credential must not be left behind in a buffer that was outgrown.
  output_.reserve(output_.size() + line.size() + 2);
  output_ += line;
  output_ += "\r\n";
  await(what, line.size() + 2);
}

void ClientDialogue::await_greeting() {
  await(Awaited::Greeting, 0);
  answerable_ = 1;
}

void ClientDialogue::await(Awaited what, std::size_t bytes) {
  if (owed_.empty()) progressed();
  owed_.push_back({what, bytes});
  bytes_in_flight_ += bytes;
}

std::string ClientDialogue::take_output() {
  answerable_ = owed_.size();
  return std::exchange(output_, std::string());
}

Awaited ClientDialogue::take_next() {
  CHECK(answerable_ > 0);
  const Owed owed = owed_.front();
  owed_.pop_front();
  --answerable_;
  bytes_in_flight_ -= owed.bytes;
  progressed();
  return owed.what;
}

void ClientDialogue::fall_silent() {
  Secret::wipe(output_);
  owed_.clear();
  answerable_ = 0;
  bytes_in_flight_ = 0;
  progressed();
}

Duration ClientDialogue::patience_for(Awaited what) const {
  switch (what) {
    case Awaited::Greeting: return patiences_.greeting;
    case Awaited::Data: return patiences_.data_start;
    case Awaited::Chunk: return patiences_.data;
    case Awaited::FinalDot: return patiences_.final_dot;
    case Awaited::Quit: return limits::kQuitPatience;
    default: return patiences_.command;
  }
}

}  // namespace mailchute
