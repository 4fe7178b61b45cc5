"""Gmail as it is: a daily limit that looks like a bounce, logins that are counted, app passwords, chunks."""
import unittest

from provider_case import WRONG, ProviderCase


class Gmail(ProviderCase):
    name = "gmail"

    def test_a_small_message_and_a_large_one_in_chunks(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon)
        self.send(daemon, body=(".dots and lines\r\n") * 20000)

        taken = self.until_delivered(daemon, provider, 2)
        self.assertEqual([e["chunked"] for e in taken], [False, True])
        self.assertGreater(taken[1]["size"], 20000 * 17)

    def test_refused_logins_keep_the_mail_and_are_not_repeated(self):
        for knobs, password, words in [({}, WRONG, "5.7.8"),
                                       ({"account_passwords": {"relay@gmail.com": WRONG}}, WRONG, "Application-specific password")]:
            with self.subTest(words):
                self.setUp()
                provider = self.at(**knobs)
                daemon = self.relay(provider, password)
                self.send(daemon, 3)
                self.until_resting(daemon, words)
                self.assert_kept(daemon, 3)
                self.assert_uncounted(daemon)
                self.assertEqual(provider.journal.count("login"), 1)

    def test_logins_too_many_are_waited_out(self):
        provider = self.at(logins_per_window=1, window_s=600)
        daemon = self.relay(provider, messages_per_connection=1)

        self.send(daemon, 2)

        self.until_resting(daemon, "Too many login attempts")
        self.assert_kept(daemon, 1)
        self.assertEqual(provider.journal.count("login"), 2)
        provider.clock.advance(601)
        self.resume(daemon)
        self.until_delivered(daemon, provider, 2)

    def test_the_daily_limit_rests_the_provider_and_bounces_nothing(self):
        for place in ("EOD", "MAIL"):
            with self.subTest(place):
                self.setUp()
                provider = self.at(daily=2, daily_at=place)
                daemon = self.relay(provider)
                self.send(daemon, 5)

                self.until_resting(daemon, "Daily user sending limit exceeded")
                self.assert_kept(daemon, 3)
                self.assert_rests_for(daemon, 1200, 25 * 3600)
                self.assertEqual(self.notices(provider), [])

                provider.clock.advance(86401)
                self.resume(daemon)
                provider.journal.wait("message", count=4, accepted=True)

    def test_a_program_is_refused_for_good(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon, recipients=["x@r.test"], body='Content-Disposition: attachment; filename="a.exe"\r\n')

        self.until_delivered(daemon, provider, 1)   # the notice
        self.assertIn("potential", self.failed(daemon)["x@r.test"])
        self.assertEqual(self.state(daemon)["state"], "ok")

    def test_one_unknown_recipient_of_three(self):
        provider = self.at(nonexistent=["c@r.test"])
        daemon = self.relay(provider)

        self.send(daemon, sender="ann@corp.test", recipients=["b@r.test", "c@r.test", "d@r.test"])

        taken = self.until_delivered(daemon, provider, 2)
        self.assertEqual(sorted(sum((e["recipients"] for e in taken), [])), ["ann@corp.test", "b@r.test", "d@r.test"])
        self.assertEqual(list(self.failed(daemon)), ["c@r.test"])

    def test_a_connection_that_it_ends_for_silence_costs_nothing(self):
        provider = self.at(time_scale=600)
        daemon = self.relay(provider, idle_close="10m")
        self.send(daemon)
        provider.journal.wait("idle")

        self.send(daemon)

        self.until_delivered(daemon, provider, 2)
        self.assertEqual(self.attempts(daemon), [1, 1])

    def test_the_workspace_relay_hears_a_name_that_it_takes(self):
        provider = self.at(relay=True)
        daemon = self.relay(provider)

        self.send(daemon)

        self.until_delivered(daemon, provider, 1)
        self.assertEqual({e["name"] for e in provider.journal.all("ehlo")}, {"relay.test"})


if __name__ == "__main__":
    unittest.main()
