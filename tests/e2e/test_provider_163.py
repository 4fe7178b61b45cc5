"""NetEase 163 as it is: a day that ends in Beijing, an address that is banned for wrong passwords, identical mail refused."""
import datetime
import unittest

from harness import PASSWORD, SIGHUP
from provider_case import WRONG, ProviderCase

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


class Netease(ProviderCase):
    name = "163"

    def test_mail_of_a_local_user_passes_as_the_login(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon, sender="root@s.test")

        self.assertEqual(self.until_delivered(daemon, provider, 1)[0]["sender"], "10001@163.com")
        self.assertEqual(provider.journal.count("command", verb="STARTTLS"), 0)

    def test_a_from_that_is_kept_against_its_will_fails_that_message(self):
        provider = self.at()
        daemon = self.relay(provider, header_from="keep")

        self.send(daemon, sender="root@s.test", recipients=["x@r.test"])

        daemon.until(lambda: "x@r.test" in self.failed(daemon), "a failure")
        self.assertIn("DT:SUM", self.failed(daemon)["x@r.test"])
        self.assertEqual(self.state(daemon)["state"], "ok")

    def test_the_daily_limit_is_waited_for_until_the_day_is_over_in_beijing(self):
        for place in ("MAIL", "EOD"):
            with self.subTest(place):
                self.setUp()
                provider = self.at(daily=1, daily_at=place)
                daemon = self.relay(provider)
                self.send(daemon, 3)

                state = self.until_resting(daemon, "MI:STC")
                until = datetime.datetime.fromisoformat(state["until"].replace("Z", "+00:00")).astimezone(BEIJING)
                self.assert_kept(daemon, 2)
                self.assert_rests_for(daemon, 0, 26 * 3600)
                self.assertLess(until.hour, 2, until)
                self.assertEqual(provider.journal.count("message", accepted=True), 1)

                provider.clock.advance(86400)
                self.resume(daemon)
                provider.journal.wait("message", count=2, accepted=True)
                self.assertEqual(self.notices(provider), [])

    def test_one_connection_too_many_is_waited_out(self):
        provider = self.at()
        provider.set_faults([{"at": "GREETING", "nth": [1, 2], "reply": "421 HL:ICC 163 smtp1,AbC 1700000000", "then": "close"}])
        daemon = self.relay(provider)

        self.send(daemon, 3)

        self.until_resting(daemon, "HL:ICC")
        self.assert_kept(daemon, 3)
        self.assert_uncounted(daemon)
        self.resume(daemon)
        provider.journal.wait("connect", count=2)
        self.until_resting(daemon, "HL:ICC")
        self.resume(daemon)
        self.until_delivered(daemon, provider, 3)

    def test_a_banned_address_is_left_alone(self):
        provider = self.at(failures_most=1)
        daemon = self.relay(provider, WRONG)
        self.send(daemon, 3)
        self.until_resting(daemon, "535")
        self.resume(daemon)

        self.until_resting(daemon, "auth error limit exceed")
        self.assert_rests_for(daemon, 1800, 6 * 3600)
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("login"), 1)

        provider.clock.advance(1801)
        daemon.secret("secret", PASSWORD)
        daemon.signal(SIGHUP)
        self.until_delivered(daemon, provider, 3)

    def test_greylisted_mail_comes_again(self):
        provider = self.at(greylist=True)
        daemon = self.relay(provider)

        self.send(daemon)

        provider.journal.wait("message", accepted=False)
        self.assertEqual(daemon.queue("--state", "failed"), [])
        for each in daemon.queue():   # it would be two minutes otherwise
            daemon.command("queue", "retry", each["id"], check=False)
        self.until_delivered(daemon, provider, 1)
        self.assertEqual(self.attempts(daemon), [2])

    def test_the_same_body_once_too_often_fails_that_message_alone(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon, 2, body="the same\r\n")
        self.send(daemon, body="the same\r\n", recipients=["x@r.test"])
        self.send(daemon, body="another\r\n")

        self.until_delivered(daemon, provider, 4)
        self.assertIn("DT:SPM", self.failed(daemon)["x@r.test"])
        self.assertEqual(self.state(daemon)["state"], "ok")

    def test_refused_logins_keep_the_mail(self):
        for knobs, password, words in [({}, WRONG, "535"), ({"service_off": ["10001@163.com"]}, None, "no permission"),
                                       ({"suspended": ["10001@163.com"]}, None, "suspended")]:
            with self.subTest(words):
                self.setUp()
                provider = self.at(**knobs)
                daemon = self.relay(provider, **({"password": password} if password else {}))
                self.send(daemon, 2)
                self.until_resting(daemon, words)
                self.assert_kept(daemon, 2)
                self.assert_uncounted(daemon)
                self.assertEqual(provider.journal.count("login"), 1)

    def test_messages_too_many_for_a_quarter_of_an_hour_wait(self):
        provider = self.at(per_quarter_hour=2)
        daemon = self.relay(provider)

        self.send(daemon, 4)

        self.until_resting(daemon, "MI:SFQ")
        self.assert_kept(daemon, 2)
        self.assertEqual(provider.journal.count("message", accepted=True), 2)

    def test_a_connection_that_it_ends_for_silence_costs_nothing(self):
        provider = self.at(idle_s=60, time_scale=60)
        daemon = self.relay(provider, idle_close="10m")
        self.send(daemon)
        provider.journal.wait("idle")

        self.send(daemon)

        self.until_delivered(daemon, provider, 2)
        self.assertEqual(self.attempts(daemon), [1, 1])
        self.assertEqual(provider.journal.count("connect"), 2)


if __name__ == "__main__":
    unittest.main()
