"""Secrets that a program prints: passwords, and tokens that are good for one login."""
import os
import unittest

from harness import PASSWORD, USER, EndToEnd, plain_mail

TOKEN = "ya29.a0-token-not-in-any-log"


class Secrets(EndToEnd):
    def setUp(self):
        super().setUp()
        self.runs_path = os.path.join(self.folder, "runs")
        self.printed_path = os.path.join(self.folder, "printed")

    def program(self, then):
        """A program that counts its runs."""
        path = os.path.join(self.folder, "program")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755), "w") as file:
            file.write("#!/bin/sh\necho \"$MAILCHUTE_UPSTREAM $MAILCHUTE_USER\" >> %s\n%s\n" % (self.runs_path, then))
        return [path]

    def printing(self, text):
        with open(self.printed_path, "w") as file:
            file.write(text)
        return self.program("cat " + self.printed_path)

    def runs(self):
        if not os.path.exists(self.runs_path):
            return []
        with open(self.runs_path) as file:
            return file.read().splitlines()

    def daemon_with(self, provider, upstream, **settings):
        told = self.upstream(provider, **upstream)
        del told["password_file"]
        return self.daemon(upstreams={"main": told}, **settings)

    def test_a_password_is_the_first_line_of_what_its_command_prints(self):
        provider = self.provider()
        daemon = self.daemon_with(provider, {"password_command": self.printing(PASSWORD + "\nuser: me\n")})

        for _ in range(3):
            daemon.send(plain_mail())

        provider.journal.wait("message", count=3, accepted=True)
        self.assertEqual(self.runs(), ["main " + USER])
        self.assertNotIn(PASSWORD, daemon.log())

    def test_a_password_is_asked_for_again_after_a_refused_login(self):
        provider = self.provider()
        daemon = self.daemon_with(provider, {"password_command": self.printing("wrong-password-here\n")})
        daemon.send(plain_mail())
        provider.journal.wait("login", ok=False)
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "a pause")
        self.printing(PASSWORD + "\n")

        daemon.command("upstream", "resume", "main")

        provider.journal.wait("message", accepted=True)
        self.assertEqual(len(self.runs()), 2)
        self.assertEqual(provider.journal.count("login"), 2)

    def test_a_command_that_fails_is_the_upstreams_trouble_and_says_why(self):
        provider = self.provider()
        daemon = self.daemon_with(provider, {"password_command": self.program("echo %s; echo no agent >&2; exit 3" % PASSWORD)})
        daemon.send(plain_mail())

        daemon.until(lambda: daemon.status()["alerts"], "an alert")
        state = daemon.status()

        self.assertIn("exit status 3: no agent", state["upstreams"][0]["reason"])
        self.assertEqual(state["alerts"][0]["event"], "secret")
        self.assertEqual([r["attempts"] for m in daemon.queue() for r in m["recipients"]], [0])
        self.assertEqual(provider.journal.count("login"), 0)
        self.assertNotIn(PASSWORD, daemon.log())

    def test_a_token_is_asked_for_before_each_connection_and_presented_with_xoauth2(self):
        user = "relay@gmail.com"
        provider = self.provider(provider="gmail", tokens={user: TOKEN})
        daemon = self.daemon_with(provider, {"user": user, "token_command": self.printing(TOKEN + "\n"),
                                             "messages_per_connection": 1, "max_connections": 1})

        for number in range(3):
            daemon.send(plain_mail(subject=str(number), sender=user), sender=user)
        provider.journal.wait("message", count=3, accepted=True)

        logins = provider.journal.all("login")
        self.assertEqual([(each["mechanism"], each["ok"]) for each in logins], [("XOAUTH2", True)] * 3)
        self.assertGreaterEqual(len(self.runs()), 3)
        self.assertNotIn(TOKEN, daemon.log())

    def test_a_refused_token_is_a_refused_login_and_no_password_follows(self):
        user = "relay@gmail.com"
        provider = self.provider(provider="gmail", tokens={user: "another"})
        daemon = self.daemon_with(provider, {"user": user, "token_command": self.printing(TOKEN + "\n")})
        daemon.send(plain_mail(sender=user), sender=user)

        daemon.until(lambda: daemon.status()["alerts"], "an alert")

        self.assertEqual(daemon.status()["alerts"][0]["event"], "login_refused")
        self.assertIn("535", daemon.status()["upstreams"][0]["reason"])
        self.assertEqual([each["mechanism"] for each in provider.journal.all("login")], ["XOAUTH2"])
        self.assertNotIn(TOKEN, daemon.log())

    def test_a_token_reaches_m365(self):
        user = "relay@corp.example"
        provider = self.provider(provider="m365", mode="starttls", tokens={user: TOKEN})
        daemon = self.daemon_with(provider, {"user": user, "token_command": self.printing(TOKEN + "\n"), "auth": ["xoauth2"]})

        daemon.send(plain_mail(sender=user), sender=user)

        provider.journal.wait("message", accepted=True)
        self.assertEqual([(each["mechanism"], each["ok"]) for each in provider.journal.all("login")], [("XOAUTH2", True)])


if __name__ == "__main__":
    unittest.main()
