"""The provider goes away, comes back, drops connections at the worst moments; no message suffers for it."""
import unittest

from harness import USER, EndToEnd, plain_mail


class Outage(EndToEnd):
    def test_mail_waits_out_an_outage_and_no_attempt_is_counted(self):
        provider = self.provider(provider="qq")
        provider.stop()
        daemon = self.daemon(provider, {"max_connections": 1, "messages_per_connection": 100})

        for number in range(20):
            daemon.send(plain_mail(subject="m%d" % number, sender=USER, X_Token=str(number)))
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] in ("cooling_down", "down"), "a cooldown")
        waiting = daemon.queue()
        provider.start()

        seen = provider.journal.wait("message", count=20, accepted=True)
        daemon.until_empty()
        self.assertEqual(len(waiting), 20)
        self.assertEqual({r["attempts"] for m in waiting for r in m["recipients"]}, {0})
        self.assertEqual(sorted(int(e["token"]) for e in seen), list(range(20)))
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(daemon.status()["upstreams"][0]["state"], "ok")

    def test_a_connection_is_used_for_many_messages(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"max_connections": 1})

        for number in range(10):
            daemon.send(plain_mail(subject="m%d" % number))

        provider.journal.wait("message", count=10, accepted=True)
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(provider.journal.count("connect"), 1)

    def test_a_kept_connection_that_dies_idle_costs_the_next_message_nothing(self):
        for farewell in (b"451 4.4.2 Timeout waiting for data from client.\r\n", b""):
            with self.subTest(farewell):
                self._idle_death(farewell)

    def _idle_death(self, farewell):
        self.setUp()
        provider = self.provider()
        daemon = self.daemon(provider, {"max_connections": 1, "idle_close": "10m"})
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()

        provider.say_to_all(farewell)
        provider.journal.wait("close")
        daemon.send(plain_mail(subject="second"))

        provider.journal.wait("message", count=2, accepted=True)
        daemon.until_empty()
        self.assertEqual(provider.journal.count("connect"), 2)
        finished = daemon.queue("--state", "delivered")
        self.assertEqual([r["attempts"] for m in finished for r in m["recipients"]], [1, 1])

    def test_the_provider_closes_the_connection_after_the_next_command(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"max_connections": 1})
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        provider.set_faults([{"at": "MAIL", "nth": [1], "then": "drop_before_reply"}])

        daemon.send(plain_mail(subject="second"))

        provider.journal.wait("message", count=2, accepted=True)
        daemon.until_empty()

    def test_a_reply_lost_after_the_final_dot_is_uncertain_and_the_same_bytes_go_again(self):
        provider = self.provider()
        provider.set_faults([{"at": "EOD", "nth": 1, "then": "drop_before_reply"}])
        daemon = self.daemon(provider, retry={"first": "2s", "max": "2s"},
                             cooldown={"connect_first": "2s", "connect_max": "2s"})

        daemon.send(plain_mail())
        provider.journal.wait("message")
        waiting = daemon.until(lambda: [m for m in daemon.queue() if m["state"] == "uncertain"], "an uncertain message")
        self.assertEqual(waiting[0]["recipients"][0]["state"], "uncertain")

        seen = provider.journal.wait("message", count=2)
        daemon.until_empty()
        self.assertEqual(len({e["content_sha256"] for e in seen}), 1, [e["header"] for e in seen])
        self.assertEqual(len({e["message_id"] for e in seen}), 1)
        shown = daemon.command("queue", "show", waiting[0]["id"]).stdout
        self.assertRegex(shown, r"(?i)uncertain|in doubt|duplicate|twice")

    def test_a_connection_cut_in_mid_content_is_no_doubt_and_is_tried_again(self):
        provider = self.provider()
        provider.set_faults([{"at": "BODY", "nth": [1], "then": "reset"}])
        daemon = self.daemon(provider)

        daemon.send(plain_mail(body=("x" * 70 + "\r\n") * 20000))

        provider.journal.wait("message", accepted=True)
        daemon.until_empty()
        self.assertEqual(provider.journal.count("message"), 1)

    def test_a_message_on_which_the_provider_hangs_up_does_not_stop_the_others(self):
        provider = self.provider()
        provider.set_faults([{"at": "MAIL", "match": "lost@s.test", "then": "drop_before_reply"},
                             {"at": "MAIL", "match": "goodbye@s.test", "reply": "421 4.3.2 Bye", "then": "close"}])
        daemon = self.daemon(provider, {"max_connections": 1})
        for sender in ("lost@s.test", "goodbye@s.test"):
            daemon.send(plain_mail(sender=sender), sender=sender)
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] == "cooling_down", "a cooldown")

        for number in range(3):
            daemon.send(plain_mail(subject="innocent %d" % number))

        provider.journal.wait("message", count=3, accepted=True)
        waiting = daemon.queue()
        self.assertEqual({m["sender"] for m in waiting if m["sender"] != "a@s.test"}, {"lost@s.test", "goodbye@s.test"})
        self.assertEqual({r["attempts"] for m in waiting for r in m["recipients"]}, {0})

    def test_an_upstream_that_is_the_daemon_itself_keeps_the_mail(self):
        daemon = self.daemon(upstreams={"main": {"host": "127.0.0.1", "port": 25, "tls": "none"}}, start=False)
        daemon.settings["upstreams"]["main"]["port"] = daemon.port
        daemon.start()

        daemon.send(plain_mail())

        daemon.until(lambda: "itself listens" in daemon.status()["upstreams"][0]["reason"], "the reason")
        self.assertEqual([r["attempts"] for m in daemon.queue() for r in m["recipients"]], [0])

    def test_temporary_refusals_are_tried_again_and_others_do_not_wait_for_them(self):
        provider = self.provider()
        provider.set_faults([{"at": "EOD", "match": "X-Token: poison", "reply": "451 4.3.0 Try later"}])
        daemon = self.daemon(provider, {"max_connections": 1})

        daemon.send(plain_mail(X_Token="poison"))
        for number in range(5):
            daemon.send(plain_mail(X_Token=str(number)))

        provider.journal.wait("message", count=5, accepted=True)
        provider.journal.wait("message", count=2, accepted=False)
        left = daemon.queue()
        self.assertEqual(len(left), 1)
        self.assertIn("451", str(left[0]["recipients"][0]["last_reply"]["code"]))
        provider.set_faults([])
        daemon.until_empty()

    def test_frequency_limits_pause_the_provider_and_bounce_nothing(self):
        provider = self.provider(provider="qq")
        provider.set_faults([{"at": "EOD", "reply": "550 Too many attempts. Unable to send. Try again later"}])
        daemon = self.daemon(provider, {"max_connections": 1})

        for number in range(5):
            daemon.send(plain_mail(subject="m%d" % number, sender=USER))
        provider.journal.wait("message")
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "a pause")

        self.assertEqual(len(daemon.queue()), 5)
        self.assertEqual({m["state"] for m in daemon.queue()}, {"queued"})
        self.assertEqual([e for e in provider.journal.all("message") if "report" in e["header"]], [])

    def test_every_end_of_a_conversation_is_fine_once_the_message_is_taken(self):
        for manner in ("none", "garbage"):
            with self.subTest(manner):
                self.setUp()
                provider = self.provider(provider="qq", quit=manner)
                daemon = self.daemon(provider, {"messages_per_connection": 1})
                daemon.send(plain_mail(sender=USER))
                daemon.send(plain_mail(sender=USER))
                provider.journal.wait("message", count=2, accepted=True)
                daemon.until_empty()
                self.assertEqual(provider.journal.count("message"), 2)
                self.assertEqual({e["sender"] for e in provider.journal.all("message")}, {USER})

    def test_replies_in_single_bytes_are_understood(self):
        provider = self.provider(reply_chunking="bytes:1")
        daemon = self.daemon(provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()


if __name__ == "__main__":
    unittest.main()
