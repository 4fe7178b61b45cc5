#include "accept/caller.h"

#include <unistd.h>

#include "base/text.h"
#include "net/program_name.h"

namespace mailchute {

namespace {

constexpr char kSubmit[] = "submit";

}  // namespace

Caller local_caller(const PeerFacts& facts) {
  Caller caller;
  Source& source = caller.source;
  source.kind = kSubmit;
  source.uid = facts.uid;
  source.pid = facts.pid;
  if (facts.pid) source.command = printable(program_name(*facts.pid));
  const bool ours = facts.uid == ::geteuid() || facts.group == PeerFacts::Group::Ours;
  if (facts.uid == 0 || ours) caller.sight = Sight::AllMail;
  return caller;
}

bool came_by_submit(const Source& source) { return source.kind == kSubmit; }

std::string caller_text(const Source& source) {
  if (!source.address.empty()) return source.address;
  std::string text = "uid " + (source.uid ? std::to_string(*source.uid) : "unknown");
  if (!source.command.empty()) text += " (" + source.command + ")";
  return text;
}

std::string source_text(const Source& source) {
  std::string text = source.kind;
  if (!source.address.empty()) text += " " + source.address;
  if (source.uid) text += " uid=" + std::to_string(*source.uid);
  if (!source.command.empty()) text += " command=" + source.command;
  return text;
}

}  // namespace mailchute
