"""Clients that are not mail programs, or mean harm: the daemon stays up, serves the others and takes nothing by mistake."""
import os
import resource
import signal
import socket
import struct
import time
import unittest

from harness import EndToEnd, plain_mail

DIALOGUE = b"EHLO x.test\r\nMAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n"
TLS_HELLO = (b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03" + bytes(range(32)) + b"\x00\x00\x02\x13\x01\x01\x00\x00\x95"
             + b"\r\n" + DIALOGUE)
FOREIGN = {
    "http get": b"GET / HTTP/1.1\r\nHost: 127.0.0.1:25\r\n\r\n",
    "http post with a dialogue": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n" + DIALOGUE,
    "http connect": b"CONNECT 127.0.0.1:25 HTTP/1.1\r\n\r\n" + DIALOGUE,
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + DIALOGUE,
    "tls hello": TLS_HELLO,
    "redis": b"*1\r\n$4\r\nPING\r\n" + DIALOGUE,
    "memcached": b"stats\r\n" * 40 + DIALOGUE,
    "sip": b"OPTIONS sip:x SIP/2.0\r\n" + DIALOGUE,
    "proxy v1": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + DIALOGUE,
    "proxy v2": b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + b"\x00" * 12 + DIALOGUE,
    "json": b'{"jsonrpc":"2.0","method":"x"}\r\n' + DIALOGUE,
    "zeros": b"\x00" * 4096 + DIALOGUE,
    "ssh": b"SSH-2.0-x\r\n" + DIALOGUE,
}


class Hostile(EndToEnd):
    def setUp(self):
        super().setUp()
        self.upstream_side = self.provider()

    def relay(self, **settings):
        return self.daemon(self.upstream_side, **settings)

    def hear(self, connection):
        """Everything until the daemon closes."""
        heard = b""
        try:
            while chunk := connection.recv(65536):
                heard += chunk
        except ConnectionError:
            pass
        return heard

    def assert_serves(self, daemon, token):
        daemon.send(plain_mail(X_Token=token))
        self.upstream_side.journal.wait("message", accepted=True, token=token)

    def assert_took_nothing_but(self, daemon, count):
        daemon.until_empty()
        self.assertEqual(self.upstream_side.journal.count("message"), count)


class Foreigners(Hostile):
    def test_other_protocols_after_the_greeting(self):
        daemon = self.relay()
        for name, data in FOREIGN.items():
            with self.subTest(name), daemon.raw() as client:
                self.assertTrue(client.recv(512).startswith(b"220 "))
                client.sendall(data)
                heard = self.hear(client)
                self.assertNotIn(b"354", heard)
                self.assertNotIn(b"250", heard)
        self.assertEqual(daemon.queue(), [])
        self.assert_serves(daemon, "after")
        self.assert_took_nothing_but(daemon, 1)

    def test_a_whole_dialogue_before_the_greeting(self):
        daemon = self.relay()
        # While the daemon is stopped the kernel takes the connection and the bytes: they are there first, surely.
        daemon.signal(signal.SIGSTOP)
        with daemon.raw() as client:
            client.sendall(DIALOGUE)
            daemon.signal(signal.SIGCONT)
            heard = self.hear(client)
        self.assertNotIn(b"354", heard)
        self.assertEqual(daemon.queue(), [])

    def test_commands_in_one_piece_with_ehlo(self):
        daemon = self.relay()
        with daemon.raw() as client:
            client.recv(512)
            client.sendall(b"EHLO x.test\r\nMAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\n")
            heard = self.hear(client)
        self.assertRegex(heard, rb"(?m)^5(03|54)")
        self.assertEqual(daemon.queue(), [])

    def test_content_before_the_354(self):
        daemon = self.relay()
        with daemon.raw() as client:
            client.recv(512)
            client.sendall(b"EHLO x.test\r\n")
            client.recv(4096)
            client.sendall(b"MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\n")
            heard = self.hear(client)
        self.assertNotIn(b"queued", heard)
        self.assertEqual(daemon.queue(), [])

    def test_clients_that_leave_before_the_end_of_their_message(self):
        daemon = self.relay()
        for tail in (b"", b"\r\n", b"\r\n.", b"\r\n.\r"):
            for manner in ("fin", "rst"):
                with self.subTest(tail=tail, manner=manner), daemon.smtp() as client:
                    client.ehlo()
                    client.mail("a@s.test")
                    client.rcpt("b@r.test")
                    client.docmd("DATA")
                    client.send(b"Subject: x\r\n\r\nhalf" + tail)
                    if manner == "rst":
                        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.close()
        self.assert_serves(daemon, "after")
        self.assert_took_nothing_but(daemon, 1)

    def test_a_client_of_single_bytes_is_served_like_any_other(self):
        daemon = self.relay()
        with daemon.raw() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.recv(512)
            for line in (b"EHLO x.test\r\n", b"MAIL FROM:<a@s.test>\r\n", b"RCPT TO:<b@r.test>\r\n", b"DATA\r\n",
                         b"Subject: x\r\nX-Token: drip\r\n\r\nhi\r\n.\r\n"):
                for byte in line:
                    client.send(bytes([byte]))
                self.assertRegex(client.recv(4096), rb"^[23]")
        self.upstream_side.journal.wait("message", accepted=True, token="drip")

    def test_an_urgent_byte_does_no_harm(self):
        daemon = self.relay()
        with daemon.raw() as client:
            client.recv(512)
            client.send(b"NO", socket.MSG_OOB)
            client.close()
        self.assert_serves(daemon, "after")


