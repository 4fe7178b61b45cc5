"""Amazon SES as it is: hangs up on the idle unasked, counts the messages of a session, and knows its senders."""
import unittest

from provider_case import WRONG, ProviderCase

SENDER = "app@corp.test"


class SES(ProviderCase):
    name = "ses"

    def deliver(self, daemon, count=1, **message):
        self.send(daemon, count, sender=SENDER, **message)

    def test_a_connection_that_it_ends_unasked_costs_the_next_message_nothing(self):
        provider = self.at(time_scale=10)
        daemon = self.relay(provider, idle_close="10m")
        self.deliver(daemon)
        provider.journal.wait("idle")

        self.deliver(daemon)

        taken = self.until_delivered(daemon, provider, 2)
        self.assertEqual(self.attempts(daemon), [1, 1])
        self.assertEqual([e["c"] for e in taken], [1, 2])
        self.assertEqual(provider.journal.count("command", verb="MAIL", c=1), 1)

    def test_by_itself_the_relay_leaves_before_it_is_told_to(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.deliver(daemon)

        self.assertTrue(provider.journal.wait("close", timeout=15)[0]["quit"])
        self.assertEqual(provider.journal.count("idle"), 0)

    def test_messages_too_many_for_a_session_go_over_another(self):
        provider = self.at(session_most=3)
        daemon = self.relay(provider, messages_per_connection=100)

        self.deliver(daemon, 7)

        self.until_delivered(daemon, provider, 7)
        self.assertEqual(set(self.attempts(daemon)), {1})
        self.assertEqual(provider.journal.count("connect"), 3)

    def test_a_sender_that_is_not_verified_keeps_its_mail_until_it_is(self):
        provider = self.at(verified=["other.test"])
        daemon = self.relay(provider)
        self.deliver(daemon, 2)

        provider.journal.wait("message", accepted=False)
        daemon.until(lambda: [m for m in daemon.queue() if m["recipients"][0]["last_reply"]] or self.state(daemon)["state"] != "ok",
                     "a refusal on record")
        self.assert_kept(daemon, 2)
        self.assertEqual(self.notices(provider), [])

        provider.knobs.verified = ["corp.test"]
        self.resume(daemon)
        for each in daemon.queue():
            daemon.command("queue", "retry", each["id"], check=False)
        self.until_delivered(daemon, provider, 2)

    def test_an_account_that_may_not_send_rests_and_keeps_its_mail(self):
        for knob, words in [("denied", "Access denied"), ("sending_paused", "Sending paused")]:
            with self.subTest(knob):
                self.setUp()
                provider = self.at(**{knob: True})
                daemon = self.relay(provider)
                self.deliver(daemon, 3)

                self.until_resting(daemon, words)
                self.assert_kept(daemon, 3)
                self.assertEqual(provider.journal.count("message"), 1)

    def test_throttling_slows_down_or_rests_and_bounces_nothing(self):
        provider = self.at(per_second=1)
        daemon = self.relay(provider)

        self.deliver(daemon, 2)

        provider.journal.wait("message", accepted=False)
        self.until_delivered(daemon, provider, 2)
        self.assertEqual(daemon.queue("--state", "failed"), [])

    def test_the_daily_quota_rests_it(self):
        provider = self.at(daily=2)
        daemon = self.relay(provider)

        self.deliver(daemon, 4)

        self.until_resting(daemon, "Daily message quota exceeded")
        self.assert_kept(daemon, 2)
        self.assert_rests_for(daemon, 1200, 25 * 3600)

    def test_refused_and_flaky_logins(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG)
        self.deliver(daemon, 2)
        self.until_resting(daemon, "Credentials Invalid")
        self.assert_kept(daemon, 2)
        self.assertEqual(provider.journal.count("login"), 1)

        self.setUp()
        provider = self.at(flaky_logins=1)
        daemon = self.relay(provider, cooldown={"login_first": "1s", "connect_first": "1s"})
        self.deliver(daemon, 2)
        self.until_delivered(daemon, provider, 2)
        self.assertEqual([e["ok"] for e in provider.journal.all("login")], [False, True])
        self.assertEqual(set(self.attempts(daemon)), {1})

    def test_a_message_of_fifty_one_recipients_is_two(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.deliver(daemon, recipients=["r%d@r.test" % number for number in range(51)])

        taken = self.until_delivered(daemon, provider, 2)
        self.assertEqual(sum(len(e["recipients"]) for e in taken), 51)

    def test_a_second_server_that_is_full_at_the_greeting(self):
        provider = self.at()
        provider.set_faults([{"at": "GREETING", "nth": 1, "reply": "421 Too many concurrent SMTP connections", "then": "close"}])
        daemon = self.relay(provider)

        self.deliver(daemon, 2)

        provider.journal.wait("connect", count=1)
        self.until_delivered(daemon, provider, 2)
        self.assertEqual(set(self.attempts(daemon)), {1})


if __name__ == "__main__":
    unittest.main()
