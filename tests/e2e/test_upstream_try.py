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
        self.assertRegex(done.stderr, "next: mailchute credential set main")
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

    def test_an_upstream_that_rests_after_a_refused_login_is_said_to(self):
        provider = self.provider(provider="qq")
        relay = self.relay(provider, "wrong-password-here")
        relay.start()
        relay.send("Subject: x\r\n\r\nx\r\n")
        provider.journal.wait("login", ok=False)
        relay.until(lambda: relay.status()["upstreams"][0]["state"] != "ok", "a pause")

        relay.secret("secret", PASSWORD)
        done = relay.command("upstream", "test", "main")

        self.assertRegex(done.stderr, r"note: main is left alone after a refused login \(auth: 535 .*\), for another \d+")
        self.assertRegex(done.stderr, "This test is one login more")
        self.assertRegex(done.stderr, "next: mailchute upstream resume main")
        self.assertEqual(provider.journal.count("login"), 2)

    def test_an_unknown_name_is_told_with_the_likely_one(self):
        relay = self.relay(self.provider())

        done = relay.command("upstream", "test", "mian", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no upstream mian; did you mean main?; next: mailchute upstream list", done.stderr)


if __name__ == "__main__":
    unittest.main()
