#include "net/peer_uid.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "net/address.h"

namespace mailchute {

namespace {

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

/// The address as the kernel's question wants it: IPv4 in the first word.
void place(const SocketAddress& address, __be32 (&words)[4]) {
  const auto bytes = address.bytes();
  if (address.family() == AF_INET) {
    std::memcpy(&words[0], bytes.data() + 12, 4);
  } else {
    std::memcpy(&words[0], bytes.data(), bytes.size());
  }
}

Question question(const SocketAddress& client, const SocketAddress& server, std::uint32_t sequence) {
  Question asked{};
  asked.header.nlmsg_len = sizeof asked;
  asked.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  asked.header.nlmsg_flags = NLM_F_REQUEST;
  asked.header.nlmsg_seq = sequence;
  asked.body.sdiag_family = static_cast<__u8>(client.family());
  asked.body.sdiag_protocol = IPPROTO_TCP;
  asked.body.idiag_states = 1U << TCP_ESTABLISHED;
  asked.body.id.idiag_sport = htons(client.port());
  asked.body.id.idiag_dport = htons(server.port());
  place(client, asked.body.id.idiag_src);
  place(server, asked.body.id.idiag_dst);
  asked.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  asked.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return asked;
}

/// The address in an answer; a client's IPv6 socket that speaks IPv4 comes out as IPv6.
std::array<std::uint8_t, 16> answered_address(const inet_diag_msg& answer, const __be32 (&words)[4]) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  std::memcpy(&v6.sin6_addr, words, sizeof v6.sin6_addr);
  if (answer.idiag_family == AF_INET6) return SocketAddress::from(reinterpret_cast<sockaddr&>(v6))->bytes();
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  std::memcpy(&v4.sin_addr, words, sizeof v4.sin_addr);
  return SocketAddress::from(reinterpret_cast<sockaddr&>(v4))->bytes();
}

/// Without a connected socket the kernel looks further and answers with a listening one, or with one that its
/// owner has already closed: that has no inode, and the uid 0.
bool is_the_client(const inet_diag_msg& answer, const SocketAddress& client, const SocketAddress& server) {
  return answer.idiag_state == TCP_ESTABLISHED && answer.idiag_inode != 0 &&
         answer.id.idiag_sport == htons(client.port()) && answer.id.idiag_dport == htons(server.port()) &&
         answered_address(answer, answer.id.idiag_src) == client.bytes() &&
         answered_address(answer, answer.id.idiag_dst) == server.bytes();
}

bool send_question(int netlink, const Question& asked) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  return sendto(netlink, &asked, sizeof asked, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&kernel),
                sizeof kernel) == static_cast<ssize_t>(sizeof asked);
}

/// The answer to question number `sequence`; what is left of earlier ones is thrown away.
std::optional<inet_diag_msg> receive_answer(int netlink, std::uint32_t sequence) {
  alignas(nlmsghdr) std::array<char, 8192> buffer;
  for (;;) {
    const auto count = recv(netlink, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < static_cast<ssize_t>(sizeof(nlmsghdr))) return std::nullopt;
    const auto* const header = reinterpret_cast<const nlmsghdr*>(buffer.data());
    if (header->nlmsg_seq != sequence) continue;
    const bool whole = header->nlmsg_len >= NLMSG_LENGTH(sizeof(inet_diag_msg)) && header->nlmsg_len <= count;
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || !whole) return std::nullopt;
    inet_diag_msg answer;
    std::memcpy(&answer, NLMSG_DATA(header), sizeof answer);
    return answer;
  }
}

}  // namespace

PeerUid::PeerUid() : netlink_(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}

std::optional<uid_t> PeerUid::owner(const std::string& client, const std::string& server) {
  const auto from = SocketAddress::parse(client);
  const auto to = SocketAddress::parse(server);
  if (!netlink_ || !from || !to || from->family() != to->family()) return std::nullopt;
  if (!send_question(netlink_.get(), question(*from, *to, ++sequence_))) return std::nullopt;
  const auto answer = receive_answer(netlink_.get(), sequence_);
  if (!answer || !is_the_client(*answer, *from, *to)) return std::nullopt;
  return answer->idiag_uid;
}

}  // namespace mailchute
