"""`upstream test`: every step live, in the provider's words and ours; one login, and nothing sent."""
import json
import unittest

from harness import PASSWORD, EndToEnd


class UpstreamTry(EndToEnd):
    def relay(self, provider, password=PASSWORD, **upstream):
        """A configuration, and no daemon."""
        daemon = self.daemon(provider, upstream, start=False)
        daemon.secret("secret", password)
        return daemon

    def stages(self, done):
        return [(step["stage"], step["good"]) for step in json.loads(done.stdout)["steps"]]

    def test_all_steps_of_a_provider_that_works(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider)

        done = relay.command("upstream", "test", "main")

        for part in (r"main \(qq\): localhost:%d, as 10001@qq.com" % provider.port, r"resolve +ok +\d+ms +\S+:%d" % provider.port,
                     r"connect +ok ", r"tls +ok +\d+\S+ +TLSv1.[23] ", r"certificate of CN = localhost", r"for localhost",
                     r"by CN = ca.test, until 2040-01-01 \(", r"greeting +ok +\S+ +220 ", r"ehlo +ok +\S+ +250 .*SIZE 73400320",
                     r"auth +ok +\S+ +235 ", r"mail +ok +\S+ +250 ", r"to MAIL FROM:<10001@qq.com>", r"reset +ok +\S+ +250 "):
            self.assertRegex(done.stdout, part)
        self.assertRegex(done.stderr, "main works; next: mailchute send-test ADDRESS --upstream main --config")
        self.assertEqual(provider.journal.count("login", ok=True), 1)
        self.assertEqual(provider.journal.count("message"), 0)
        self.assertEqual(provider.journal.all("violation"), [])

    def test_as_json(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider)

        report = json.loads(relay.command("upstream", "test", "main", "--json").stdout)

        self.assertEqual((report["schema"], report["good"], report["upstream"], report["provider"]), (1, True, "main", "qq"))
        self.assertEqual([step["stage"] for step in report["steps"]],
                         ["resolve", "connect", "tls", "greeting", "ehlo", "auth", "mail", "reset"])
        steps = {step["stage"]: step for step in report["steps"]}
        self.assertEqual(steps["tls"]["tls"]["expires_at"], "2040-01-01T00:00:00Z")
        self.assertEqual(steps["ehlo"]["offers"]["size"], 73400320)
        self.assertEqual(steps["mail"]["sender"], "10001@qq.com")
        self.assertEqual(steps["auth"]["reply"]["code"], 235)

    def test_starttls(self):
        provider = self.provider(mode="starttls")
        relay = self.relay(provider)

        done = relay.command("upstream", "test", "main", "--json")

        self.assertEqual([stage for stage, _ in self.stages(done)],
                         ["resolve", "connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "mail", "reset"])

    def test_a_refused_login_is_explained_and_tried_once(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider, "wrong-password-here")

        done = relay.command("upstream", "test", "main", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"auth +FAILED +\S+ +535 Login fail")
        self.assertIn("QQ refused the login and does not say which of five causes it was", done.stdout)
        self.assertIn("note: the daemon is not running; so nobody remembers", done.stderr)
        self.assertRegex(done.stderr, "next: mailchute credential set main --config " + relay.config_path)
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertNotIn("wrong-password-here", done.stdout + done.stderr)

    def test_in_chinese_for_a_chinese_terminal(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider, "wrong-password-here")
        english = relay.environment
        relay.environment = lambda: {**english(), "LC_ALL": "zh_CN.UTF-8"}

        done = relay.command("upstream", "test", "main", check=False)

        self.assertIn("QQ 拒绝了登录", done.stdout)

    def test_a_certificate_that_is_not_trusted_ends_it_before_the_login(self):
        provider = self.provider(certificate="expired")
        relay = self.relay(provider)

        done = relay.command("upstream", "test", "main", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "tls +FAILED .*certificate has expired")
        self.assertEqual(provider.journal.count("login"), 0)

    def test_a_port_that_nobody_listens_on(self):
        provider = self.provider()
        relay = self.relay(provider)
        provider.stop()

        done = relay.command("upstream", "test", "main", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "connect +FAILED .*connection refused")
        self.assertIn("The provider could not be reached", done.stdout)

    def test_without_a_secret_it_goes_as_far_as_the_offers(self):
        provider = self.provider()
        relay = self.relay(provider, password_file="nowhere")

        done = relay.command("upstream", "test", "main", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "ehlo +ok ")
        self.assertRegex(done.stderr, "no login was tried: cannot read .*/nowhere")
        self.assertRegex(done.stderr, "next: mailchute credential set main")
        self.assertEqual(provider.journal.count("login"), 0)

    def refused(self, provider):
        """A daemon whose secret the provider has refused once, a message waiting."""
        relay = self.relay(provider, "wrong-password-here")
        relay.start()
        relay.send("Subject: x\r\n\r\nx\r\n")
        provider.journal.wait("login", ok=False)
        relay.until(lambda: self.state(relay) != "ok", "a pause")
        return relay

    def state(self, relay):
        return relay.status()["upstreams"][0]["state"]

    def test_a_secret_that_the_daemon_was_refused_is_not_tried_again_before_its_time(self):
        provider = self.provider(provider="qq")
        relay = self.refused(provider)

        done = relay.command("upstream", "test", "main", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"ehlo +ok ")
        self.assertRegex(done.stderr, r"no login was tried: main refused a login a while ago \(auth: 535 .*\)")
        self.assertRegex(done.stderr, r"left alone until \S+ \(\d+s from now\)")
        self.assertRegex(done.stderr, "next: mailchute credential set main .*next: mailchute upstream test main --force")
        self.assertEqual(provider.journal.count("login"), 1)
        report = json.loads(relay.command("upstream", "test", "main", "--json", check=False).stdout)
        self.assertFalse(report["good"])
        self.assertIn("refused a login", report["problem"])
        self.assertRegex(report["rests_until"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(provider.journal.count("login"), 1)

    def test_force_logs_in_all_the_same(self):
        provider = self.provider(provider="qq")
        relay = self.refused(provider)

        done = relay.command("upstream", "test", "main", "--force", check=False)

        self.assertRegex(done.stdout, r"auth +FAILED ")
        self.assertEqual(provider.journal.count("login"), 2)

    def test_a_new_secret_is_tried_at_once_and_lets_the_mail_go(self):
        provider = self.provider(provider="qq")
        relay = self.refused(provider)

        relay.secret("secret", PASSWORD)
        done = relay.command("upstream", "test", "main")

        self.assertRegex(done.stdout, r"auth +ok ")
        self.assertRegex(done.stderr, "main works; next: mailchute send-test ADDRESS --upstream main")
        self.assertEqual(self.state(relay), "ok")
        provider.journal.wait("message")
        self.assertEqual(provider.journal.count("login", ok=False), 1)

    def test_a_refused_login_counts_for_the_daemon(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider, "wrong-password-here")
        relay.start()

        first = relay.command("upstream", "test", "main", check=False)
        relay.send("Subject: x\r\n\r\nx\r\n")
        for _ in range(10):
            relay.command("upstream", "test", "main", check=False)

        self.assertRegex(first.stderr, r"note: this login counts: the daemon leaves main alone until \S+, or until there is a new")
        self.assertEqual(self.state(relay), "down")
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(len(relay.queue("--state", "queued")), 1)

    def test_doctor_counts_too(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider, "wrong-password-here")
        relay.start()

        for _ in range(3):
            relay.command("doctor", check=False)

        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(self.state(relay), "down")

    def test_a_login_at_an_account_that_the_daemon_does_not_have_says_nothing_of_its_own(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider)
        relay.start()

        relay.set("upstreams", {"main": {**relay.settings["upstreams"]["main"], "user": "2@qq.com"}})
        relay.write_config()
        done = relay.command("upstream", "test", "main", check=False)

        self.assertRegex(done.stdout, r"auth +FAILED ")
        self.assertEqual(self.state(relay), "ok")

    def test_without_a_daemon_the_queue_remembers_what_was_refused(self):
        provider = self.provider(provider="qq")
        relay = self.refused(provider)
        relay.stop()

        withheld = relay.command("upstream", "test", "main", check=False)
        self.assertRegex(withheld.stderr, r"no login was tried: main refused a login a while ago \(auth: 535 ")
        self.assertEqual(provider.journal.count("login"), 1)

        relay.secret("secret", "another-wrong-one")
        refused = relay.command("upstream", "test", "main", check=False)
        self.assertRegex(refused.stderr, "nobody remembers that this login was refused: do not repeat it often")
        self.assertEqual(provider.journal.count("login"), 2)

        relay.secret("secret", PASSWORD)
        relay.command("upstream", "test", "main")

    def test_an_unknown_name_is_told_with_the_likely_one(self):
        relay = self.relay(self.provider())

        done = relay.command("upstream", "test", "mian", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no upstream mian; did you mean main?; next: mailchute upstream list", done.stderr)


if __name__ == "__main__":
    unittest.main()
