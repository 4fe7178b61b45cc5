#include "settings/host.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/text.h"

namespace mailchute {

namespace {

tl::unexpected<Unfit> unfit(std::string message, std::string hint) {
  return tl::unexpected<Unfit>(Unfit{std::move(message), std::move(hint)});
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text, 120) + "\""; }

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  // An underscore is no host name by RFC 952, but internal names have it and resolvers take it.
  const bool letters = std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  return letters && !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
}

/// What is wrong with a name that carries more than a name.
Fitted<std::string> bare_name(std::string_view text) {
  if (text.empty()) return unfit("the host is empty", "write a name like smtp.example.com");
  if (text.find_first_of(" \t") != std::string_view::npos)
    return unfit(in_quotes(text) + " has blanks in it", "write the name alone");
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
    return unfit(in_quotes(text) + " is a URL, not a host",
                 "write the name alone: " + std::string(text.substr(scheme + 3)));
  if (text.find('/') != std::string_view::npos)
    return unfit(in_quotes(text) + " has a path in it", "write the name alone");
  if (text.find('@') != std::string_view::npos)
    return unfit(in_quotes(text) + " is an address, not a host", "");
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && parse_unsigned(text.substr(colon + 1)))
    return unfit(in_quotes(text) + " has a port in it",
                 "write host: " + std::string(text.substr(0, colon)) +
                     " and port: " + std::string(text.substr(colon + 1)));
  return std::string(text);
}

Fitted<std::string> to_ascii(const std::string& name) {
  char* converted = nullptr;
  const int status = idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owned(converted, idn2_free);
  if (status != IDN2_OK) return unfit(in_quotes(name) + " is not a name: " + idn2_strerror(status), "");
  return lower(converted);
}

}  // namespace

Fitted<std::string> canonical_domain(std::string_view text) {
  auto bare = bare_name(text);
  if (!bare) return bare;
  std::string name = lower(*bare);
  if (name.ends_with('.')) name.pop_back();
  if (!is_ascii(name)) {
    auto ascii = to_ascii(name);
    if (!ascii) return ascii;
    name = std::move(*ascii);
  }
  const auto labels = split(name, '.');
  const bool valid =
      name.size() <= limits::kDomainBytes - 2 && std::all_of(labels.begin(), labels.end(), is_label);
  // A last label of digits is an IP address that went wrong (RFC 1123 2.1).
  if (!valid || parse_unsigned(labels.back())) return unfit(in_quotes(text) + " is not a host name", "");
  return name;
}

Fitted<std::string> canonical_host(std::string_view text) {
  std::string_view inner = text;
  if (inner.size() > 2 && inner.starts_with('[') && inner.ends_with(']'))
    inner = inner.substr(1, inner.size() - 2);
  const std::string address(inner);
  if (is_ipv6(address)) return lower(address);
  if (inner.size() == text.size() && is_ipv4(address)) return address;
  return canonical_domain(text);
}

Fitted<std::string> canonical_hostname(std::string_view text) {
  if (!text.starts_with('[')) return canonical_domain(text);
  std::string inner(text.substr(1));
  if (inner.ends_with(']'))
    inner.pop_back();
  else
    inner.clear();
  if (is_ipv4(inner)) return std::string(text);
  if (starts_nocase(inner, "IPv6:") && is_ipv6(inner.substr(5))) return std::string(text);
  return unfit(in_quotes(text) + " is not an address literal", "write [192.0.2.1] or [IPv6:2001:db8::1]");
}

Fitted<Endpoint> parse_endpoint(std::string_view text) {
  const std::string hint = "write it like 127.0.0.1:25 or [::1]:25";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return unfit(in_quotes(text) + " has no port", hint);
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65'535) return unfit(in_quotes(text) + " does not end with a port", hint);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::string address(host);
  if (bracketed ? !is_ipv6(address) : !is_ipv4(address))
    return unfit(in_quotes(text) + " does not begin with an IP address", hint);
  return Endpoint{address, static_cast<std::uint16_t>(*port)};
}

bool is_loopback_address(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_loopback_host(std::string_view host) {
  return equal_nocase(host, "localhost") || is_loopback_address(host);
}

}  // namespace mailchute
