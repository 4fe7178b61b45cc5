#include "smtp/command.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace mailchute {

namespace {

struct Word {
  std::string_view text;
  Verb verb;
};

constexpr Word kWords[] = {
    {"EHLO", Verb::Ehlo},         {"HELO", Verb::Helo},          {"MAIL", Verb::Mail},
    {"RCPT", Verb::Rcpt},         {"DATA", Verb::Data},          {"BDAT", Verb::Bdat},
    {"RSET", Verb::Rset},         {"NOOP", Verb::Noop},          {"VRFY", Verb::Vrfy},
    {"HELP", Verb::Help},         {"QUIT", Verb::Quit},          {"AUTH", Verb::Auth},
    {"STARTTLS", Verb::StartTls}, {"XQUEUE", Verb::OwnMail},     {"EXPN", Verb::Unoffered},
    {"TURN", Verb::Unoffered},    {"ETRN", Verb::Unoffered},     {"ATRN", Verb::Unoffered},
    {"SEND", Verb::Unoffered},    {"SOML", Verb::Unoffered},     {"SAML", Verb::Unoffered},
    {"XCLIENT", Verb::Unoffered}, {"XFORWARD", Verb::Unoffered},
};

Verb verb_of(std::string_view word) {
  const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const Word& known) { return equal_nocase(known.text, word); });
  return found == std::end(kWords) ? Verb::Unknown : found->verb;
}

bool in_host_name(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || std::string_view(".-_:[]%").find(c) != std::string_view::npos;
}

}  // namespace

Command parse_command(std::string_view line) {
  const auto end = line.find_first_of(" \t");
  Command command{verb_of(line.substr(0, end)), {}};
  if (end == std::string_view::npos) return command;

  command.argument = line.substr(end + 1);
  const auto last = command.argument.find_last_not_of(" \t");
  command.argument = command.argument.substr(0, last == std::string_view::npos ? 0 : last + 1);
  command.parted_by_tab = line[end] == '\t' && !command.argument.empty();
  return command;
}

Parsed<std::string_view> parse_helo(std::string_view argument) {
  // RFC 5321 4.1.1.1. Underscores and names without a dot are not domains, but machines do have them (S021);
  // an IPv6 literal may name its interface with '%'. Everything else could only harm the log or the trace
  // header.
  const bool wrong = argument.empty() || argument.size() > limits::kDomainBytes ||
                     !std::all_of(argument.begin(), argument.end(), in_host_name);
  if (wrong) return tl::unexpected(Reply{501, "5.5.4", "A host name or an address literal is needed"});
  return argument;
}

Parsed<ChunkSize> parse_bdat(std::string_view argument) {
  const auto end = argument.find(' ');
  const auto bytes = parse_unsigned(argument.substr(0, end));
  const auto word = end == std::string_view::npos ? std::string_view() : trim(argument.substr(end));
  // RFC 3030 2: `BDAT <SP> chunk-size [<SP> LAST]`.
  if (!bytes || !(word.empty() || equal_nocase(word, "LAST")))
    return tl::unexpected(Reply{501, "5.5.4", "Syntax: BDAT size [LAST]"});
  return ChunkSize{*bytes, word.empty() ? ChunkSize::Last::No : ChunkSize::Last::Yes};
}

}  // namespace mailchute
