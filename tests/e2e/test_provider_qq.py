"""QQ Mail as it is: one text for five causes, a sender and a From that must be the login, and a QUIT that nobody can read."""
import email
import email.utils
import unittest

from harness import PASSWORD, SIGHUP, USER
from provider_case import WRONG, ProviderCase

LOGIN_FAIL = "535 Login fail. Account is abnormal"
QUICK = {"login_first": "2s", "login_max": "4s"}


class Login(ProviderCase):
    name = "qq"

    def test_a_wrong_code_is_tried_once_a_cooldown_whatever_waits(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG, cooldown=QUICK)

        self.send(daemon, 20)
        provider.journal.wait("login", count=2)
        self.send(daemon, 5)

        self.assertIn("535", self.until_resting(daemon)["reason"])
        self.assert_kept(daemon, 25)
        self.assert_uncounted(daemon)
        self.assertGreaterEqual(min(self.gaps(provider, "login")), 2)
        self.assertEqual({e["mechanism"] for e in provider.journal.all("login")}, {"LOGIN"})

    def test_a_refusal_that_heals_by_itself_costs_time_and_no_mail(self):
        provider = self.at()
        provider.set_faults([{"at": "AUTH", "nth": [1, 2], "reply": LOGIN_FAIL}])
        daemon = self.relay(provider, cooldown=QUICK)

        self.send(daemon, 5)

        self.until_delivered(daemon, provider, 5)
        self.assertEqual(provider.journal.count("login"), 3)
        self.assertGreaterEqual(min(self.gaps(provider, "login")), 2)
        self.assertEqual(set(self.attempts(daemon)), {1})

    def test_a_lock_that_every_try_prolongs_is_waited_out(self):
        # Twenty of the provider's seconds are one of ours: its lock lasts three, our cooldown four.
        provider = self.at(logins_per_window=1, window_s=60, time_scale=20)
        daemon = self.relay(provider, cooldown={"login_first": "4s", "login_max": "5s"}, messages_per_connection=1)

        self.send(daemon, 2)

        self.until_delivered(daemon, provider, 2)
        self.assertEqual([e["ok"] for e in provider.journal.all("login")], [True, False, True])

    def test_no_answer_at_all_is_a_refused_login(self):
        provider = self.at(silent_reject=True)
        daemon = self.relay(provider, WRONG)

        self.send(daemon, 3)

        self.until_resting(daemon)
        self.assert_rests_for(daemon, 15, 60)
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("login"), 1)

    def test_words_of_every_era_are_understood(self):
        for era in ("2019", "2020", "exmail"):
            with self.subTest(era):
                self.setUp()
                provider = self.at(era=era)
                daemon = self.relay(provider, WRONG)
                self.send(daemon)
                self.until_resting(daemon, "535")
                self.assert_kept(daemon, 1)
                self.assertEqual(provider.journal.count("login"), 1)
                daemon.stop()

    def test_a_mechanism_that_is_refused_is_no_verdict_on_the_code(self):
        provider = self.at(plain="refuse")
        daemon = self.relay(provider, auth=["plain", "login"])

        self.send(daemon)

        self.until_delivered(daemon, provider, 1)
        self.assertEqual([(e["mechanism"], e["ok"]) for e in provider.journal.all("login")], [("PLAIN", False), ("LOGIN", True)])

    def test_a_cooldown_outlives_a_restart(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG)
        self.send(daemon, 2)
        before = self.until_resting(daemon)

        daemon.stop()
        daemon.start()
        self.send(daemon)

        after = self.state(daemon)
        self.assertEqual((after["state"], after["until"]), (before["state"], before["until"]))
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("login"), 1)

    def test_a_new_code_is_tried_at_once(self):
        provider = self.at()
        daemon = self.relay(provider, WRONG)
        self.send(daemon, 3)
        self.until_resting(daemon)

        daemon.secret("secret", PASSWORD)
        daemon.signal(SIGHUP)

        self.until_delivered(daemon, provider, 3)
        self.assertEqual([e["ok"] for e in provider.journal.all("login")], [False, True])

    def test_a_hundred_that_waited_go_out_with_one_login(self):
        provider = self.at()
        provider.stop()
        daemon = self.relay(provider, messages_per_connection=100)
        self.send(daemon, 100)
        self.until_resting(daemon)

        provider.start()

        taken = self.until_delivered(daemon, provider, 100)
        self.assertEqual(sorted(int(e["token"]) for e in taken), list(range(100)))
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(provider.open_most, 1)


