"""What the commands say is true, also where it is not what one would like to hear."""
import os
import re
import subprocess
import unittest

from harness import BINARY, EndToEnd, plain_mail

NOBODY = 65534


class PlainWords(EndToEnd):
    def typed(self, *words, **popen):
        return subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, text=True, timeout=60, capture_output=True,
                              **{"env": self.relay.environment(), **popen})

    def refused_login(self):
        self.mail = self.provider(users={"10001@qq.com": "the-right-one"})
        self.relay = self.daemon(self.mail)
        self.relay.send(plain_mail())
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] == "down", "a refused login")
        return self.relay.queue()[0]["id"]

    def slowed_down(self):
        self.mail = self.provider(provider="qq")
        self.relay = self.daemon(self.mail)
        self.mail.set_faults([{"at": "EOD", "reply": "550 Connection frequency limited"}])
        self.relay.send(plain_mail())
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["trouble"] == "rate", "to be asked to slow down")
        return self.relay.queue()[0]["id"]

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_who_may_not_ask_the_daemon_hears_that_and_nothing_else(self):
        identity = self.refused_login()
        for path in (self.folder, self.relay.config_path):
            os.chmod(path, 0o755)
        words = self.relay.config_path
        for command in (("status",), ("upstream", "list"), ("doctor",), ("explain", "main")):
            with self.subTest(command):
                done = self.typed(*command, "--config", words, user=NOBODY, group=NOBODY, extra_groups=[])
                self.assertEqual(done.returncode, 77, done.stdout + done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(done.stderr, "mailchute: you may not ask the daemon; next: the same as root or as a member of the group mailchute\n")
        shown = self.typed("queue", "show", identity, "--config", words, user=NOBODY, group=NOBODY, extra_groups=[])
        self.assertEqual(shown.returncode, 77)
        self.assertRegex(shown.stderr, "you may not read the queue .* a message is shown to root alone; next: the same as root")

    def test_a_provider_that_wants_it_slower_is_left_alone(self):
        identity = self.slowed_down()
        screen = self.relay.command("status").stdout
        self.assertRegex(screen, r"main wants it slower; nothing to do, tried again \d\d:\d\d\n")
        self.assertRegex(screen, "main .*asked to slow down")
        self.assertNotIn("upstream resume", screen)
        self.assertNotIn("queue retry", self.relay.command("explain", identity).stdout)

    def test_a_refused_login_is_called_by_its_name(self):
        self.refused_login()
        self.assertRegex(self.relay.command("upstream", "list").stdout, "main .*login refused")

    def test_retry_says_what_still_stands_in_the_way(self):
        identity = self.refused_login()
        done = self.relay.command("queue", "retry", identity)
        self.assertEqual(done.stdout, "1 message due now\n")
        self.assertRegex(done.stderr, r"^upstream main rests until \d\d:\d\d \(login refused\), and 1 message waits for it; "
                                      "next: mailchute explain main --config .*\n$")
        self.relay.command("upstream", "pause", "main")
        self.assertRegex(self.relay.command("queue", "retry", identity).stderr,
                         "upstream main is paused, and 1 message waits for it; next: mailchute upstream resume main")
        self.relay.stop()
        self.assertRegex(self.relay.command("queue", "retry", identity).stderr,
                         "the daemon is not running: nothing goes out; next: systemctl start mailchute")

    def test_resume_names_mail_with_a_time_of_its_own(self):
        self.mail = self.provider()
        self.relay = self.daemon(self.mail, retry={"first": "10m", "max": "1h"})
        self.mail.set_faults([{"at": "RCPT", "reply": "450 4.2.1 try later"}])
        self.relay.send(plain_mail())
        self.relay.until(lambda: self.relay.queue()[0]["recipients"][0]["attempts"] == 1 and
                         self.relay.queue()[0]["state"] == "queued", "a deferral")
        done = self.relay.command("upstream", "resume", "main")
        self.assertEqual(done.stdout, "main is resumed: it is tried at once with what is due\n")
        self.assertRegex(done.stderr, r"1 message has a time of its own, the first at \d\d:\d\d; next, .*: mailchute queue retry --upstream main")

    def test_what_is_listed_with_the_daemon_down_goes_nowhere(self):
        self.refused_login()
        self.relay.stop()
        listed = self.relay.command("queue", "list")
        self.assertEqual(listed.stderr, "the daemon is not running: nothing goes out; next: systemctl start mailchute\n")
        told = self.relay.command("explain", "main").stdout
        self.assertIn("systemctl start mailchute", told)
        self.assertNotIn("upstream test", told)

    def test_what_is_not_set_up_says_how(self):
        self.relay = self.daemon(self.provider(), start=False)
        os.unlink(self.relay.config_path)
        for words in (("status",), ("queue", "list"), ("check",), ("upstream", "list")):
            with self.subTest(words):
                done = self.relay.command(*words, check=False)
                self.assertEqual(done.returncode, 78)
                last = done.stderr.splitlines()[-1]
                self.assertEqual(last, "mailchute: not configured yet; next: mailchute setup --config %s" % self.relay.config_path)
        self.relay.set("upstreams", {})
        self.relay.write_config()
        self.assertIn("not configured yet", self.relay.command("status", check=False).stderr)

    def test_a_command_that_does_not_exist_names_the_nearest(self):
        self.relay = self.daemon(self.provider(), start=False)
        self.assertEqual(self.typed("statsu").stderr, 'mailchute: no command "statsu"; did you mean status?; next: mailchute --help\n')
        self.assertEqual(self.typed("queue", "lst").returncode, 64)
        self.assertRegex(self.typed("--version").stdout, r"^mailchute \d")
        self.assertIn("queue", self.typed("help").stdout)
        self.assertIn("--older", self.typed("help", "queue", "list").stdout)
        self.assertFalse(re.search("did you mean", self.typed("queue", "show").stderr))


if __name__ == "__main__":
    unittest.main()
