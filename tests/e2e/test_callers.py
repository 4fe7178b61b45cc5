"""The real programs that call sendmail: cron, at, PHP, git send-email, mutt, bsd-mailx, s-nail, each in the version of Debian 12.

They run on a stage (stage_callers.sh), where /usr/sbin/sendmail is ours; their packages are not installed (tests/fetch_peers.sh).
"""
import hashlib
import os
import subprocess
import unittest

from harness import BINARY, EndToEnd

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("MAILCHUTE_CALLERS", os.path.join(HERE, "../../build/peers/callers"))
STAGE = os.path.join(HERE, "stage_callers.sh")
WEB_USER = 33
WEB_NAME = "www-data"


def stage_can_be_set():
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return False
    return os.path.exists(os.path.join(PEERS, "complete"))


@unittest.skipUnless(stage_can_be_set(), "needs root, a mount namespace and build/peers/callers")
class Callers(EndToEnd):
    def setUp(self):
        super().setUp()
        self.upstream_side = self.provider()
        self.relay = self.daemon(self.upstream_side, root="ops@s.test")

    def start(self, words, **popen):
        environment = {**self.relay.environment(), "EMAIL": "", "LANG": "C.UTF-8"}
        binary = os.path.abspath(BINARY)
        return subprocess.Popen(["unshare", "--mount", STAGE, os.path.abspath(PEERS), binary, self.relay.submit_path, *words],
                                env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **popen)

    def run_caller(self, words, text=""):
        """To its end; its exit status and what it printed."""
        program = self.start(words, stdin=subprocess.PIPE)
        printed = program.communicate(text.encode(), timeout=60)[0].decode(errors="replace")
        return program.returncode, printed

    def delivered(self, body=None):
        """The one message at the provider; `body` as the program was given it."""
        message = self.upstream_side.journal.wait("message", accepted=True)[0]
        if body is not None:
            wanted = body.replace("\n", "\r\n").encode()
            self.assertEqual(message["body_sha256"], hashlib.sha256(wanted).hexdigest(), message["content"])
        return message

    def header(self, message, name):
        lines = [line for line in message["header"].split("\r\n") if line.lower().startswith(name.lower() + ": ")]
        self.assertEqual(len(lines), 1, message["header"])
        return lines[0].split(": ", 1)[1]

    def test_cron_mails_what_a_job_prints(self):
        script = ("printf '@reboot printf \"hello from cron\\\\n\\\\303\\\\251\\\\n\"\\n' >/var/spool/cron/crontabs/root && "
                  "chmod 600 /var/spool/cron/crontabs/root && exec cron -f")
        cron = self.start(["sh", "-c", script], stdin=subprocess.DEVNULL)
        self.addCleanup(cron.wait)
        self.addCleanup(cron.kill)
        self.addCleanup(cron.stdout.close)

        message = self.delivered("hello from cron\né\n")

        self.assertEqual((message["sender"], message["recipients"]), ("root@s.test", ["ops@s.test"]))
        self.assertEqual(self.header(message, "From"), "root@s.test (Cron Daemon)")
        self.assertIn("BODY=8BITMIME", message["mail_line"])
        self.relay.wait_log("submit uid=0 command=cron")

    def test_at_mails_what_a_job_prints(self):
        code, printed = self.run_caller(["sh", "-c", "echo 'echo hello from at' | at now && atd -s"])
        self.assertEqual(code, 0, printed)

        message = self.delivered("hello from at\n")

        self.assertEqual((message["sender"], message["recipients"]), ("root@s.test", ["ops@s.test"]))
        self.assertIn("Output from your job", self.header(message, "Subject"))

    def php(self, code, user=None):
        words = ["php8.2", "-n", "-r", code]
        return self.run_caller(["setpriv", "--reuid=%d" % user, "--regid=%d" % user, "--clear-groups", *words] if user else words)

    def test_phps_mail_function_as_the_web_servers_user(self):
        code, printed = self.php('var_dump(mail("Ann <a@r.test>", "hello", "one\\n.\\ntwo\\n", "Cc: b@r.test\\r\\nBcc: c@r.test"));',
                                 user=WEB_USER)
        self.assertEqual((code, printed), (0, "bool(true)\n"))

        message = self.delivered("one\n.\ntwo\n\n")  # PHP itself ends a message with one more line

        self.assertEqual(message["sender"], WEB_NAME + "@s.test")
        self.assertEqual(message["recipients"], ["a@r.test", "b@r.test", "c@r.test"])
        self.assertNotIn("c@r.test", message["header"])
        self.assertIn(WEB_NAME + "@s.test", self.header(message, "From"))
        self.assertIn("(uid %d)" % WEB_USER, message["header"])
        self.relay.wait_log("submit uid=%d command=php8.2" % WEB_USER)

    def test_phps_mail_function_with_a_sender(self):
        code, printed = self.php('var_dump(mail("a@r.test", "hello", "body\\n", "From: x@s.test", "-fme@s.test"));')
        self.assertEqual((code, printed), (0, "bool(true)\n"))
        message = self.delivered()
        self.assertEqual((message["sender"], self.header(message, "From")), ("me@s.test", "x@s.test"))

    def test_phps_mail_function_says_false_without_a_daemon(self):
        self.assertEqual(self.relay.stop(), 0)
        open(self.relay.submit_path, "w").close()  # what the stage lays over /run/mailchute/submit.sock
        code, printed = self.php('var_dump(mail("a@r.test", "hello", "body\\n"));')
        self.assertEqual(code, 0, printed)
        self.assertIn("bool(false)", printed)
        self.assertIn("systemctl start mailchute", printed)

    def git(self, *words):
        script = ('git init -q work && cd work && git config user.name Ann && git config user.email ann@s.test && echo x >x && '
                  'git add x && git commit -qm "a change" && git send-email --confirm=never --suppress-cc=all "$@" -1')
        return self.run_caller(["sh", "-c", script, "sh", *words])

    def test_git_send_email(self):
        code, printed = self.git("--to=a@r.test", "--cc=b@r.test")
        self.assertEqual(code, 0, printed)
        message = self.delivered()
        self.assertEqual((message["sender"], message["recipients"]), ("root@s.test", ["a@r.test", "b@r.test"]))
        self.assertEqual(self.header(message, "Subject"), "[PATCH] a change")
        self.assertIn("\r\n+x\r\n", message["content"])

    def test_git_send_email_with_an_envelope_sender(self):
        code, printed = self.git("--to=a@r.test", "--envelope-sender=me@s.test")
        self.assertEqual(code, 0, printed)
        self.assertEqual(self.delivered()["sender"], "me@s.test")

    def test_mutt_asks_for_notices(self):
        code, printed = self.run_caller(
            ["mutt", "-n", "-F", "/dev/null", "-s", "hello", "-e", "set copy=no", "-e", 'set dsn_notify="failure,delay"', "-e",
             "set dsn_return=hdrs", "--", "a@r.test"], "body\n")
        self.assertEqual(code, 0, printed)
        message = self.delivered("body\n")
        self.assertIn("RET=HDRS", message["mail_line"])
        self.assertEqual(message["rcpt_lines"], ["TO:<a@r.test> NOTIFY=FAILURE,DELAY"])

    def test_bsd_mailx(self):
        code, printed = self.run_caller(["bsd-mailx", "-s", "hello", "-r", "me@s.test", "a@r.test", "b@r.test"], "body\n.\n")
        self.assertEqual(code, 0, printed)
        message = self.delivered()
        self.assertEqual((message["sender"], message["recipients"]), ("me@s.test", ["a@r.test", "b@r.test"]))

    def test_s_nail(self):
        code, printed = self.run_caller(["s-nail", "-n", "-v", "-s", "hello", "-r", "me@s.test", "a@r.test"], "body\n")
        self.assertEqual(code, 0, printed)
        message = self.delivered("body\n")
        self.assertEqual((message["sender"], message["recipients"]), ("me@s.test", ["a@r.test"]))


if __name__ == "__main__":
    unittest.main()
