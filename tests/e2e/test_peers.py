"""Programs that others wrote, as applications in front of the daemon and as providers behind it."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import EndToEnd, free_port, plain_mail

SMTP_SINK = os.environ.get("MAILCHUTE_SMTP_SINK") or shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
SMTP_SOURCE = os.environ.get("MAILCHUTE_SMTP_SOURCE") or shutil.which("smtp-source") or "/usr/sbin/smtp-source"


class Clients(EndToEnd):
    def setUp(self):
        super().setUp()
        self.upstream_side = self.provider()
        self.relay = self.daemon(self.upstream_side)

    def test_swaks(self):
        self._run("swaks", "--server", "127.0.0.1:%d" % self.relay.port, "--from", "a@s.test",
                  "--to", "b@r.test,c@r.test", "--header", "X-Token: swaks", "--body", "hello")
        seen = self.upstream_side.journal.wait("message", accepted=True, token="swaks")[0]
        self.assertEqual(seen["recipients"], ["b@r.test", "c@r.test"])

    def test_swaks_with_pipelining(self):
        self._run("swaks", "--server", "127.0.0.1:%d" % self.relay.port, "--pipeline", "--from", "a@s.test",
                  "--to", "b@r.test", "--header", "X-Token: piped", "--body", "hello")
        self.upstream_side.journal.wait("message", accepted=True, token="piped")

    def test_curl(self):
        path = os.path.join(self.folder, "mail.eml")
        with open(path, "w") as file:
            file.write(plain_mail(X_Token="curl", body=".begins with a dot\r\n"))
        self._run("curl", "--silent", "--show-error", "--url", "smtp://127.0.0.1:%d" % self.relay.port,
                  "--mail-from", "a@s.test", "--mail-rcpt", "b@r.test", "--upload-file", path)
        seen = self.upstream_side.journal.wait("message", accepted=True, token="curl")[0]
        self.assertTrue(seen["content"].endswith("\r\n\r\n.begins with a dot\r\n"))

    def test_smtplib(self):
        with self.relay.smtp() as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail(X_Token="smtplib"))
            client.sendmail("a@s.test", ["b@r.test"], plain_mail(X_Token="smtplib"))
        self.upstream_side.journal.wait("message", count=2, accepted=True, token="smtplib")

    def test_smtp_source_with_many_sessions(self):
        self._run(SMTP_SOURCE, "-s", "10", "-m", "200", "-l", "4096", "-f", "a@s.test", "-t", "b@r.test",
                  "127.0.0.1:%d" % self.relay.port)
        self.upstream_side.journal.wait("message", count=200, accepted=True, timeout=90)
        self.assertEqual(self.upstream_side.journal.all("violation"), [])

    def _run(self, *words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Providers(EndToEnd):
    def test_smtp_sink(self):
        port = free_port()
        folder = tempfile.mkdtemp(dir=self.folder)
        os.chmod(folder, 0o777)
        os.chmod(self.folder, 0o755)
        # As root, smtp-sink wants to be told as whom to run.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._serve([SMTP_SINK, *user, "-d", folder + "/m.", "127.0.0.1:%d" % port, "16"], port)
        daemon = self.daemon(start=False, upstreams={"sink": {"host": "127.0.0.1", "port": port, "tls": "none"}})
        daemon.start()

        for number in range(3):
            daemon.send(plain_mail(X_Token="sink%d" % number, body="..\r\nline\r\n"))

        daemon.until_empty()
        daemon.until(lambda: len(self._dumped(folder)) == 3, "three files of smtp-sink")
        for text in self._dumped(folder):
            self.assertIn("X-Token: sink", text)

    @staticmethod
    def _dumped(folder):
        texts = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), errors="replace") as file:
                texts.append(file.read())
        return [text for text in texts if "X-Token" in text]

    def test_aiosmtpd(self):
        port = free_port()
        out = os.path.join(self.folder, "aiosmtpd.out")
        with open(out, "wb") as file:
            self._serve(["/usr/bin/python3", "-u", "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:%d" % port], port, stdout=file)
        daemon = self.daemon(start=False, upstreams={"aio": {"host": "127.0.0.1", "port": port, "tls": "none"}})
        daemon.start()

        daemon.send(plain_mail(X_Token="aiosmtpd"))

        daemon.until_empty()
        with open(out) as file:
            self.assertIn("X-Token: aiosmtpd", file.read())

    def _serve(self, words, port, stdout=subprocess.DEVNULL):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self._until_listening(process, port)

    def _until_listening(self, process, port):
        """The kernel's table tells; a probing connection would be counted by the peer."""
        wanted = re.compile(r"^\s*\d+: 0100007F:%04X 00000000:0000 0A" % port, re.MULTILINE)
        for _ in range(400):
            with open("/proc/net/tcp") as file:
                if wanted.search(file.read()):
                    return
            if process.poll() is not None:
                break
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                pass
        self.fail("%s does not listen" % process.args[0])


if __name__ == "__main__":
    unittest.main()
