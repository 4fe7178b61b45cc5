"""mailq and newaliases: who sees what, and what is said of aliases."""
import os
import unittest

from sendmail_case import OTHER, THIRD, USER, ForOthers, OfAPerson, as_user

SECRET = "Subject: a secret\n\nhi\n"


class Mailq(OfAPerson):
    def test_an_empty_queue_is_said_to_be_one_in_the_usual_words(self):
        done = self.call(self.own_relay(), "", name="mailq")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Mail queue is empty\n", ""))

    def test_the_owner_of_the_queue_sees_it_with_the_daemon_up_and_down(self):
        relay = self.own_relay()
        done = self.call(relay, "a@r.test", SECRET)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

        up = self.call(relay, "-bp")
        self.assertEqual(relay.stop(), 0)
        down = self.call(relay, "-v", name="mailq")

        for done, talk in ((up, ""), (down, "the daemon is not running: nothing goes out; next: systemctl start mailchute\n")):
            self.assertEqual((done.returncode, done.stderr), (0, talk))
            self.assertIn("-> a@r.test", done.stdout)

    def test_what_waits_is_tried_now(self):
        relay = self.own_relay()
        self.assertEqual(self.call(relay, "-q").returncode, 0)  # nothing waits
        self.assertEqual(self.call(relay, "a@r.test", SECRET).returncode, 0)
        relay.until(lambda: relay.status()["upstreams"][0]["state"] != "ok", "a cooldown")
        for words in ("-q", "-qf", "-qI" + relay.queue()[0]["id"], "-qRr.test", "-qSs.test"):
            done = self.call(relay, words)
            self.assertEqual(done.returncode, 0, done.stderr)


@unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
class OtherUsers(ForOthers):
    def setUp(self):
        super().setUp()
        self.relay = self.relay_with()

    def queue_one(self, recipient, **arguments):
        done = self.call(self.relay, ["-f", "me@s.test", recipient], SECRET, **arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def mailq(self, **arguments):
        done = self.call(self.relay, "", name="mailq", **arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_l018_a_user_sees_the_envelopes_of_their_own_mail(self):
        self.queue_one("mine@r.test", **as_user(USER))
        self.queue_one("others@r.test", **as_user(OTHER))
        self.queue_one("roots@r.test")

        mine, others, nobodys = (self.mailq(**as_user(number)) for number in (USER, OTHER, THIRD))

        self.assertIn("me@s.test -> mine@r.test", mine)
        self.assertNotIn("others@", mine)
        self.assertNotIn("roots@", mine)
        self.assertNotIn("secret", mine)
        self.assertIn("others@r.test", others)
        self.assertNotIn("mine@", others)
        self.assertEqual(nobodys, "Mail queue is empty\n")

    def test_a_member_of_the_daemons_group_sees_all(self):
        self.queue_one("mine@r.test", **as_user(USER))
        self.queue_one("roots@r.test")

        seen = self.mailq(**as_user(OTHER, group=os.getgid()))

        self.assertIn("mine@r.test", seen)
        self.assertIn("roots@r.test", seen)

    def test_more_than_a_page_of_it_comes_whole(self):
        for number in range(45):
            self.queue_one("u%03d@r.test" % number, **as_user(USER))

        seen = self.mailq(**as_user(USER))

        self.assertEqual([number for number in range(45) if "u%03d@r.test" % number not in seen], [])
        self.assertEqual(seen.count("ID "), 1)

    def test_why_mail_waits_is_told_but_not_what_the_login_was_answered(self):
        self.queue_one("mine@r.test", **as_user(USER))
        self.relay.command("upstream", "pause", "main")
        self.relay.until(lambda: "paused" in self.mailq(**as_user(USER)), "the reason")

    def test_without_a_daemon_it_says_so(self):
        self.assertEqual(self.relay.stop(), 0)
        done = self.call(self.relay, "", name="mailq", **as_user(USER))
        self.assertEqual(done.returncode, 69)
        self.assertIn("next: systemctl start mailchute", done.stderr)

    def test_l019_the_rest_of_the_queue_is_not_theirs(self):
        self.queue_one("mine@r.test", **as_user(USER))
        done = self.call(self.relay, "-q", **as_user(USER))
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertRegex(done.stderr, "you cannot read .*; next, as root: sendmail -q")
        for words in ("-bv root", "-bi"):
            self.assertEqual(self.call(self.relay, words, **as_user(USER)).returncode, 77, words)


class Newaliases(OfAPerson):
    def aliases(self, relay, text, name="newaliases", words=""):
        path = os.path.join(self.folder, "aliases")
        with open(path, "w") as file:
            file.write(text)
        relay.set("aliases_file", path)
        relay.write_config()
        return self.call(relay, words, name=name)

    def test_good_aliases_take_effect(self):
        relay = self.own_relay()
        done = self.aliases(relay, "team: a@r.test, b@r.test\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("aliases: 1 alias\n", done.stdout)

        self.assertEqual(self.call(relay, "team", SECRET).returncode, 0)
        self.assertEqual([each["address"] for each in relay.queue()[0]["recipients"]], ["a@r.test", "b@r.test"])
        shown = self.call(relay, "-bv team root x@r.test")
        self.assertEqual(shown.stdout, "team: a@r.test, b@r.test\nroot: ops@s.test\nx@r.test: x@r.test\n")

    def test_every_mistake_is_told_in_one_run(self):
        relay = self.own_relay()
        done = self.aliases(relay, "team a@r.test\nops: |/bin/sh\nweb: /dev/null\n", name="sendmail", words="-bi")
        self.assertEqual(done.returncode, 78)
        for number in (1, 2, 3):
            self.assertRegex(done.stderr, r"aliases:%d:\d+: error: " % number)

    def test_without_a_daemon_they_are_only_checked(self):
        relay = self.own_relay()
        self.assertEqual(relay.stop(), 0)
        done = self.aliases(relay, "team: a@r.test\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
