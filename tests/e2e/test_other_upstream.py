"""What the first upstream of its route cannot take goes by a later one that can, and comes back only from the last."""
import json
import unittest

from harness import EndToEnd, plain_mail

SMALL = ["PIPELINING", "SIZE 20000", "8BITMIME", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
PLAIN = ["PIPELINING", "SIZE 52428800", "8BITMIME", "DSN", "ENHANCEDSTATUSCODES"]
LARGE_MAIL = plain_mail(body=("x" * 70 + "\r\n") * 500)


class OtherUpstream(EndToEnd):
    def pair(self, extensions, **upstream):
        """The daemon before a first provider that offers these, and a second that offers more."""
        first, second = self.provider(extensions=extensions), self.provider()
        upstreams = {"first": self.upstream(first, **upstream), "second": self.upstream(second)}
        daemon = self.daemon(upstreams=upstreams, routes=[{"via": ["first", "second"]}])
        return daemon, first, second

    def test_a_message_over_the_first_ones_limit_goes_by_the_second(self):
        daemon, first, second = self.pair(SMALL)

        daemon.send(plain_mail())
        daemon.send(LARGE_MAIL)

        second.journal.wait("message", accepted=True)
        daemon.until_empty()
        self.assertEqual(first.journal.count("message"), 1)
        self.assertEqual(second.journal.count("message"), 1)
        self.assertEqual([mail["sender"] for mail in daemon.queue("--state", "any")], ["a@s.test", "a@s.test"])
        self.assertEqual(first.journal.all("violation") + second.journal.all("violation"), [])

    def test_an_address_that_needs_smtputf8_goes_by_the_one_that_offers_it(self):
        daemon, first, second = self.pair(PLAIN)
        daemon.send_beyond_ascii("\u7528\u6237@r.test")

        seen = second.journal.wait("message", accepted=True)[0]

        self.assertIn("SMTPUTF8", seen["mail_line"])
        daemon.until_empty()
        self.assertEqual(first.journal.count("message"), 0)

    def test_a_size_that_is_configured_sends_it_on_too(self):
        daemon, first, second = self.pair(None, message_size="20KiB")

        daemon.send(LARGE_MAIL)

        second.journal.wait("message", accepted=True)
        self.assertEqual(first.journal.count("message"), 0)

    def test_it_waits_for_the_second_over_a_kill_and_a_reload_and_the_commands_say_why(self):
        daemon, first, second = self.pair(SMALL)
        daemon.command("upstream", "pause", "second")
        daemon.send(LARGE_MAIL)
        daemon.until(lambda: self._refusers(daemon) == ["first"], "one that cannot take it")
        self.assertEqual(daemon.queue()[0]["recipients"][0]["attempts"], 0)

        daemon.kill()
        daemon.start()
        daemon.command("reload")
        daemon.send(plain_mail())
        first.journal.wait("message", accepted=True)
        identity = daemon.queue("--upstream", "second")[0]["id"]
        page = daemon.command("queue", "show", identity).stdout
        story = daemon.command("explain", identity).stdout
        self.assertRegex(page, r"not by first, which cannot take it: mail: 552 5\.3\.4 the message has \d+ bytes")
        self.assertRegex(" ".join(story.split()), r"first cannot take it \(552 5\.3\.4 .*\), so that it goes on with another")
        self.assertEqual(len(json.loads(daemon.command("queue", "show", identity, "--json").stdout)["attempts"]), 1)

        daemon.command("upstream", "resume", "second")

        second.journal.wait("message", accepted=True)
        daemon.until_empty()
        self.assertEqual(first.journal.count("message"), 1)

    def test_it_comes_back_when_none_is_left_and_says_why(self):
        first, second = self.provider(extensions=SMALL), self.provider(extensions=SMALL)
        upstreams = {"first": self.upstream(first), "second": self.upstream(second)}
        daemon = self.daemon(upstreams=upstreams, routes=[{"to": "*@s.test", "via": ["first"]},
                                                          {"via": ["first", "second"]}])

        daemon.send(LARGE_MAIL)

        notice = first.journal.wait("message", accepted=True)[0]
        self.assertEqual(notice["recipients"], ["a@s.test"])
        self.assertIn("552 5.3.4", notice["content"])
        daemon.until_empty()
        self.assertEqual(len(daemon.queue("--state", "failed")), 1)

    def test_a_retry_asks_the_first_again(self):
        daemon, first, _ = self.pair(SMALL, idle_close="1s")
        daemon.command("upstream", "pause", "second")
        daemon.send(LARGE_MAIL)
        daemon.until(lambda: self._refusers(daemon) == ["first"], "one that cannot take it")
        first.journal.wait("close")
        first.knobs.extensions = None

        daemon.command("queue", "retry", "--all", "--yes")

        first.journal.wait("message", accepted=True)
        daemon.until_empty()

    @staticmethod
    def _refusers(daemon):
        waiting = daemon.queue()
        return waiting[0]["recipients"][0].get("cannot_take") if waiting else None


if __name__ == "__main__":
    unittest.main(verbosity=2)
