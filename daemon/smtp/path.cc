#include "smtp/path.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace mailchute {

namespace {

constexpr auto kNowhere = std::string_view::npos;

Reply bad_address(Side side) {
  // RFC 3463 3.2: 5.1.7 is about the sender's address, 5.1.3 about a recipient's.
  if (side == Side::Sender) return {501, "5.1.7", "Bad sender address syntax"};
  return {501, "5.1.3", "Bad recipient address syntax"};
}

/// Where the '>' is that closes the path, or nowhere. `text` begins behind the '<'.
std::size_t closing_bracket(std::string_view text) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;  // RFC 5321 4.1.2: the next one is quoted as well.
    else if (text[at] == '"')
      quoted = !quoted;
    else if (!quoted && text[at] == '<')
      return kNowhere;
    else if (!quoted && text[at] == '>')
      return at;
  }
  return kNowhere;
}

bool is_hop(std::string_view hop) {
  const auto in_domain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  return hop.size() > 1 && hop[0] == '@' && std::all_of(hop.begin() + 1, hop.end(), in_domain);
}

/// RFC 5321 4.1.1.3 and appendix C: `@a,@b:user@d` is accepted and the route is ignored. Empty when the route
/// is malformed.
std::optional<std::string_view> without_route(std::string_view path) {
  if (!path.starts_with('@')) return path;
  const auto colon = path.find(':');
  if (colon == kNowhere) return std::nullopt;
  const auto hops = split(path.substr(0, colon), ',');
  if (!std::all_of(hops.begin(), hops.end(), is_hop)) return std::nullopt;
  const auto address = path.substr(colon + 1);
  return address.empty() ? std::nullopt : std::optional(address);
}

}  // namespace

Parsed<Path> parse_path(std::string_view argument, Side side) {
  const std::string_view word = side == Side::Sender ? "FROM:" : "TO:";
  const Reply syntax{501, "5.5.4",
                     side == Side::Sender ? "Syntax: MAIL FROM:<address>" : "Syntax: RCPT TO:<address>"};
  if (!starts_nocase(argument, word)) return tl::unexpected(syntax);

  const auto text = trim(argument.substr(word.size()));
  if (!text.starts_with('<')) return tl::unexpected(syntax);
  const auto end = closing_bracket(text.substr(1));
  if (end == kNowhere) return tl::unexpected(bad_address(side));
  const auto behind = text.substr(end + 2);
  if (!behind.empty() && behind[0] != ' ') return tl::unexpected(bad_address(side));
  if (end + 2 > limits::kPathBytes) return tl::unexpected(bad_address(side));  // RFC 5321 4.5.3.1.3

  const auto address = without_route(text.substr(1, end));
  if (!address) return tl::unexpected(bad_address(side));
  return Path{*address, trim(behind)};
}

Parsed<Mailbox> parse_address(std::string_view address, Side side, Mailbox::Utf8 utf8,
                              std::string_view mail_domain) {
  auto mailbox = Mailbox::parse(address, Mailbox::Utf8::Allowed);
  if (!mailbox) return tl::unexpected(bad_address(side));
  // RFC 6531 3.5: without SMTPUTF8 in MAIL such an address must not be taken.
  if (mailbox->needs_utf8() && utf8 == Mailbox::Utf8::Refused)
    return tl::unexpected(Reply{553, "5.6.7", "This address needs SMTPUTF8"});
  // RFC 5321 2.3.5 leaves local names to us; 4.5.1 wants Postmaster, which is one of them.
  return mailbox->completed(mail_domain);
}

}  // namespace mailchute
