"""However much is queued, a wrong password is tried once and then left alone."""
import threading
import unittest

from harness import PASSWORD, SIGHUP, EndToEnd, plain_mail

QUEUED, SENDERS = 10_000, 20


class Ladder(EndToEnd):
    def test_ten_thousand_messages_and_a_wrong_password_cost_one_login(self):
        provider = self.provider()
        provider.knobs.users = {user: PASSWORD + "2" for user in provider.knobs.users}
        daemon = self.daemon(provider, {"messages_per_connection": 5000, "max_connections": 1},
                             cooldown={"login_first": "15m", "login_max": "6h"})
        senders = [threading.Thread(target=self._send, args=(daemon, QUEUED // SENDERS)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

        daemon.command("queue", "retry", "--all", "--yes")
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(daemon.status()["queue"]["messages"], QUEUED)
        self.assertEqual(provider.journal.all("message"), [])

        daemon.secret("secret", PASSWORD + "2")
        daemon.signal(SIGHUP)
        provider.journal.wait("message", count=500, timeout=60)
        self.assertEqual(provider.journal.count("login"), 2)

    def test_reloads_bring_no_login_and_resume_six_in_an_hour(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False, cooldown={"login_first": "15m", "login_max": "6h"})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()
        daemon.send(plain_mail())
        self._refused(daemon, provider, 1)

        for _ in range(5):
            daemon.command("reload")
        self.assertEqual(provider.journal.count("login"), 1)
        for logins in range(2, 7):
            self.assertIn("is resumed", daemon.command("upstream", "resume", "main").stdout)
            self._refused(daemon, provider, logins)
        told = daemon.command("upstream", "resume", "main").stdout
        daemon.secret("secret", PASSWORD)
        daemon.command("reload")

        self.assertRegex(told, r"main is resumed, but logs in again at .* 535 .*: never more than six refused logins")
        self.assertEqual(provider.journal.count("login"), 6)
        self.assertEqual(daemon.status()["upstreams"][0]["state"], "down")

    def test_no_restart_and_no_kill_bring_a_seventh_login_within_the_hour(self):
        provider = self.provider()
        provider.set_faults([{"at": "AUTH", "nth": [1, 3, 5], "then": "hang"}])
        daemon = self.daemon(provider, start=False, cooldown={"login_first": "15m", "login_max": "6h"})
        daemon.secret("secret", "wrong-password-here")
        daemon.start()
        daemon.send(plain_mail())

        # Every second time it is killed before it has heard that it was refused.
        for logins in range(1, 7):
            provider.journal.wait("login", count=logins, ok=False)
            if logins % 2:
                daemon.kill()
                daemon.start()
                continue
            self._refused(daemon, provider, logins)
            daemon.stop()
            daemon.start()
            told = daemon.command("upstream", "resume", "main").stdout
        for _ in range(3):
            daemon.kill()
            daemon.start()
            daemon.command("reload")
            daemon.command("upstream", "resume", "main")
            daemon.send(plain_mail())

        self.assertRegex(told, r"main is resumed, but logs in again at .*: never more than six refused logins")
        self.assertEqual(daemon.status()["upstreams"][0]["state"], "down")
        self.assertEqual(provider.journal.count("login"), 6)

    def test_a_login_that_is_never_answered_counts_over_a_kill(self):
        provider = self.provider()
        provider.set_faults([{"at": "AUTH", "then": "hang"}])
        daemon = self.daemon(provider, start=False, cooldown={"login_first": "15m", "login_max": "6h"})
        daemon.start()
        daemon.send(plain_mail())

        for logins in range(1, 7):
            provider.journal.wait("command", count=logins, verb="AUTH")
            daemon.kill()
            daemon.start()

        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] == "down", "a rest after six logins")
        self.assertEqual(daemon.status()["queue"]["messages"], 1)

    def test_that_everybody_is_refused_is_known_after_a_kill(self):
        provider = self.provider()
        provider.set_faults([{"at": "EOD", "reply": "554 Transaction failed"}])
        daemon = self.daemon(provider)
        for number in range(5):
            self._send_quietly(daemon, "r%d@r.test" % number)
            daemon.until(lambda: len(daemon.queue("--state", "failed")) == number + 1, "a refusal")
        daemon.kill()
        daemon.start()

        self._send_quietly(daemon, "last@r.test")

        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] == "down", "a rest as for a person")
        self.assertEqual(len(daemon.queue("--state", "failed")), 5)
        self.assertIn("last@r.test", [each["recipients"][0]["address"] for each in daemon.queue()])

    def test_a_reload_tries_the_upstream_whose_secret_is_new_and_no_other(self):
        first, second = self.provider(), self.provider()
        upstreams = {name: self.upstream(side) for name, side in (("one", first), ("two", second))}
        upstreams["two"]["password_file"] = "second"
        daemon = self.daemon(upstreams=upstreams, start=False, cooldown={"login_first": "15m", "login_max": "6h"},
                             routes=[{"to": "*@two.test", "via": ["two"]}, {"via": ["one"]}])
        for name in ("secret", "second"):
            daemon.secret(name, "wrong-password-here")
        daemon.start()
        daemon.send(plain_mail())
        daemon.send(plain_mail(), recipients=["b@two.test"])
        for side in (first, second):
            side.journal.wait("login", ok=False)
        daemon.until(lambda: [u["state"] for u in daemon.status()["upstreams"]] == ["down", "down"], "two that rest")

        daemon.secret("second", PASSWORD)
        daemon.command("reload")

        second.journal.wait("message", accepted=True)
        self.assertEqual(first.journal.count("login"), 1)

    def test_a_reload_keeps_the_connections_of_an_upstream_that_is_as_it_was(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()

        daemon.command("reload")
        daemon.send(plain_mail())

        provider.journal.wait("message", count=2, accepted=True)
        self.assertEqual(provider.journal.count("login"), 1)

    @staticmethod
    def _refused(daemon, provider, logins):
        provider.journal.wait("login", count=logins, ok=False)
        daemon.until(lambda: daemon.status()["upstreams"][0]["until"], "a rest after login %d" % logins)

    @staticmethod
    def _send_quietly(daemon, recipient):
        """Its failure makes no notice, which would be refused like it."""
        daemon.send(plain_mail(), recipients=[recipient], rcpt_options=["NOTIFY=NEVER"])

    @staticmethod
    def _send(daemon, count):
        content = plain_mail()
        with daemon.smtp() as client:
            for _ in range(count):
                client.sendmail("a@s.test", ["b@r.test"], content)


if __name__ == "__main__":
    unittest.main(verbosity=2)