class Identity(ProviderCase):
    name = "qq"

    def test_mail_of_a_local_user_goes_out_as_the_login(self):
        provider = self.at()
        daemon = self.relay(provider)

        daemon.send("From: Backup of www <www-data@s.test>\r\nTo: b@r.test\r\nSubject: nightly\r\n\r\ndone\r\n",
                    sender="www-data@s.test")

        seen = self.until_delivered(daemon, provider, 1)[0]
        header = email.message_from_string(seen["header"])
        self.assertEqual(seen["sender"], USER)
        self.assertEqual(email.utils.parseaddr(header["From"]), ("Backup of www", USER))
        self.assertEqual(email.utils.parseaddr(header["Reply-To"])[1], "www-data@s.test")
        self.assertIn("www-data@s.test", header["X-Original-From"])
        self.assertEqual(set(self.attempts(daemon)), {1})

    def test_every_from_that_apps_write_is_made_one_that_passes(self):
        provider = self.at()
        daemon = self.relay(provider)
        forms = ["root (Cron Daemon)", "root", "=?utf-8?B?5rWL6K+VIDxhQHMudGVzdD4=?=", '"Doe, J." <j@s.test>',
                 "A <a@s.test>, B <b@s.test>", "\u6d4b\u8bd5 <a@s.test>", "nobody"]

        for each in forms:
            daemon.send(("From: %s\r\nTo: b@r.test\r\nSubject: x\r\n\r\nbody\r\n" % each).encode(), sender="a@s.test")
        daemon.send("To: b@r.test\r\nSubject: no From at all\r\n\r\nbody\r\n", sender="a@s.test")

        for each in self.until_delivered(daemon, provider, len(forms) + 1):
            self.assertEqual(email.utils.getaddresses(email.message_from_string(each["header"]).get_all("From"))[0][1], USER)

    def test_a_notice_goes_out_as_the_login_and_says_what_it_is(self):
        provider = self.at(nonexistent=["c@r.test"])
        daemon = self.relay(provider)

        self.send(daemon, sender="ann@corp.test", recipients=["b@r.test", "c@r.test", "d@r.test"])

        taken = self.until_delivered(daemon, provider, 3)
        self.assertEqual(sorted(sum((e["recipients"] for e in taken), [])), ["ann@corp.test", "b@r.test", "d@r.test"])
        notice = next(e for e in taken if e["recipients"] == ["ann@corp.test"])
        header = email.message_from_string(notice["header"])
        self.assertEqual((notice["sender"], email.utils.parseaddr(header["From"])[1]), (USER, USER))
        self.assertRegex(header["Auto-Submitted"], "^auto-")
        self.assertIn("non-existent account", notice["content"])
        self.assertEqual(list(self.failed(daemon)), ["c@r.test"])


class Sending(ProviderCase):
    name = "qq"

    def test_whatever_it_says_to_quit_nothing_is_sent_twice(self):
        for manner in ("garbage", "raw_garbage", "none", "no_close_notify"):
            with self.subTest(manner):
                self.setUp()
                provider = self.at(quit=manner)
                daemon = self.relay(provider, messages_per_connection=1)
                self.send(daemon, 3)
                self.until_delivered(daemon, provider, 3)
                self.assertEqual(provider.journal.count("message"), 3)
                self.assertEqual(set(self.attempts(daemon)), {1})
                self.assertEqual(self.state(daemon)["state"], "ok")

    def test_a_reply_lost_after_the_final_dot_is_one_more_try_and_marked(self):
        provider = self.at()
        provider.set_faults([{"at": "EOD", "nth": 1, "then": "drop_before_reply"}])
        daemon = self.relay(provider, retry={"first": "2s"}, cooldown={"connect_first": "2s"})

        self.send(daemon)
        provider.journal.wait("message")
        marked = daemon.until(lambda: [m for m in daemon.queue() if m["state"] == "uncertain"], "an uncertain message")

        seen = provider.journal.wait("message", count=2)
        daemon.until_empty()
        self.assertEqual(len({(e["content_sha256"], e["message_id"]) for e in seen}), 1)
        self.assertEqual(provider.journal.count("message"), 2)
        self.assertRegex(daemon.command("queue", "show", marked[0]["id"]).stdout, r"(?i)uncertain|in doubt|duplicate|twice")

    def test_a_second_reply_lost_is_for_a_person_to_decide(self):
        provider = self.at()
        provider.set_faults([{"at": "EOD", "then": "drop_before_reply"}])
        daemon = self.relay(provider)

        self.send(daemon)
        provider.journal.wait("message", count=2)

        left = daemon.until(lambda: [m for m in daemon.queue() if m["recipients"][0]["state"] == "held"], "a held message")
        self.assertEqual(len(left), 1)
        self.assertEqual(provider.journal.count("message"), 2)
        self.assertEqual(self.notices(provider), [])

    def test_slow_down_rests_the_provider_and_bounces_nothing(self):
        for throttle, words in (("too_many", "Too many attempts"), ("frequency", "frequency limited")):
            with self.subTest(throttle):
                self.setUp()
                provider = self.at(messages_per_window=2, message_window_s=60, throttle=throttle)
                daemon = self.relay(provider)
                self.send(daemon, 5)

                self.until_resting(daemon, words)
                self.assert_kept(daemon, 3)
                self.assert_rests_for(daemon, 300, 7200)
                self.assertEqual(provider.journal.count("message"), 3)

                provider.clock.advance(7200)
                self.resume(daemon)
                provider.journal.wait("message", count=4, accepted=True)
                self.assertEqual(self.notices(provider), [])

    def test_that_rest_outlives_a_restart(self):
        provider = self.at(messages_per_window=1)
        daemon = self.relay(provider)
        self.send(daemon, 3)
        before = self.until_resting(daemon, "Too many attempts")

        daemon.stop()
        daemon.start()
        self.send(daemon)

        after = self.state(daemon)
        self.assertEqual((after["state"], after["until"]), (before["state"], before["until"]))
        self.assert_kept(daemon, 3)
        self.assertEqual(provider.journal.count("message"), 2)

    def test_words_that_it_forbids_fail_that_message_alone(self):
        provider = self.at(banned_words=["lottery"])
        daemon = self.relay(provider)

        self.send(daemon, body="a lottery\r\n", recipients=["x@r.test"])
        self.send(daemon, 2)

        taken = self.until_delivered(daemon, provider, 3)
        self.assertEqual(len([e for e in taken if e["token"]]), 2)
        self.assertIn("inappropriate words", self.failed(daemon)["x@r.test"])
        self.assertEqual(self.state(daemon)["state"], "ok")

    def test_exmail_is_the_same_house(self):
        provider = self.at(provider="exmail")
        daemon = self.relay(provider)

        self.send(daemon, sender="root@s.test")

        self.assertEqual(self.until_delivered(daemon, provider, 1)[0]["sender"], provider.provider.user)


if __name__ == "__main__":
    unittest.main()
