"""A refused login is the provider's trouble and never a message's; and no secret shows anywhere."""
import base64
import os
import unittest
import urllib.parse

from harness import PASSWORD, SIGHUP, USER, EndToEnd, plain_mail


class Login(EndToEnd):
    def test_a_wrong_password_is_tried_once_and_mended_by_a_reload(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider, start=False)
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        for number in range(5):
            daemon.send(plain_mail(sender=USER, X_Token=str(number)))
        provider.journal.wait("login", ok=False)
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "a pause")
        for number in range(5, 8):
            daemon.send(plain_mail(sender=USER, X_Token=str(number)))
        waiting = daemon.queue()
        logins_before = provider.journal.count("login")
        daemon.secret("secret", PASSWORD)
        daemon.signal(SIGHUP)

        seen = provider.journal.wait("message", count=8, accepted=True, timeout=90)
        daemon.until_empty()
        self.assertEqual(logins_before, 1)
        self.assertEqual(provider.journal.count("login", ok=False), 1)
        self.assertEqual(len(waiting), 8)
        self.assertEqual({r["attempts"] for m in waiting for r in m["recipients"]}, {0})
        self.assertEqual(sorted(int(e["token"]) for e in seen), list(range(8)))

    def test_the_cooldown_outlives_a_restart(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider, start=False)
        daemon.secret("secret", "wrong-password-here")
        daemon.start()
        daemon.send(plain_mail())
        provider.journal.wait("login", ok=False)
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "a pause")

        daemon.stop()
        daemon.start()
        daemon.send(plain_mail(subject="after the restart"))

        state = daemon.status()["upstreams"][0]
        self.assertNotEqual(state["state"], "ok", state)
        self.assertIn("535", state["reason"])
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(len(daemon.queue()), 2)

    def test_a_second_mechanism_is_not_tried_after_a_refused_credential(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"auth": ["plain", "login"]}, start=False)
        daemon.secret("secret", "wrong-password-here")
        daemon.start()

        daemon.send(plain_mail())

        provider.journal.wait("close")
        self.assertEqual([e["mechanism"] for e in provider.journal.all("login")], ["PLAIN"])
        self.assertEqual(provider.journal.count("command", verb="MAIL"), 0)

    def test_nothing_goes_out_without_login_where_a_user_is_set(self):
        provider = self.provider(users={})
        daemon = self.daemon(provider)

        daemon.send(plain_mail())

        provider.journal.wait("close")
        self.assertEqual(provider.journal.count("command", verb="MAIL"), 0)
        self.assertEqual(len(daemon.queue()), 1)

    def test_no_secret_in_log_queue_configuration_or_process(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()
        shown = daemon.command("status").stdout + daemon.command("queue", "list", "--state", "delivered").stdout

        places = {"log": daemon.log().encode(), "commands": shown.encode()}
        for name in ("cmdline", "environ"):
            places[name] = daemon.proc(name)
        daemon.stop()
        for name in os.listdir(self.folder):
            if name.startswith("queue.db"):
                with open(os.path.join(self.folder, name), "rb") as file:
                    places[name] = file.read()

        self.assertIn("queue.db", places)
        for form in _forms(PASSWORD):
            for place, content in places.items():
                self.assertNotIn(form, content, "a secret in " + place)


def _forms(secret):
    """Every shape in which a secret could leak: raw, as SASL sends it, hex, percent-encoded."""
    raw = secret.encode()
    plain = b"\0" + USER.encode() + b"\0" + raw
    return [raw, base64.b64encode(raw), base64.b64encode(plain), raw.hex().encode(),
            urllib.parse.quote(secret + "@").encode()]


if __name__ == "__main__":
    unittest.main()
