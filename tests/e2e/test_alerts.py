"""A person is told by a way that is not mail: once, while it lasts, and once that it is over."""
import json
import os
import unittest

from harness import PASSWORD, USER, EndToEnd, plain_mail


class Alerts(EndToEnd):
    def setUp(self):
        super().setUp()
        self.told_path = os.path.join(self.folder, "told")
        self.facts_path = os.path.join(self.folder, "facts")

    def command(self):
        """Keeps what it is told, its environment, and how many descriptors it has (one is that of ls)."""
        return ["/bin/sh", "-c", "cat >> %s; env >> %s; ls /proc/self/fd | wc -l >> %s"
                % (self.told_path, self.facts_path, self.facts_path)]

    def told(self):
        if not os.path.exists(self.told_path):
            return []
        with open(self.told_path) as file:
            return [json.loads(line) for line in file]

    def facts(self):
        if not os.path.exists(self.facts_path):
            return ""
        with open(self.facts_path) as file:
            return file.read()

    def events(self):
        return [(each["event"], each["upstream"], each["resolved"]) for each in self.told()]

    def until_told(self, daemon, *events, timeout=90):
        daemon.until(lambda: self.events() == list(events), "%s, not %s" % (events, self.events()), timeout)

    def test_a_refused_login_is_told_once_and_its_end_once(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False, notify={"command": self.command()})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        for number in range(5):
            daemon.send(plain_mail(subject=str(number)))
        self.until_told(daemon, ("login_refused", "main", False))
        for number in range(5):
            daemon.send(plain_mail(subject=str(number)))
        open_alerts = daemon.status()["alerts"]
        screen = daemon.command("status").stdout
        daemon.secret("secret", PASSWORD)
        daemon.command("reload")
        daemon.until_empty(90)

        self.until_told(daemon, ("login_refused", "main", False), ("login_refused", "main", True))
        first, last = self.told()
        self.assertEqual((first["schema"], first["severity"], first["host"]), (1, "error", "relay.test"))
        self.assertIn("535 5.7.8", first["detail"])
        self.assertEqual(first["next"], "mailchute explain main")
        self.assertEqual(last["severity"], "notice")
        self.assertEqual([(each["event"], each["upstream"]) for each in open_alerts], [("login_refused", "main")])
        self.assertIn("main refuses the login", screen)
        self.assertEqual(daemon.status()["alerts"], [])
        self.assertRegex(daemon.log(), r"error login_refused alert=open upstream=main")
        self.assertRegex(daemon.log(), r"info login_refused alert=over upstream=main")

    def test_the_command_gets_the_facts_and_nothing_else(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False, notify={"command": self.command()})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        daemon.send(plain_mail())
        self.until_told(daemon, ("login_refused", "main", False))
        daemon.until(lambda: "\n4\n" in self.facts(), "four descriptors")

        facts = self.facts()
        names = {line.split("=")[0] for line in facts.splitlines() if "=" in line}
        self.assertIn("MAILCHUTE_EVENT=login_refused", facts)
        self.assertIn("MAILCHUTE_RESOLVED=false", facts)
        self.assertLessEqual(names, {"PATH", "HOME", "LANG", "PWD", "SHLVL", "_", "OLDPWD", "MAILCHUTE_EVENT", "MAILCHUTE_SEVERITY",
                                     "MAILCHUTE_UPSTREAM", "MAILCHUTE_RESOLVED"})
        for text in (facts, json.dumps(self.told())):
            self.assertNotIn("wrong-password-here", text)

    def test_only_the_third_refusal_where_three_are_wanted_and_never_with_none(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False, cooldown={"login_first": "1s", "login_max": "1s"},
                             notify={"command": self.command(), "after": {"login_refused": 3}})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        daemon.send(plain_mail())
        provider.journal.wait("login", count=2, ok=False, timeout=90)
        early = self.events()
        provider.journal.wait("login", count=3, ok=False, timeout=90)

        self.until_told(daemon, ("login_refused", "main", False))
        self.assertEqual(early, [])
        self.assertEqual(self.told()[0]["count"], 3)

    def test_mail_that_waits_is_told_and_so_is_its_end(self):
        provider = self.provider()
        provider.stop()
        daemon = self.daemon(provider, notify={"command": self.command(), "after": {"oldest_message": "100ms"}})

        daemon.send(plain_mail())
        daemon.stop()
        daemon.start()   # looks at once
        self.until_told(daemon, ("oldest_message", "", False))
        provider.start()
        daemon.until_empty(90)

        self.until_told(daemon, ("oldest_message", "", False), ("oldest_message", "", True))

    def test_a_certificate_that_proves_nothing_is_told_at_once(self):
        provider = self.provider(certificate="expired")
        daemon = self.daemon(provider, notify={"command": self.command()})

        daemon.send(plain_mail())

        self.until_told(daemon, ("certificate", "main", False))
        self.assertIn("expired", self.told()[0]["detail"])

    def test_a_message_that_fails_in_silence_is_told(self):
        provider = self.provider(refuse_recipients={"b@r.test": "550 5.1.1 No such user"})
        daemon = self.daemon(provider, notify={"command": self.command()})

        daemon.send(plain_mail(Auto_Submitted="auto-generated"))
        daemon.send(plain_mail(Auto_Submitted="auto-generated"))

        self.until_told(daemon, ("message_untold", "", False))

    def test_what_was_said_of_many_recipients_at_once_was_said_once(self):
        provider = self.provider()
        provider.set_faults([{"at": "EOD", "reply": "550 Too many attempts. Unable to send. Try again later"}])
        daemon = self.daemon(provider, notify={"command": self.command()})

        daemon.send(plain_mail(), recipients=("b@r.test", "c@r.test", "d@r.test"))
        daemon.wait_log("upstream-cooling upstream=main")
        daemon.stop()

        self.assertEqual(self.events(), [])   # what waits is handed over before the end

    def test_a_command_that_cannot_be_run_is_tried_again_and_harms_nothing(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False, notify={"command": [os.path.join(self.folder, "later")]})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()
        daemon.send(plain_mail())
        daemon.wait_log("alert-command .*cannot run .*/later: no such file")

        with open(os.open(os.path.join(self.folder, "later"), os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
            file.write("#!/bin/sh\ncat >> %s\n" % self.told_path)

        self.until_told(daemon, ("login_refused", "main", False))

    def test_the_check_says_what_cannot_be_run(self):
        daemon = self.daemon(self.provider(), start=False, notify={"command": ["alert"]})
        daemon.write_config()

        said = daemon.command("check")

        self.assertRegex(said.stdout + said.stderr, "notify.command: alert is no whole path")


if __name__ == "__main__":
    unittest.main()
