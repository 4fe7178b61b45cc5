#include "accept/caller.h"

#include <unistd.h>

#include <optional>
#include <string_view>

#include "base/text.h"
#include "net/address.h"
#include "net/program_name.h"

namespace mailchute {

namespace {

constexpr char kSubmit[] = "submit";
constexpr std::string_view kSendmail = "sendmail";
constexpr pid_t kInit = 1;
constexpr std::size_t kNetworkBytes = 8;  // RFC 4291 2.5.4: of an IPv6 address
/// A line of shells may be as long as its user likes, and the loop waits for the answer.
constexpr int kGoBetweensMost = 3;

/// What a program runs its command lines with, when it does not run the command itself.
bool is_go_between(std::string_view name) { return name == "sh" || name == "dash"; }

/// Sendmail stands for whoever called it: cron, a web server's PHP. It waits for us meanwhile, so that its
/// parent can be asked for; one that has ended leaves it to init, which says nothing.
std::string command_of(pid_t pid) {
  std::string own = program_name(pid);
  if (own != kSendmail) return own;
  std::optional<pid_t> above = parent_process(pid);
  for (int passed = 0; passed <= kGoBetweensMost && above && *above > kInit; ++passed) {
    std::string name = program_name(*above);
    if (name.empty()) break;
    if (!is_go_between(name)) return name;
    above = parent_process(*above);
  }
  return own;
}

std::string network(const SocketAddress& address) {
  const auto bytes = address.bytes();
  const bool four = address.family() == AF_INET;
  std::string text = four ? "ip4 " : "ip6 ";
  for (std::size_t i = four ? bytes.size() - 4 : 0; i < (four ? bytes.size() : kNetworkBytes); ++i)
    text += std::to_string(bytes[i]) + ".";
  return text;
}

}  // namespace

Caller local_caller(const PeerFacts& facts) {
  Caller caller;
  Source& source = caller.source;
  source.kind = kSubmit;
  source.uid = facts.uid;
  source.pid = facts.pid;
  if (facts.pid) source.command = printable(command_of(*facts.pid));
  const bool ours = facts.uid == ::geteuid() || facts.group == PeerFacts::Group::Ours;
  if (facts.uid == 0 || ours) caller.sight = Sight::AllMail;
  return caller;
}

bool came_by_submit(const Source& source) { return source.kind == kSubmit; }

// An address that cannot be read is a stranger's: no doubt opens the door.
bool is_stranger(const Source& source) {
  if (came_by_submit(source) || source.address.empty()) return false;
  const auto address = SocketAddress::parse(source.address);
  return !address || !address->loopback();
}

std::string party(const Source& source) {
  if (!source.login.empty()) return "login " + source.login;
  if (source.uid) return "uid " + std::to_string(*source.uid);
  const auto address = SocketAddress::parse(source.address);
  return address && !address->loopback() ? network(*address) : "uid unknown";
}

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
  if (!source.login.empty()) text += " login=" + printable(source.login, 200);
  return text;
}

}  // namespace mailchute
