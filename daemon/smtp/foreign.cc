#include "smtp/foreign.h"

#include <algorithm>

#include "base/text.h"

namespace mailchute {

namespace {

/// First words of protocols that a local program can be tricked into sending here. None of them begins an
/// SMTP command.
constexpr std::string_view kForeignWords[] = {
    // HTTP (RFC 9110 9, RFC 5789; PRI opens HTTP/2) and WebDAV
    "GET",
    "POST",
    "PUT",
    "HEAD",
    "OPTIONS",
    "CONNECT",
    "DELETE",
    "TRACE",
    "PATCH",
    "PRI",
    "PROPFIND",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    // SIP (RFC 3261) and RTSP (RFC 7826)
    "INVITE",
    "REGISTER",
    "ACK",
    "BYE",
    "CANCEL",
    "SUBSCRIBE",
    "NOTIFY",
    "PUBLISH",
    "MESSAGE",
    "DESCRIBE",
    "ANNOUNCE",
    "SETUP",
    "PLAY",
    "PAUSE",
    "RECORD",
    "TEARDOWN",
    // PROXY protocol, version 1
    "PROXY",
    // redis and memcached
    "PING",
    "INFO",
    "SET",
    "CONFIG",
    "EVAL",
    "SLAVEOF",
    "REPLICAOF",
    "FLUSHALL",
    "FLUSHDB",
    "SELECT",
    "COMMAND",
    "CLIENT",
    "STATS",
    "GETS",
    "ADD",
    "REPLACE",
    "APPEND",
    "PREPEND",
    "INCR",
    "DECR",
    "VERSION",
    "FLUSH_ALL",
};

constexpr std::string_view kForeignVersions[] = {"HTTP/", "SIP/2", "RTSP/", "ICAP/"};

bool is_text(char c) { return c == '\t' || c == '\r' || (c >= ' ' && c < 0x7f); }
/// A NUL within a line is a mistake that has its own reply; at its beginning it is another protocol.
bool is_text_or_nul(char c) { return c == '\0' || is_text(c); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool begins_foreign(std::string_view rest, Acquaintance acquaintance) {
  if (rest.empty()) return false;
  const char first = rest[0];
  if (!is_text(first) && first != '\n') return true;
  if (acquaintance == Acquaintance::Known) return false;
  // Version 2 of the PROXY protocol opens with an empty line, and whoever opens with one has nothing to add
  // to it.
  if (rest.starts_with("\r\n\r") || rest.starts_with("\r\n\n")) return true;
  return !is_letter(first) && std::string_view(" \t\r\n.").find(first) == std::string_view::npos;
}

bool is_foreign(const Line& given, Acquaintance acquaintance) {
  const std::string_view line = given.text;
  const auto word = line.substr(0, line.find_first_of(" \t"));
  const auto names = [&](std::string_view known) { return equal_nocase(word, known); };
  if (std::any_of(std::begin(kForeignWords), std::end(kForeignWords), names)) return true;
  if (word.starts_with("SSH-")) return true;  // RFC 4253 4.2
  if (acquaintance == Acquaintance::New && (given.fault == Line::Fault::TooLong || word.ends_with(':')))
    return true;

  const auto last = line.substr(line.find_last_of(' ') + 1);
  const auto opens = [&](std::string_view version) { return last.starts_with(version); };
  if (std::any_of(std::begin(kForeignVersions), std::end(kForeignVersions), opens)) return true;
  return !std::all_of(line.begin(), line.end(), is_text_or_nul);
}

}  // namespace mailchute
