#include "accept/caller.h"

#include "base/text.h"
#include "net/program_name.h"

namespace mailchute {

namespace {

constexpr char kSubmit[] = "submit";

}  // namespace

Source local_caller(const PeerFacts& facts) {
  Source source;
  source.kind = kSubmit;
  source.uid = facts.uid;
  source.pid = facts.pid;
  if (facts.pid) source.command = printable(program_name(*facts.pid));
  return source;
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
