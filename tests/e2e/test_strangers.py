"""Mail from other machines, in a network of this process's own that has an address beside those of loopback."""
import base64
import ctypes
import fcntl
import os
import smtplib
import socket
import struct
import unittest

from harness import PATIENCE, plain_mail
from listener_case import CODE, USER, ListenerCase

# The loopback device carries it, and it is none of 127.0.0.0/8: whoever comes from it is a stranger to the daemon.
FAR = "192.0.2.77"
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS, _SIOCSIFADDR, _IFF_UP = 0x8914, 0x8916, 1


def setUpModule():
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(_CLONE_NEWNET) != 0:
        raise unittest.SkipTest("only root gets a network of its own")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(FAR))
        fcntl.ioctl(device, _SIOCSIFADDR, struct.pack("16s16s", b"lo:1", address))


class Strangers(ListenerCase):
    def listener(self, **options):
        daemon = super().listener(**{"start": False, "allow_nonloopback": True, **options})
        daemon.set("listen", {"smtp": ["127.0.0.1:%d" % daemon.port, "%s:%d" % (FAR, daemon.port)]})
        return daemon.start() if options.get("start", True) else daemon

    def stranger(self, daemon):
        client = smtplib.SMTP(FAR, daemon.port, local_hostname="far.test", timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def test_a_stranger_says_mail_only_after_tls_and_login(self):
        provider = self.provider()
        daemon = self.listener(provider=provider)
        client = self.stranger(daemon)
        client.ehlo()
        self.assertEqual(client.mail("a@s.test"), (530, b"5.7.0 Must issue a STARTTLS command first"))
        self.secure(client)
        client.ehlo()
        self.assertEqual(client.mail("a@s.test"), (530, b"5.7.0 Login needed"))
        client.login(USER, CODE)
        client.sendmail("a@s.test", ["b@r.test"], plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()

        source = daemon.queue("--state", "delivered")[0]["source"]
        self.assertEqual((source["login"], source["address"].rsplit(":", 1)[0]), (USER, FAR))

    def test_apps_of_this_machine_go_on_without(self):
        provider = self.provider()
        daemon = self.listener(provider=provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_without_a_certificate_a_stranger_is_put_off_and_after_a_reload_it_is_served(self):
        daemon = self.listener(start=False)
        os.rename(self.chain_path, self.chain_path + ".away")
        daemon.start()
        with self.assertRaises(smtplib.SMTPConnectError) as refused:
            self.stranger(daemon)
        self.assertEqual(refused.exception.smtp_code, 421)

        os.rename(self.chain_path + ".away", self.chain_path)
        daemon.command("reload")

        client = self.stranger(daemon)
        self.secure(client)
        client.login(USER, CODE)

    def test_by_a_socket_that_was_passed_a_stranger_gets_nothing_unless_it_is_allowed(self):
        daemon = self.daemon(self.provider(), start=False)
        with socket.socket() as passed:
            passed.bind((FAR, 0))
            passed.listen()
            daemon.port = passed.getsockname()[1]
            daemon.start_with_sockets(smtp=passed)
            with self.assertRaises(smtplib.SMTPConnectError) as refused:
                self.stranger(daemon)
            self.assertEqual(refused.exception.smtp_code, 554)
            daemon.wait_log("client-refused.*own machine only")

    def test_ten_guesses_and_no_more_are_heard(self):
        daemon = self.listener()
        wrong = "AUTH PLAIN " + base64.b64encode(("\0%s\0guess" % USER).encode()).decode()
        codes = []
        for _ in range(2):
            client = self.stranger(daemon)
            self.secure(client)
            client.ehlo()
            codes += [client.docmd(wrong)[0] for _ in range(5)]
        self.assertEqual(codes, [535, 535, 535, 535, 421] * 2)
        client = self.stranger(daemon)
        self.secure(client)
        with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
            client.login(USER, CODE, initial_response_ok=True)
        self.assertEqual(refused.exception.smtp_code, 454)
        self.assert_no_secret_in_the_log(daemon)


if __name__ == "__main__":
    unittest.main()
