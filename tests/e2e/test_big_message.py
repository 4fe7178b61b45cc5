"""A message of 25 MiB: byte for byte the same at the provider, and hardly seen in the daemon's memory (Q033)."""
import hashlib
import unittest

from harness import EndToEnd, plain_mail

BYTES = 25 << 20
GROWTH_KIB_MAX = 4096


class BigMessage(EndToEnd):
    def test_25_mib_pass_through_4_mib(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()
        line = b"." + b"0123456789" * 7 + b"\r\n"
        count = BYTES // len(line)
        before = self._forget_peak(daemon)

        digest = hashlib.sha256()
        with daemon.smtp() as client:
            client.ehlo()
            client.mail("a@s.test")
            client.rcpt("b@r.test")
            client.docmd("DATA")
            client.send(plain_mail(body="").encode())
            for _ in range(count // 1000):
                client.send((b"." + line) * 1000)
                digest.update(line * 1000)
            client.send(b".\r\n")
            self.assertEqual(client.getreply()[0], 250)

        seen = provider.journal.wait("message", count=2, accepted=True, timeout=120)[1]
        self.assertEqual(seen["body_sha256"], digest.hexdigest())
        daemon.until_empty()
        growth = daemon.memory_kib("VmHWM") - before
        self.assertLessEqual(growth, GROWTH_KIB_MAX, "memory grew by %d KiB" % growth)
        self.assertEqual(provider.journal.all("violation"), [])

    @staticmethod
    def _forget_peak(daemon):
        """The kernel's high-water mark starts again from what is resident now (proc(5), clear_refs)."""
        with open("/proc/%d/clear_refs" % daemon.process.pid, "w") as file:
            file.write("5")
        return daemon.memory_kib("VmRSS")

    def test_a_message_beyond_the_limit_is_refused_and_nothing_is_kept(self):
        provider = self.provider()
        daemon = self.daemon(provider, limits={"message_size": "1MiB"})
        with daemon.smtp() as client:
            client.ehlo()
            self.assertEqual(client.mail("a@s.test", ["SIZE=%d" % (2 << 20)])[0], 552)
            client.mail("a@s.test")
            client.rcpt("b@r.test")
            self.assertEqual(client.data(b"x" * 70 + b"\r\n" * 40000 + b"y" * (1 << 20))[0], 552)
            self.assertEqual(client.mail("a@s.test")[0], 250)

        self.assertEqual(daemon.queue(), [])


if __name__ == "__main__":
    unittest.main()
