"""Providers with one oddity each: temporary refusals that last for ever, final ones that do not, and silence."""
import unittest

from provider_case import WRONG, ProviderCase


class Yahoo(ProviderCase):
    name = "yahoo"

    def test_one_wrong_password_is_too_many_and_is_not_followed_by_another(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG)

        self.send(daemon, 3)

        self.until_resting(daemon, "AUTH005")
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("login"), 1)


class Mailgun(ProviderCase):
    name = "mailgun"

    def test_an_account_that_a_person_must_activate_rests_and_keeps_its_mail(self):
        provider = self.at(activated=False)
        daemon = self.relay(provider)

        self.send(daemon, 3)

        self.until_resting(daemon, "activate")
        self.assert_kept(daemon, 3)
        provider.knobs.activated = True
        self.resume(daemon)
        self.until_delivered(daemon, provider, 3)

    def test_a_prompt_that_is_not_base64_is_taken(self):
        provider = self.at()
        daemon = self.relay(provider, auth=["plain"])

        self.send(daemon)

        self.until_delivered(daemon, provider, 1)


class SendGrid(ProviderCase):
    name = "sendgrid"

    def test_a_wrong_key_that_is_told_to_come_again_is_a_refused_login(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG)

        self.send(daemon, 3, sender="app@corp.test")

        self.until_resting(daemon, "Could not authenticate")
        self.assert_rests_for(daemon, 15, 6 * 3600)
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("login"), 1)


class Aliyun(ProviderCase):
    name = "aliyun"

    def test_a_sender_rewritten_passes_and_prompts_in_lower_case_are_taken(self):
        provider = self.at()
        daemon = self.relay(provider, envelope_sender="login")

        self.send(daemon, sender="root@s.test")

        self.until_delivered(daemon, provider, 1)

    def test_a_temporary_refusal_that_would_last_for_ever_fails_at_once(self):
        provider = self.at()
        daemon = self.relay(provider, envelope_sender="keep")

        self.send(daemon, sender="root@s.test", recipients=["x@r.test"])

        daemon.until(lambda: "x@r.test" in self.failed(daemon), "a failure")
        self.assertIn("doesn't conform", self.failed(daemon)["x@r.test"])


class TencentSES(ProviderCase):
    name = "tencent-ses"

    def test_its_one_refusal_is_told_apart_by_the_cause_inside(self):
        provider = self.at(per_second=1, time_scale=0.01)
        daemon = self.relay(provider)

        self.send(daemon, 3)

        self.until_resting(daemon, "SmtpRateLimit")
        self.assert_kept(daemon, 2)
        self.assertEqual(self.notices(provider), [])

    def test_a_sender_that_it_does_not_know_keeps_its_mail(self):
        provider = self.at(unverified=["relay@ses.corp.test"])
        daemon = self.relay(provider)

        self.send(daemon, 2)

        self.until_resting(daemon, "NotAuthenticatedSender")
        self.assert_kept(daemon, 2)

    def test_a_line_too_long_fails_that_message(self):
        provider = self.at()
        daemon = self.relay(provider)

        self.send(daemon, body="x" * 2500 + "\r\n", recipients=["x@r.test"])

        daemon.until(lambda: "x@r.test" in self.failed(daemon), "a failure")


class Postmark(ProviderCase):
    name = "postmark465"

    def test_a_port_that_never_speaks_is_given_up_in_time(self):
        provider = self.at()
        daemon = self.relay(provider, tls="starttls", timeouts={"connect": "1s", "greeting": "1s"})

        self.send(daemon, 2)

        self.until_resting(daemon)
        self.assert_kept(daemon, 2)
        self.assert_uncounted(daemon)


class ProtonBridge(ProviderCase):
    name = "proton-bridge"

    def test_a_certificate_of_its_own_is_trusted_when_it_is_named(self):
        provider = self.at()
        daemon = self.relay(provider, host="127.0.0.1", ca_file=self.certificates.pair("bridge")[0])

        self.send(daemon)

        self.until_delivered(daemon, provider, 1)

    def test_and_is_not_when_it_is_not(self):
        provider = self.at()
        daemon = self.relay(provider, host="127.0.0.1")

        self.send(daemon)

        self.until_resting(daemon)
        self.assert_kept(daemon, 1)
        self.assertEqual(provider.journal.count("login"), 0)


class Yandex(ProviderCase):
    name = "yandex"

    def test_a_block_of_a_day_is_waited_out_and_never_tried(self):
        provider = self.at(spam_words=["lottery"])
        daemon = self.relay(provider, envelope_sender="login")
        self.send(daemon, body="a lottery\r\n")

        self.until_resting(daemon, "SPAM")
        self.send(daemon, 2)

        self.assert_rests_for(daemon, 20 * 3600, 27 * 3600)  # a day, and up to a tenth of it
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("message"), 1)
        self.assertEqual(self.notices(provider), [])

    def test_notices_too_go_out_as_the_login(self):
        provider = self.at(refuse_recipients={"c@r.test": "550 5.7.1 No such user!"})
        daemon = self.relay(provider, envelope_sender="login")

        self.send(daemon, sender="ann@corp.test", recipients=["c@r.test"])

        self.assertEqual(self.until_delivered(daemon, provider, 1)[0]["sender"], "relay@yandex.ru")


if __name__ == "__main__":
    unittest.main()
