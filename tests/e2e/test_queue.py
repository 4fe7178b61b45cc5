"""The commands that look at the queue and change it, with the daemon up and with it down."""
import json
import unittest

from harness import BINARY, EndToEnd, plain_mail
from terminal import Terminal


class QueueCommands(EndToEnd):
    def setUp(self):
        super().setUp()
        self.upstream_side = self.provider()
        self.upstream_side.stop()
        self.relay = self.daemon(self.upstream_side)

    def test_list_tells_what_waits_and_why(self):
        self.relay.send(plain_mail(subject="first", Message_ID="<m1@s.test>"), recipients=["b@r.test", "c@r.test"])
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] != "ok", "a cooldown")

        message = self.relay.queue()[0]

        self.assertRegex(message["id"], r"^[0-9A-HJKMNP-TV-Z]{12}$")
        self.assertEqual((message["sender"], message["subject"]), ("a@s.test", "first"))
        self.assertEqual(message["message_id"], "<m1@s.test>")
        self.assertEqual(message["source"]["kind"], "smtp")
        self.assertRegex(message["received_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertEqual([r["address"] for r in message["recipients"]], ["b@r.test", "c@r.test"])
        self.assertIn(message["id"], self.relay.command("queue", "list").stdout)

    def test_hold_keeps_a_message_back_and_release_lets_it_go(self):
        identity = self._one()
        self.relay.leave_alone()
        self.relay.command("queue", "hold", identity)
        self.assertEqual(self.relay.queue()[0]["state"], "held")
        self.assertEqual(self.relay.status()["queue"]["held"], 1)

        self.upstream_side.start()
        self.relay.command("upstream", "resume", "main")
        self.relay.send(plain_mail(X_Token="other"))
        self.upstream_side.journal.wait("message", accepted=True, token="other")
        self.assertEqual(self.upstream_side.journal.count("message"), 1)

        self.relay.command("queue", "release", identity[:11])
        self.upstream_side.journal.wait("message", count=2, accepted=True)
        self.relay.until_empty()

    def test_remove_asks_first_and_then_nothing_is_left(self):
        identity = self._one()
        kept = self._one(sender="keep@s.test")
        self.relay.leave_alone()

        self.assertNotEqual(self.relay.command("queue", "remove", identity, check=False).returncode, 0)
        self.assertEqual(len(self.relay.queue()), 2)
        self.relay.command("queue", "remove", "--from", "a@*", "--dry-run", "--yes")
        self.assertEqual(len(self.relay.queue()), 2)
        self.relay.command("queue", "remove", "--from", "a@*", "--yes")

        self.assertEqual([m["id"] for m in self.relay.queue()], [kept])

    def test_a_person_sees_what_would_go_before_it_goes(self):
        identity = self._one(sender="keep@s.test")
        self.relay.leave_alone()
        for answer, left in (("n", [identity]), ("y", [])):
            person = Terminal([BINARY, "queue", "remove", identity[:11], "--config", self.relay.config_path], self.relay.environment())
            self.addCleanup(person.close)
            person.expect(identity + " .* keep@s.test -> b@r.test")
            person.expect("remove 1 message\\?")
            person.type(answer)
            person.wait()
            self.assertEqual([m["id"] for m in self.relay.queue()], left)

    def test_retry_tries_at_once(self):
        self.upstream_side.start()
        self.upstream_side.set_faults([{"at": "EOD", "nth": [1], "reply": "451 4.3.0 later"}])
        self.relay.set("retry", {"first": "1h", "max": "2h"})
        self.relay.write_config()
        self.relay.command("reload")
        identity = self._one()
        self.upstream_side.journal.wait("message", accepted=False)
        self.relay.until(lambda: self.relay.queue()[0]["recipients"][0]["attempts"] == 1, "one attempt")

        self.relay.command("queue", "retry", identity)

        self.upstream_side.journal.wait("message", accepted=True)
        self.relay.until_empty()

    def test_show_has_envelope_attempts_and_content(self):
        self.upstream_side.start()
        self.upstream_side.set_faults([{"at": "EOD", "nth": [1], "reply": "451 4.3.0 not just now"}])
        self.relay.set("retry", {"first": "1h", "max": "2h"})
        self.relay.write_config()
        self.relay.command("reload")
        identity = self._one()
        self.relay.until(lambda: self.relay.queue()[0]["recipients"][0]["attempts"] == 1, "one attempt")

        shown = self.relay.command("queue", "show", identity).stdout
        parsed = json.loads(self.relay.command("queue", "show", identity, "--json").stdout)
        raw = self.relay.command("queue", "show", identity, "--raw").stdout

        self.assertIn("451 4.3.0 not just now", shown)
        self.assertEqual(parsed["schema"], 1)
        self.assertIn("Subject: hello", raw)
        self.assertTrue(raw.rstrip("\r\n").endswith("body"))

    def test_content_of_finished_messages_is_kept_as_long_as_asked(self):
        self.relay.set("queue", {"history_bodies": "1h"})
        self.relay.write_config()
        self.relay.command("reload")
        identity = self._one()
        self.upstream_side.start()
        self.relay.until_empty()

        self.assertTrue(self.relay.command("queue", "show", identity, "--raw").stdout.rstrip("\r\n").endswith("body"))
        self.assertIn("Subject: hello", self.relay.command("queue", "show", identity, "--headers").stdout)

        self.relay.set("queue", {"history_bodies": "0"})
        self.relay.write_config()
        self.relay.command("reload")
        self.relay.until(lambda: self.relay.command("queue", "show", identity, "--raw", check=False).returncode == 1, "no content")
        self.assertIn("delivered", self.relay.command("queue", "show", identity).stdout)

    def test_a_failed_message_is_tried_again_by_its_id_while_its_content_is_kept(self):
        self.relay.set("queue", {"history_bodies": "1h"})
        self.relay.write_config()
        self.relay.command("reload")
        identity = self._one()
        self.relay.leave_alone()
        self.relay.command("queue", "hold", identity)
        self.upstream_side.start()
        self.relay.command("upstream", "resume", "main")
        self.upstream_side.set_faults([{"at": "RCPT", "nth": [1], "reply": "550 5.1.1 no such user"}])
        self.relay.command("queue", "release", identity)
        self.relay.until(lambda: self.relay.status()["last_hour"]["failed"] == 1, "a failure")
        # The provider is another one now, and the route that failed no longer exists.
        self.relay.set("upstreams", {"second": self.relay.settings["upstreams"]["main"]})
        self.relay.write_config()
        self.relay.command("reload")

        self.relay.command("queue", "retry", identity)

        self.upstream_side.journal.wait("message", accepted=True)
        self.relay.until(lambda: identity in [m["id"] for m in self.relay.queue("--state", "delivered")], "a delivery")
        self.assertEqual(self.relay.command("queue", "retry", identity, check=False).returncode, 1)

    def test_reading_works_with_the_daemon_down_and_changing_says_so(self):
        identity = self._one()
        self.relay.stop()

        self.assertEqual([m["id"] for m in self.relay.queue()], [identity])
        self.assertIn(identity, self.relay.command("queue", "show", identity).stdout)
        self.assertEqual(self.relay.command("reload", check=False).returncode, 69)

        self.relay.start()
        self.upstream_side.start()
        self.relay.until_empty()

    def test_one_command_tells_what_became_of_a_days_mail(self):
        waiting = self._one(sender="waiting@s.test")
        self.relay.leave_alone()
        self.upstream_side.start()
        self.upstream_side.set_faults([{"at": "EOD", "match": "X-Token: bad", "reply": "554 5.6.0 not this one"}])
        self.relay.command("queue", "hold", waiting)
        self.relay.command("upstream", "resume", "main")
        self.relay.send(plain_mail(X_Token="bad"), sender="bad@s.test")
        self.relay.send(plain_mail(X_Token="good"), sender="good@s.test")
        self.relay.until(lambda: self.relay.status()["last_hour"]["failed"] == 1, "a failure")
        self.relay.until(lambda: [m["id"] for m in self.relay.queue()] == [waiting], "only the held one is left")

        states = {m["sender"]: m["state"] for m in self.relay.queue("--day", "today")}

        self.assertEqual((states["waiting@s.test"], states["bad@s.test"], states["good@s.test"]),
                         ("held", "failed", "delivered"))
        self.assertEqual(self.relay.queue("--day", "yesterday"), [])
        self.assertEqual(self.relay.queue("--state", "any", "--older", "today"), [])
        self.assertEqual(len(self.relay.queue("--state", "any", "--younger", "today", "--from", "bad@*")), 1)
        self.assertIn("554 5.6.0 not this one", self.relay.command("queue", "list", "--day", "today").stdout)
        self.assertEqual(self.relay.command("queue", "list", "--day", "someday", check=False).returncode, 64)
        refused = self.relay.command("queue", "remove", "--state", "any", "--yes", check=False)
        self.assertEqual(refused.returncode, 64)

    def test_nothing_matches_is_1_and_a_wrong_word_is_64(self):
        self.assertEqual(self.relay.command("queue", "show", "0" * 12, check=False).returncode, 1)
        self.assertEqual(self.relay.command("queue", "hold", "0" * 12, check=False).returncode, 1)
        self.assertEqual(self.relay.command("queue", "lsit", check=False).returncode, 64)
        self.assertEqual(self.relay.command("queue", "list", "--older", "five", check=False).returncode, 64)

    def test_status_counts(self):
        self._one()
        self._one()
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] != "ok", "a cooldown")

        status = self.relay.status()

        self.assertEqual(status["schema"], 1)
        self.assertEqual((status["queue"]["messages"], status["queue"]["recipients"]), (2, 2))
        self.assertEqual(status["last_hour"]["accepted"], 2)
        self.assertEqual(status["config"]["path"], self.relay.config_path)
        self.assertGreaterEqual(status["queue"]["bytes"], 100)
        self.assertIn("main", self.relay.command("status").stdout)

    def test_ids_are_sortable_by_time_and_never_used_again(self):
        first = self._one()
        self.relay.leave_alone()
        self.relay.command("queue", "remove", first, "--yes")
        second = self._one()
        self.assertGreater(second, first)

    def test_newest_words_in_ndjson_are_one_object_a_line(self):
        self._one()
        self._one()
        lines = self.relay.command("queue", "list", "--ndjson").stdout.splitlines()
        self.assertEqual(len({json.loads(line)["id"] for line in lines}), 2)

    def _one(self, **arguments):
        """Sends one message and returns its id."""
        before = {m["id"] for m in self.relay.queue()}
        self.relay.send(plain_mail(), **arguments)
        return next(m["id"] for m in self.relay.queue() if m["id"] not in before)


if __name__ == "__main__":
    unittest.main()
