"""The emulated provider itself, asked by Python's own SMTP client: a test bench that lies would prove nothing.

What each provider says stands in test_emulator_qq.py and test_emulator_providers.py.
"""
import base64
import smtplib
import socket
import ssl
import unittest

from clock import Clock
from emulator_bench import PASSWORD, Bench
from throttle import Daily, Throttle

USER = "10001@qq.com"
MAIL = "From: <%s>\r\nTo: <b@r.test>\r\nSubject: hello\r\nMessage-ID: <1@s.test>\r\n\r\n.dot\r\nbody\r\n" % USER


class EmulatorTest(Bench):
    def connect(self, provider, host="localhost"):
        trust = ssl.create_default_context(cafile=self.certificates.ca_file)
        if provider.knobs.mode == "tls":
            client = smtplib.SMTP_SSL(host, provider.port, context=trust, timeout=10)
        else:
            client = smtplib.SMTP(host, provider.port, timeout=10)
            client.starttls(context=trust)
        self.addCleanup(client.close)
        return client

    def test_a_message_is_taken_and_written_down(self):
        provider = self.provider()
        client = self.connect(provider)
        client.login(USER, PASSWORD)

        client.sendmail(USER, ["b@r.test", "c@r.test"], MAIL)
        client.quit()

        seen = provider.journal.wait("message")[0]
        self.assertEqual(seen["recipients"], ["b@r.test", "c@r.test"])
        self.assertEqual(seen["content"], MAIL)
        self.assertEqual(seen["message_id"], "<1@s.test>")
        self.assertTrue(provider.journal.wait("close")[0]["quit"])
        self.assertEqual(provider.journal.all("violation"), [])

    def test_starttls_is_needed_before_login(self):
        provider = self.provider(mode="starttls")
        clear = smtplib.SMTP("localhost", provider.port, timeout=10)
        self.addCleanup(clear.close)
        clear.ehlo("x.test")
        self.assertEqual(clear.docmd("AUTH", "LOGIN")[0], 530)

        client = self.connect(provider)
        client.login(USER, PASSWORD)
        client.sendmail(USER, ["b@r.test"], MAIL)

        self.assertTrue(provider.journal.wait("login", ok=True)[0]["tls"])

    def test_wrong_credential_and_other_senders_are_refused(self):
        provider = self.provider()
        client = self.connect(provider)
        client.ehlo("x.test")
        wrong = base64.b64encode(b"\0%s\0wrong" % USER.encode()).decode()
        self.assertEqual(client.docmd("AUTH", "PLAIN " + wrong)[0], 535)
        self.assertEqual(client.docmd("MAIL", "FROM:<%s>" % USER)[0], 503)

        client = self.connect(provider)
        client.login(USER, PASSWORD)
        self.assertEqual(client.mail("someone@else.test")[0], 501)

    def test_faults_fall_on_the_count_that_was_asked_for(self):
        provider = self.provider()
        provider.set_faults([{"at": "EOD", "nth": [2], "reply": "550 Too many attempts"},
                             {"at": "EOD", "nth": [3], "then": "drop_before_reply"}])
        client = self.connect(provider)
        client.login(USER, PASSWORD)

        client.sendmail(USER, ["b@r.test"], MAIL)
        with self.assertRaises(smtplib.SMTPDataError):
            client.sendmail(USER, ["b@r.test"], MAIL)
        with self.assertRaises(smtplib.SMTPServerDisconnected):
            client.sendmail(USER, ["b@r.test"], MAIL)

        seen = provider.journal.wait("message", count=3)
        self.assertEqual([(e["accepted"], e["replied"]) for e in seen], [(True, True), (False, True), (True, False)])

    def test_every_wrong_certificate_is_refused_by_a_careful_client(self):
        # cn_only is not among them: Python, like OpenSSL, takes a common name for want of an alternative one.
        for kind in ("expired", "not_yet_valid", "wrong_name", "self_signed", "unknown_ca"):
            with self.subTest(kind), self.assertRaises(ssl.SSLError):
                self.connect(self.provider(certificate=kind))

    def test_an_outage_refuses_connections_and_ends(self):
        provider = self.provider()
        provider.stop()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", provider.port), timeout=10)

        provider.start()
        self.connect(provider).login(USER, PASSWORD)

    def test_content_ends_at_crlf_dot_crlf_alone(self):
        provider = self.provider("generic", users={}, mode="plain")
        wire = socket.create_connection(("127.0.0.1", provider.port), timeout=10)
        self.addCleanup(wire.close)
        wire.sendall(b"EHLO x.test\r\n")
        provider.journal.wait("ehlo")
        wire.sendall(b"MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n")
        provider.journal.wait("reply", stage="DATA")

        wire.sendall(b"a\n.\nb\r\n.\rc\r\n..\r\n.\r\n")

        seen = provider.journal.wait("message")[0]
        self.assertEqual(seen["content"], "a\n.\nb\r\n\rc\r\n.\r\n")
        self.assertEqual(provider.journal.count("violation"), 2)

    def test_bytes_that_come_too_early_are_violations(self):
        provider = self.provider("generic", users={}, mode="plain", extensions=["8BITMIME"])
        wire = socket.create_connection(("127.0.0.1", provider.port), timeout=10)
        self.addCleanup(wire.close)
        wire.sendall(b"EHLO x.test\r\nMAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\n")

        provider.journal.wait("reply", stage="RCPT")
        self.assertGreaterEqual(provider.journal.count("violation"), 1)

    def test_too_many_logins_lock_the_account(self):
        provider = self.provider(logins_per_window=2)
        for _ in range(2):
            self.connect(provider).login(USER, PASSWORD)

        client = self.connect(provider)
        client.ehlo("x.test")
        right = base64.b64encode(b"\0%s\0%s" % (USER.encode(), PASSWORD.encode())).decode()
        self.assertEqual(client.docmd("AUTH", "PLAIN " + right)[0], 535)

    def test_idle_connections_hear_why_they_end(self):
        provider = self.provider("generic", users={}, mode="plain", idle_s=0.1,
                                 idle_reply="451 4.4.2 Timeout waiting for data from client.")
        wire = socket.create_connection(("127.0.0.1", provider.port), timeout=10)
        self.addCleanup(wire.close)
        heard = b""
        while chunk := wire.recv(4096):
            heard += chunk
        self.assertIn(b"451 4.4.2", heard)

    def test_the_journal_has_dots_as_they_came_and_how_many_were_connected(self):
        provider = self.provider()
        self.talk(provider)
        client = self.connect(provider)
        client.login(USER, PASSWORD)
        client.sendmail(USER, ["b@r.test"], MAIL)

        seen = provider.journal.wait("message")[0]
        self.assertEqual(seen["wire"], MAIL.replace(".dot", "..dot"))
        self.assertEqual([e["open"] for e in provider.journal.all("connect")], [1, 2])
        self.assertEqual(provider.open_most, 2)

    def test_what_a_reply_may_turn_into(self):
        provider = self.provider("generic", users={}, mode="plain", time_scale=60)
        for fault, heard in [({"then": "drop_mid_reply", "bytes": 5}, rb"250 2"), ({"then": "reset"}, b""), ({"then": "close"}, rb"250 .*\r\n"),
                             ({"raw": base64.b64encode(b"25\xff\r\n").decode(), "then": "close"}, b"25\xff\r\n"),
                             ({"overlong": 70000, "then": "close"}, b"250 .*x{70000}\r\n"),
                             ({"reply": "abc no digits", "then": "close"}, b"abc no digits\r\n"),
                             ({"delay": 0.05, "then": "close"}, rb"250 .*\r\n")]:
            with self.subTest(fault):
                provider.set_faults([{"at": "NOOP", "nth": 1, **fault}])
                talk = self.talk(provider)
                talk.send("NOOP\r\n")
                self.assertRegex(talk.rest()[0], b"^%s$" % heard)

    def test_silence_and_endless_talk_last_until_the_client_goes(self):
        provider = self.provider("generic", users={}, mode="plain")
        provider.set_faults([{"at": "NOOP", "nth": 1, "then": "hang"}, {"at": "NOOP", "nth": 2, "then": "endless"}])
        silent, endless = self.talk(provider), self.talk(provider)
        silent.send("NOOP\r\n")
        provider.journal.wait("reply", stage="NOOP")
        silent.close()
        provider.journal.wait("close")
        endless.send("NOOP\r\n")
        self.assertGreater(sum(len(endless._socket.recv(65536)) for _ in range(5)), 5)
        endless.close()
        provider.journal.wait("close", count=2)

    def test_a_fault_may_be_of_one_connection(self):
        provider = self.provider("generic", users={}, mode="plain")
        provider.set_faults([{"at": "NOOP", "c": 2, "reply": "451 not you"}])
        self.assertRegex(self.talk(provider).say("NOOP"), "^250 ")
        self.assertEqual(self.talk(provider).say("NOOP"), "451 not you")

    def test_tls_may_break_in_the_middle_of_content(self):
        provider = self.provider("generic")
        provider.set_faults([{"at": "BODY", "then": "tls_alert"}])
        talk = self.logged_in(provider)
        for line in ("MAIL FROM:<a@s.test>", "RCPT TO:<b@r.test>", "DATA"):
            talk.say(line)
        talk.send("Subject: x\r\n")
        with self.assertRaises(ssl.SSLError):
            talk._socket.recv(1)

    def test_replies_may_come_in_one_piece_and_be_read_slowly(self):
        provider = self.provider("generic", users={}, mode="plain", coalesce=True)
        talk = self.talk(provider)
        talk.say("EHLO x")
        talk.send("MAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\n")
        provider.journal.wait("reply", stage="DATA")
        self.assertEqual(talk._socket.recv(65536).count(b"\r\n"), 3)

        provider = self.provider("generic", users={}, mode="plain", slow_read=16)
        talk = self.talk(provider)
        talk.send("NOOP\r\n" * 20)
        self.assertEqual([talk.reply()[:3] for _ in range(20)], ["250"] * 20)

    def test_something_may_be_said_unasked_without_an_end(self):
        provider = self.provider("generic", users={}, mode="plain", idle_s=1, time_scale=20, idle_reply="250 hm", idle_closes=False)
        talk = self.talk(provider)
        self.assertEqual(talk.reply(), "250 hm")
        self.assertRegex(talk.say("NOOP"), "^250 ")

    def test_the_clock_runs_faster_and_can_be_set(self):
        clock = Clock(1000, "2026-11-23T00:00:00+00:00")
        start = clock.now()
        self.assertTrue(1795392000 <= start < 1795392000 + 60000, start)   # a minute of ours at the most
        clock.advance(86400)
        self.assertGreaterEqual(clock.now(), start + 86400)
        self.assertEqual(clock.ours(10), 0.01)

    def test_throttles_and_days(self):
        throttle = Throttle(2, 60, 100, extends=True)
        self.assertEqual([throttle.allows(t) for t in (0, 1, 2, 101, 200, 301)], [True, True, False, False, False, True])
        rolling = Throttle(1, 60)
        self.assertEqual([rolling.allows(t) for t in (0, 59, 60)], [True, False, True])
        day = Daily(1, 8)
        self.assertEqual([day.allows(t) for t in (0, 57599, 57600)], [True, False, True])


if __name__ == "__main__":
    unittest.main()