class Slow(Hostile):
    def test_a_command_that_never_ends_meets_its_deadline_though_bytes_keep_coming(self):
        daemon = self.relay(limits={"command_timeout": "1s"})
        with daemon.raw() as client:
            client.recv(512)
            self._drip(client, b"EHLO " + b"x" * 200)
        self.assert_serves(daemon, "after")

    def test_content_that_trickles_meets_its_deadline(self):
        daemon = self.relay(limits={"data_timeout": "1s"})
        with daemon.smtp() as client:
            client.ehlo()
            client.mail("a@s.test")
            client.rcpt("b@r.test")
            client.docmd("DATA")
            self._drip(client.sock, b"x" * 200)
            client.close()
        self.assertEqual(daemon.queue(), [])

    def _drip(self, client, data):
        """One byte each 100 ms until the daemon has had enough, which must be soon."""
        begin = time.monotonic()
        client.settimeout(0.1)
        heard = b""
        for byte in data:
            try:
                client.send(bytes([byte]))
                chunk = client.recv(4096)
                if not chunk:
                    break
                heard += chunk
            except socket.timeout:
                continue
            except ConnectionError:
                break
        self.assertLess(time.monotonic() - begin, 8)
        self.assertIn(b"421", heard)

    def test_a_client_that_never_reads_is_left_unread_and_costs_no_memory(self):
        daemon = self.relay()
        self.assert_serves(daemon, "before")
        before = daemon.memory_kib()
        with daemon.raw() as client:
            client.settimeout(1)
            sent = 0
            try:
                while sent < 10 << 20:
                    sent += client.send(b"NOOP\r\n" * 10000)
            except (socket.timeout, ConnectionError):
                pass
            self.assertLess(daemon.memory_kib() - before, 4096)
            self.assert_serves(daemon, "meanwhile")

    def test_recipients_of_messages_that_nobody_finishes_cost_bounded_memory(self):
        daemon = self.relay(limits={"connections": 300, "connections_per_user": 300})
        before, told, crowd = daemon.memory_kib(), [], []
        many = b"".join(b"RCPT TO:<%s%d@%s.test>\r\n" % (b"u" * 50, number, b"d" * 50) for number in range(1000))
        for _ in range(60):
            client = daemon.smtp()
            crowd.append(client)
            client.ehlo()
            told.append(client.mail("a@s.test")[0])
            client.send(many)
            told += [client.getreply()[0] for _ in range(1000)]

        self.assertEqual(set(told), {250, 452})
        self.assertLess(daemon.memory_kib() - before, 48 << 10)
        for each in crowd:
            each.close()
        daemon.until(lambda: self._takes_a_recipient(daemon), "room for a recipient, once they are gone")
        self.assert_serves(daemon, "after")

    def test_headers_that_nobody_ends_cost_bounded_memory(self):
        daemon = self.relay(limits={"connections": 300, "connections_per_user": 300})
        before, told, crowd = daemon.memory_kib(), [], []
        for _ in range(180):
            client = daemon.smtp()
            crowd.append(client)
            client.ehlo()
            client.mail("a@s.test")
            if client.rcpt("b@r.test")[0] != 250:
                continue
            self.assertEqual(client.docmd("DATA")[0], 354)
            client.send(b"X-Y: " + b"z" * 250_000)
        self.assertLess(daemon.memory_kib() - before, 48 << 10)
        for client in crowd:
            client.send(b"\r\n\r\n.\r\n")
            told.append(client.getreply()[0])
            client.close()

        self.assertEqual(told[0], 250)
        self.assertEqual(set(told), {250, 452, 500})   # 500: it had no recipient, and said a header
        self.assert_serves(daemon, "after")

    def _takes_a_recipient(self, daemon):
        with daemon.smtp() as client:
            client.ehlo()
            client.mail("a@s.test")
            return client.rcpt("b@r.test")[0] == 250

    def test_an_upstream_that_never_greets_stops_no_other(self):
        deaf = self.provider()
        deaf.set_faults([{"at": "GREETING", "delay": 30}])
        self.addCleanup(deaf.stopping.set)
        daemon = self.daemon(start=False, upstreams={"deaf": self.upstream(deaf),
                                                     "main": self.upstream(self.upstream_side)},
                             routes=[{"from": "deaf@*", "via": ["deaf"]}, {"via": ["main"]}]).start()
        daemon.send(plain_mail(), sender="deaf@s.test")
        deaf.journal.wait("connect")
        self.assert_serves(daemon, "other")


