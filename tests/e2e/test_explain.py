"""`explain`: why a message waits and until when, what is wrong with an upstream, what a provider's words mean."""
import json
import unittest

from harness import EndToEnd, plain_mail


class Explain(EndToEnd):
    def test_a_refused_login_is_told_by_message_by_upstream_and_by_its_words(self):
        self.start(provider="qq")
        self.provider_side.set_faults([{"at": "AUTH", "reply": "535 Login Fail. Please enter your authorization code to login."}])
        identity = self._one()
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] == "down", "a refused login")

        upstream = self.explain("main")["parts"][0]
        message = self.explain(identity)["parts"][0]
        words = self.explain("auth: 535 Login Fail. Please enter your authorization code to login.")["parts"][0]

        for told in (upstream, message, words):
            self.assertEqual(told["verdict"]["rule"], "qq-code")
            self.assertIn("authorization code", told["meaning"])
            self.assertEqual(told["reply"]["code"], 535)
        self.assertIn("It is the login", upstream["meaning"])
        self.assertEqual(message["about"], "b@r.test")
        self.assertIn("waits for main", message["happened"])
        self.assertRegex(message["until"], r"^\d{4}-\d\d-\d\dT")
        self.assertIn("mailchute credential set main --config " + self.relay.config_path, message["next"])

    def test_a_slow_provider_is_not_taken_for_a_wrong_password(self):
        self.start(provider="qq")
        self.provider_side.set_faults([{"at": "EOD", "reply": "550 Connection frequency limited"}])
        identity = self._one()
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] != "ok", "a rest")

        self.assertIn("It is not the password", self.explain("main")["parts"][0]["meaning"])
        self.assertIn("waits for main", self.explain(identity)["parts"][0]["happened"])
        shown = self.relay.command("explain", identity).stdout
        self.assertIn("550 Connection frequency limited", shown)
        chinese = self._command_in("zh_CN.UTF-8", "explain", "main").stdout
        self.assertIn("与密码无关", chinese)
        self.assertIn("接下来", chinese)

    def test_the_story_goes_on_with_the_daemon_down(self):
        self.start()
        self.provider_side.set_faults([{"at": "RCPT", "reply": "450 4.2.1 mailbox busy"}])
        self.relay.set("retry", {"first": "1h", "max": "2h"})
        self.relay.write_config()
        self.relay.command("reload")
        identity = self._one()
        self.relay.until(lambda: self.relay.queue()[0]["recipients"][0]["attempts"] == 1, "one attempt")
        running = self.explain(identity)["parts"][0]
        self.relay.stop()

        stopped = self.explain(identity[:11])["parts"][0]

        self.assertIn("tried again in", running["expected"])
        self.assertEqual(running["verdict"]["rule"], "recipient-deferred")
        self.assertIn("does not run", stopped["expected"])
        self.assertEqual(stopped["next"], ["systemctl start mailchute"])
        self.relay.start()

    def test_what_is_finished_is_told_too(self):
        self.start()
        self.provider_side.set_faults([{"at": "RCPT", "match": "gone@", "reply": "550 5.1.1 no such user"}])
        self.relay.send(plain_mail(), recipients=["b@r.test"])
        self.relay.until_empty()
        identity = self.relay.queue("--state", "delivered")[0]["id"]
        self.assertIn("took it", self.explain(identity)["parts"][0]["happened"])

    def test_words_need_neither_a_daemon_nor_a_good_configuration(self):
        relay = self.daemon(upstreams={"main": {"host": "localhost"}}, start=False)
        relay.set("upstreams", {"main": {"hots": "localhost"}})
        relay.write_config()

        done = relay.command("explain", "550 Connection frequency limited", "--provider", "qq")

        self.assertIn("QQ finds", done.stdout)
        self.assertIn("next: mailchute check", done.stderr)
        self.assertEqual(relay.command("explain", "login_refused").returncode, 0)
        self.assertEqual(relay.command("explain", "nothing of that kind", check=False).returncode, 1)
        self.assertEqual(relay.command("explain", "535 no", "--stage", "nowhere", check=False).returncode, 64)
        self.assertEqual(relay.command("explain", "535 no", "--provider", "nobody", check=False).returncode, 64)

    def start(self, **knobs):
        self.provider_side = self.provider(**knobs)
        self.relay = self.daemon(self.provider_side)

    def explain(self, *words):
        told = json.loads(self.relay.command("explain", *words, "--json").stdout)
        self.assertEqual(told["schema"], 1)
        return told

    def _command_in(self, locale, *words):
        """A command of the relay's for a reader with this locale."""
        inner = self.relay.environment
        self.relay.environment = lambda: {**inner(), "LC_ALL": locale}
        try:
            return self.relay.command(*words)
        finally:
            self.relay.environment = inner

    def _one(self):
        self.relay.send(plain_mail())
        return self.relay.queue()[0]["id"]


if __name__ == "__main__":
    unittest.main()
