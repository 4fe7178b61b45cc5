"""`queue hold|release|retry|remove` of many messages: who watches sees how far it has come, who does not sees the counts alone."""
import os
import re
import signal
import unittest

from harness import BINARY, EndToEnd, plain_mail
from terminal import Terminal

MANY = 1_200


class Bulk(EndToEnd):
    def setUp(self):
        super().setUp()
        self.provider_side = self.provider()
        self.relay = self.daemon(self.provider_side)
        self.relay.leave_alone()
        with self.relay.smtp() as client:
            for _ in range(MANY):
                client.sendmail("a@s.test", ["b@r.test"], plain_mail())

    def person(self, *words):
        terminal = Terminal([BINARY, "queue", *words, "--config", self.relay.config_path], self.relay.environment())
        self.addCleanup(terminal.close)
        return terminal

    def asked(self):
        """Beside the socket that listens there is one for who has connected."""
        with open("/proc/net/unix") as sockets:
            return sockets.read().count(self.relay.control_path) > 1

    def held(self):
        return self.relay.status()["queue"]["held"]

    def test_a_person_sees_how_far_it_has_come_and_a_script_does_not(self):
        person = self.person("hold", "--all", "--yes")
        self.assertEqual(person.wait(), 0)
        lines = person.shown.replace("\r\x1b[K", "\n").split("\n")
        self.assertRegex(person.shown, r"looking: \d+ messages? so far")
        self.assertTrue(any("%d messages held" % MANY == line.strip() for line in lines), lines)
        self.assertLess(len(lines), 200)
        self.assertEqual(self.held(), MANY)

        done = self.relay.command("queue", "release", "--all", "--yes")
        self.assertEqual(done.stdout, "%d messages released\n" % MANY)
        self.assertNotIn("so far", done.stderr)
        self.assertEqual(self.held(), 0)

    def test_what_is_ended_early_says_how_far_it_came(self):
        self.relay.signal(signal.SIGSTOP)
        try:
            person = self.person("hold", "--all", "--yes")
            person.expect("hold: 0 of %d messages, Ctrl-C ends it" % MANY)
            person.press("C")
        finally:
            self.relay.signal(signal.SIGCONT)

        self.assertEqual(person.wait(), 75)
        self.assertIn("it was not done to all %d messages: you ended it; next, for the rest" % MANY, person.shown)
        held = int(re.search(r"(\d+) messages held", person.shown)[1])
        self.assertEqual(self.held(), held)
        self.assertLess(held, MANY)

    def test_what_a_failure_cut_short_is_counted_too(self):
        self.relay.signal(signal.SIGSTOP)
        try:
            person = self.person("hold", "--all", "--yes")
            person.expect("hold: 0 of %d messages" % MANY)
            self.relay.until(self.asked, "the first piece with the daemon")
            # The next piece finds no daemon, and the queue's lock still taken or the queue closed to it.
            os.rename(self.relay.control_path, self.relay.control_path + ".gone")
        finally:
            self.relay.signal(signal.SIGCONT)

        self.assertEqual(person.wait(), 75)
        self.assertRegex(person.shown, "it was not done to all %d messages: .*in use by another mailchute process" % MANY)
        self.assertIn("1000 messages held", person.shown)
        os.rename(self.relay.control_path + ".gone", self.relay.control_path)
        self.assertEqual(self.held(), 1000)

    def test_what_is_being_sent_is_left_as_it_is_and_said(self):
        self.provider_side.set_faults([{"at": "EOD", "nth": [1], "then": "hang"}])
        self.relay.command("queue", "hold", "--all", "--yes")
        self.relay.command("upstream", "resume", "main")
        identity = self.relay.queue()[0]["id"]
        self.relay.command("queue", "release", identity)
        self.relay.until(lambda: self.relay.queue("--state", "sending"), "a message on its way")

        for words in (("remove", identity), ("hold", identity)):
            with self.subTest(words):
                done = self.relay.command("queue", *words, "--yes", check=False)
                self.assertIn("left as it is, for it was being sent just then: 1 message; next: mailchute queue list", done.stderr)


if __name__ == "__main__":
    unittest.main()
