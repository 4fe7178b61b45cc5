"""Ends of a message that only some servers take for one, and a second message behind them, by every door and in every cut:
what comes out at the provider is one message, whole, and never a second one."""
import itertools
import re
import socket
import unittest

from listener_case import ListenerCase
from submit_client import SubmitClient

BEFORE = (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\n\n", b"\r\r", b"")
DOTS = (b".", b"..", b"\0.", b".\0", b" .", b". ", b".\t")
BEHIND = (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"")
OTHERS = (b"\r\n.\n\r\n", b"\n\n.\n\n", b"\r\r.\r\r", b"\x85.\x85", b"\xe2\x80\xa8.\xe2\x80\xa8", b"\x0b.\x0b", b"\x0c.\x0c",
          b"=0D=0A.=0D=0A", b"\r\n..\r\n", b"\r\n.\r\r\n.\r\n", b"\r\nQUIT\r\nRSET\r\nBDAT 4 LAST\r\n")
ENDS = [b"".join(parts) for parts in itertools.product(BEFORE, DOTS, BEHIND)] + list(OTHERS)
SECOND = b"MAIL FROM:<smug@s.test>\r\nRCPT TO:<v@r.test>\r\nDATA\r\nSubject: smug\r\n\r\nX\r\n"


def any_line_end(text):
    return re.sub(rb"\r\n|\r|\n", b"\r\n", text)


def by_the_dot(wire):
    """What stands before the first CRLF.CRLF; None where it holds a NUL, which must be refused."""
    lines = wire[:wire.index(b"\r\n.\r\n")].split(b"\r\n")
    content = b"".join(any_line_end(each[1:] if each.startswith(b".") else each) + b"\r\n" for each in lines)
    return None if b"\0" in content else content


def by_count(wire):
    """The same where octets are counted and no dot means anything."""
    return None if b"\0" in wire else any_line_end(wire)


class Smuggling(ListenerCase):
    def setUp(self):
        super().setUp()
        self.provider_side = self.provider(mode="plain", users={})
        self.relay = self.listener(provider=self.provider_side)
        self.wanted = {}

    def begin(self, client):
        self.addCleanup(client.close)
        if client.sock.family == socket.AF_INET:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.ehlo()
        for answer in (client.mail("a@s.test"), client.rcpt("b@r.test")):
            self.assertEqual(answer[0], 250, answer)
        return client

    def data(self, client, wire, cuts):
        self.assertEqual(client.docmd("DATA")[0], 354)
        for piece in cuts:
            client.send(piece)
        return by_the_dot(wire)

    def chunk(self, client, wire, cuts):
        client.send(b"BDAT %d LAST\r\n" % len(wire))
        for piece in cuts:
            client.send(piece)
        return by_count(wire)

    def send(self, connect, say, end, cut):
        """One message with `end` in it, handed over in pieces; what the provider is to get of it is noted."""
        token = "%s-%d" % (connect.__name__, len(self.wanted))
        wire = b"part" + end + SECOND + b".\r\nrest\r\n.\r\n"
        head = b"X-Token: " + token.encode() + b"\r\n\r\n"
        client = self.begin(connect())
        content = say(client, head + wire, cut(head + wire, end))
        answer = client.getreply()
        client.close()
        self.assertEqual(answer[0], 550 if content is None else 250, (end, answer))
        if content is not None:
            self.wanted[token] = content.split(b"\r\n\r\n", 1)[1]

    def port(self):
        return self.relay.smtp()

    def submit(self):
        return SubmitClient(self.relay.submit_path)

    def tls(self):
        return self.secure(self.relay.smtp())

    def test_s124_s126_no_end_but_the_true_one_makes_a_second_message(self):
        ways = itertools.cycle(itertools.product((self.port, self.submit, self.tls), (self.data, self.chunk), (whole, around_the_end)))
        for end in ENDS:
            for _ in range(2):
                self.send(*with_cut(next(ways), end))

        self.assert_each_arrived_once()

    def test_s123_nor_does_one_at_the_edge_of_a_buffer(self):
        for size, end in itertools.product((4096, 8192, 16384, 65536), (b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n..\r\n")):
            for more in range(-2, 3):
                self.send(self.port, self.data, b"\r\n" + b"x" * (size + more - 40) + end, whole)

        self.assert_each_arrived_once()

    def assert_each_arrived_once(self):
        journal = self.provider_side.journal
        journal.wait("message", count=len(self.wanted), timeout=120)
        self.relay.until_empty()
        seen = journal.all("message")
        self.assertEqual(sorted(each["token"] for each in seen), sorted(self.wanted))
        for each in seen:
            self.assertEqual((each["sender"], each["recipients"]), ("a@s.test", ["b@r.test"]), each)
            if each["content"] is not None:   # Else too large to be kept: its size and its dots were looked at.
                self.assertEqual(each["content"].encode("latin-1").split(b"\r\n\r\n", 1)[1], self.wanted[each["token"]])
        self.assertEqual(journal.all("violation"), [])


def whole(wire, _end):
    return [wire]


def around_the_end(wire, end):
    """Each of its bytes in a piece of its own."""
    at = wire.index(b"part" + end) + 4
    return [wire[:at], *(wire[i:i + 1] for i in range(at, at + len(end))), wire[at + len(end):]]


def with_cut(way, end):
    connect, say, cut = way
    return connect, say, end, cut


if __name__ == "__main__":
    unittest.main()
