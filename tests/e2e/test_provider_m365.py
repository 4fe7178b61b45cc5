"""Microsoft 365 as it is: STARTTLS, no PLAIN, a slow no, policies, and limits that look like bounces."""
import unittest

from provider_case import WRONG, ProviderCase


class M365(ProviderCase):
    name = "m365"

    def test_a_message_over_starttls_with_two_greetings(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon)

        self.until_delivered(daemon, provider, 1)
        self.assertEqual([e["tls"] for e in provider.journal.all("ehlo")], [False, True])
        self.assertEqual([e["mechanism"] for e in provider.journal.all("login")], ["LOGIN"])

    def test_plain_is_never_tried(self):
        provider = self.at(login_delay_s=0)
        daemon = self.relay(provider, WRONG, auth=["plain", "login"])

        self.send(daemon)

        self.until_resting(daemon, "5.7.3")
        self.assertEqual([e["line"] for e in provider.journal.all("command", verb="AUTH")], ["AUTH LOGIN"])

    def test_a_refusal_that_takes_its_time_is_waited_for(self):
        provider = self.at(login_delay_s=5)
        daemon = self.relay(provider, WRONG)

        self.send(daemon, 2)

        self.until_resting(daemon, "5.7.3")
        self.assert_kept(daemon, 2)
        self.assertEqual(provider.journal.count("login"), 1)

    def test_policies_keep_the_mail_and_are_asked_once(self):
        for policy, words in [("tenant_off", "disabled for the Tenant"), ("basic_off", "basic authentication is disabled"),
                              ("cond_access", "did not meet the criteria"), ("retired", "5.7.30")]:
            with self.subTest(policy):
                self.setUp()
                provider = self.at(policy=policy, login_delay_s=0)
                daemon = self.relay(provider)
                self.send(daemon, 2)
                self.until_resting(daemon, words)
                self.assert_kept(daemon, 2)
                self.assertEqual(provider.journal.count("login"), 1)

    def test_connections_too_many_are_waited_out(self):
        provider = self.at(concurrent_most=0)
        daemon = self.relay(provider)

        self.send(daemon, 2)

        self.until_resting(daemon, "Concurrent connections")
        self.assert_kept(daemon, 2)
        provider.knobs.concurrent_most = 1
        self.resume(daemon)
        for each in daemon.queue():
            daemon.command("queue", "retry", each["id"], check=False)
        self.until_delivered(daemon, provider, 2)

    def test_a_sender_that_is_not_owned(self):
        provider = self.at()
        daemon = self.relay(provider, envelope_sender="keep", header_from="keep")

        self.send(daemon, sender="v@corp.test", recipients=["x@r.test"])

        daemon.until(lambda: "x@r.test" in self.failed(daemon), "a failure")
        self.assertIn("SendAsDenied", self.failed(daemon)["x@r.test"])
        self.assertEqual(self.state(daemon)["state"], "ok")

    def test_a_sender_rewritten_passes(self):
        provider = self.at()
        daemon = self.relay(provider, header_from="login")

        self.send(daemon, sender="root@s.test")

        self.assertEqual(self.until_delivered(daemon, provider, 1)[0]["sender"], "relay@corp.test")

    def test_quotas_rest_the_provider_and_bounce_nothing(self):
        for knobs, words in [({"daily": 1}, "SubmissionQuotaExceeded"), ({"daily_recipients": 1}, "daily limit for message recipients")]:
            with self.subTest(words):
                self.setUp()
                provider = self.at(**knobs)
                daemon = self.relay(provider)
                self.send(daemon, 3)

                self.until_resting(daemon, words)
                self.assert_kept(daemon, 2)
                self.assert_rests_for(daemon, 1200, 25 * 3600)
                self.assertEqual(self.notices(provider), [])

                provider.clock.advance(86401)
                self.resume(daemon)
                provider.journal.wait("message", count=2, accepted=True)

    def test_replies_that_are_slowed_down_are_waited_for(self):
        provider = self.at(per_minute=2, rate_delay_s=30, time_scale=30)
        daemon = self.relay(provider)

        self.send(daemon, 5)

        self.until_delivered(daemon, provider, 5)
        self.assertEqual(set(self.attempts(daemon)), {1})

    def test_a_temporary_error_is_tried_again(self):
        provider = self.at(temporary_every=2)
        daemon = self.relay(provider)

        self.send(daemon, 2)

        self.until_delivered(daemon, provider, 2)
        self.assertEqual(provider.journal.count("message", accepted=False) + 2, sum(self.attempts(daemon)))

    def test_a_connection_that_it_ends_for_silence_costs_nothing(self):
        provider = self.at(time_scale=300)
        daemon = self.relay(provider, idle_close="10m")
        self.send(daemon)
        provider.journal.wait("idle")

        self.send(daemon)

        self.until_delivered(daemon, provider, 2)
        self.assertEqual(self.attempts(daemon), [1, 1])


if __name__ == "__main__":
    unittest.main()
