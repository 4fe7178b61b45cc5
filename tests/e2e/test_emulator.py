"""The emulated provider itself, asked by Python's own SMTP client: a test bench that lies would prove nothing."""
import base64
import smtplib
import socket
import ssl
import tempfile
import unittest

from certificates import Certificates
from emulator import Emulator

USER, PASSWORD = "10001@qq.com", "abcdefghijklmnop"
MAIL = "From: <%s>\r\nTo: <b@r.test>\r\nSubject: hello\r\nMessage-ID: <1@s.test>\r\n\r\n.dot\r\nbody\r\n" % USER


class EmulatorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.certificates = Certificates(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def provider(self, **knobs):
        knobs = {"provider": "qq", "users": {USER: PASSWORD}, **knobs}
        provider = Emulator(self.folder.name, certificates=self.certificates, **knobs)
        provider.start()
        self.addCleanup(provider.stop)
        return provider

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
        provider = self.provider(provider="generic", users={}, mode="plain")
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
        provider = self.provider(provider="generic", users={}, mode="plain", extensions=["8BITMIME"])
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
        provider = self.provider(provider="generic", users={}, mode="plain", idle_s=0.1,
                                 idle_reply="451 4.4.2 Timeout waiting for data from client.")
        wire = socket.create_connection(("127.0.0.1", provider.port), timeout=10)
        self.addCleanup(wire.close)
        heard = b""
        while chunk := wire.recv(4096):
            heard += chunk
        self.assertIn(b"451 4.4.2", heard)


if __name__ == "__main__":
    unittest.main()
