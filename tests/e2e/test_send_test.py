"""`send-test`: a message through the whole path, followed as it goes; `--upstream` forces one, for who may control the daemon."""
import os
import subprocess
import unittest

from harness import BINARY, EndToEnd


class SendTest(EndToEnd):
    def test_delivered_step_by_step(self):
        provider = self.provider()
        daemon = self.daemon(provider)

        done = daemon.command("send-test", "b@r.test")

        self.assertRegex(done.stdout, r"^accepted   ([0-9A-Z]{12}) for b@r.test\nattempt 1  main 127.0.0.1:\d+ TLSv1\S* \S+, \S+\n"
                                      r"  final_dot: 250 .*\ndelivered: ")
        message = provider.journal.wait("message", accepted=True)[0]
        self.assertEqual(message["recipients"], ["b@r.test"])
        self.assertIn("Auto-Submitted: auto-generated", message["header"])
        self.assertIn("From: mailchute test <root@s.test>", message["header"])

    def test_a_name_of_this_machine_goes_to_who_reads_its_mail(self):
        provider = self.provider()
        daemon = self.daemon(provider, root="ops@example.com")

        daemon.command("send-test", "root")

        self.assertEqual(provider.journal.wait("message", accepted=True)[0]["recipients"], ["ops@example.com"])

    def test_failed_with_the_providers_words(self):
        provider = self.provider(refuse_recipients={"b@r.test": "550 5.1.1 no such user"})
        daemon = self.daemon(provider)

        done = daemon.command("send-test", "b@r.test", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertIn("rcpt: 550 5.1.1 no such user\n  The provider refuses this recipient.", done.stdout)
        self.assertRegex(done.stderr, "failed; next: mailchute queue show [0-9A-Z]{12}")

    def test_a_refused_login_is_told_with_its_meaning_and_not_waited_for(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider, start=False, cooldown={"login_first": "15m", "login_max": "6h"})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        done = daemon.command("send-test", "b@r.test", check=False)

        self.assertEqual(done.returncode, 75)
        self.assertRegex(done.stdout, "main rests\n  auth: 535 Login fail")
        self.assertIn("QQ refused the login and does not say which of five causes it was", done.stdout)
        self.assertRegex(done.stderr, r"it waits, next try: 1\dm \(main: auth: 535 .*\); it is kept .*; next: mailchute queue show")
        self.assertEqual(provider.journal.count("login"), 1)

    def test_without_a_daemon(self):
        daemon = self.daemon(self.provider(), start=False)

        done = daemon.command("send-test", "b@r.test", check=False)

        self.assertEqual(done.returncode, 69)
        self.assertIn("next: systemctl start mailchute", done.stderr)

    def test_what_is_no_address(self):
        daemon = self.daemon(self.provider(), start=False)

        self.assertEqual(daemon.command("send-test", "a b", check=False).returncode, 67)

    def test_one_upstream_is_forced_whatever_the_routes_say(self):
        first, second = self.provider(), self.provider()
        daemon = self.daemon(upstreams={"first": self.upstream(first), "second": self.upstream(second)})

        daemon.command("send-test", "b@r.test", "--upstream", "second")
        daemon.command("send-test", "b@r.test")

        self.assertEqual((first.journal.count("message"), second.journal.count("message")), (1, 1))
        self.assertIn("It was to go by the upstream second.", second.journal.wait("message")[0]["content"])

    def test_a_forced_upstream_that_rests_is_not_replaced_by_another(self):
        first, second = self.provider(), self.provider()
        daemon = self.daemon(upstreams={"first": self.upstream(first), "second": self.upstream(second)})
        daemon.command("upstream", "pause", "second")

        done = daemon.command("send-test", "b@r.test", "--upstream", "second", check=False)

        self.assertEqual(done.returncode, 75)
        self.assertIn("second is paused by the operator", done.stderr)
        self.assertEqual((first.journal.count("message"), second.journal.count("message")), (0, 0))
        daemon.command("upstream", "resume", "second")
        second.journal.wait("message", accepted=True)
        daemon.until_empty()

    def test_a_forced_message_that_waits_over_a_restart_takes_the_configured_way(self):
        first, second = self.provider(), self.provider()
        daemon = self.daemon(upstreams={"first": self.upstream(first), "second": self.upstream(second)})
        daemon.command("upstream", "pause", "second")
        daemon.command("send-test", "b@r.test", "--upstream", "second", check=False)

        daemon.stop()
        daemon.start()

        first.journal.wait("message", accepted=True)
        daemon.until_empty()

    def test_an_unknown_upstream_sends_nothing(self):
        provider = self.provider()
        daemon = self.daemon(provider)

        done = daemon.command("send-test", "b@r.test", "--upstream", "mian", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no upstream mian; did you mean main?", done.stderr)
        self.assertEqual(daemon.queue(), [])

    def test_who_may_not_control_the_daemon_forces_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("root is needed to become somebody else")
        provider = self.provider()
        daemon = self.daemon(provider)
        for path, mode in ((self.folder, 0o755), (daemon.config_path, 0o644)):
            os.chmod(path, mode)

        done = subprocess.run([BINARY, "send-test", "b@r.test", "--upstream", "main", "--config", daemon.config_path],
                              capture_output=True, text=True, timeout=60, env=daemon.environment(), user=65534, group=65534)

        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertEqual(daemon.queue(), [])


if __name__ == "__main__":
    unittest.main()