class Crowds(Hostile):
    def test_of_900_connections_at_once_each_is_greeted_or_told_to_come_again(self):
        daemon = self.relay(limits={"connections": 300, "connections_per_user": 300})
        before = len(daemon.descriptors())
        crowd = []
        try:
            for _ in range(900):
                crowd.append(daemon.raw())
            greetings = [each.recv(512)[:3] for each in crowd]
        finally:
            for each in crowd:
                each.close()

        self.assertEqual(set(greetings), {b"220", b"421"})
        self.assertGreaterEqual(greetings.count(b"220"), 250)
        self.assertLessEqual(greetings.count(b"220"), 300)
        daemon.until(lambda: len(daemon.descriptors()) <= before + 4, "descriptors given back", timeout=5)
        self.assert_serves(daemon, "after")

    def test_a_storm_of_resets(self):
        daemon = self.relay(log={"level": "info"})
        self.assert_serves(daemon, "before")
        before, memory, log = len(daemon.descriptors()), daemon.memory_kib(), len(daemon.log())
        for _ in range(3000):
            client = daemon.raw()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        self.assert_serves(daemon, "after")
        daemon.until(lambda: len(daemon.descriptors()) <= before + 2, "descriptors given back", timeout=5)
        self.assertLess(daemon.memory_kib() - memory, 8192)
        self.assertLess(len(daemon.log()) - log, 300_000, "the log is flooded")

    def test_more_clients_than_descriptors(self):
        daemon = self.daemon(self.upstream_side, start=False)
        daemon.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        self.assert_serves(daemon, "before")
        crowd = []
        try:
            for _ in range(200):
                crowd.append(daemon.raw())
            busy = _cpu_seconds(daemon.process.pid)
            try:
                crowd[-1].settimeout(1)
                crowd[-1].recv(512)
            except (socket.timeout, ConnectionError):
                pass
            self.assertLess(_cpu_seconds(daemon.process.pid) - busy, 0.7, "spinning")
        finally:
            for each in crowd:
                each.close()
        self.assert_serves(daemon, "after")

    def test_a_thousand_small_messages_on_one_connection(self):
        daemon = self.relay()
        with daemon.smtp() as client:
            client.ehlo()
            for number in range(1000):
                client.sendmail("a@s.test", ["b@r.test"], plain_mail(X_Token=str(number)))
        self.upstream_side.journal.wait("message", count=1000, accepted=True, timeout=90)
        daemon.until_empty()


def _cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    unittest.main()
