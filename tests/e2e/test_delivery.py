"""A message from an application to its provider, unchanged but for what is documented."""
import re
import unittest

from harness import USER, EndToEnd, plain_mail


class Delivery(EndToEnd):
    def test_through_qq_with_tls_and_login(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider)

        reply = daemon.send(plain_mail(sender=USER), recipients=["b@r.test"])

        seen = provider.journal.wait("message")[0]
        self.assertTrue(seen["accepted"], seen)
        self.assertEqual(seen["sender"], USER)
        self.assertEqual(seen["recipients"], ["b@r.test"])
        self.assertTrue(seen["content"].endswith("\r\n\r\nbody\r\n"))
        self.assertEqual([e["mechanism"] for e in provider.journal.all("login")], ["LOGIN"])
        self.assertEqual(provider.journal.all("sni")[0]["name"], "localhost")
        self.assertEqual(provider.journal.all("violation"), [])
        daemon.until_empty()
        self._assert_id_is_known(daemon, reply)

    def _assert_id_is_known(self, daemon, reply):
        """The id said to the application finds the message and the provider's words."""
        found = re.search(r"\b[0-9A-HJKMNP-TV-Z]{12}\b", reply)
        self.assertIsNotNone(found, reply)
        shown = daemon.command("queue", "show", found[0]).stdout
        self.assertIn("250 OK: queued as.", shown)

    def test_through_starttls_and_plain(self):
        provider = self.provider(mode="starttls", auth_lines=["AUTH PLAIN"])
        daemon = self.daemon(provider)

        daemon.send(plain_mail())

        provider.journal.wait("message", accepted=True)
        self.assertEqual([e["tls"] for e in provider.journal.all("ehlo")], [False, True])
        self.assertEqual([(e["mechanism"], e["tls"]) for e in provider.journal.all("login")], [("PLAIN", True)])
        self.assertEqual(provider.journal.all("violation"), [])
        self.assertEqual(provider.journal.all("ehlo")[0]["name"], "relay.test")

    def test_content_is_passed_on_as_it_came(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        content = plain_mail(Date="Mon, 01 Jan 2024 00:00:00 +0000", Message_ID="<x@s.test>", X_Odd="\t a  b ",
                             body=".\r\n..\r\n. \r\n\r\nlast\r\n" + "x" * 5000 + "\r\n")

        daemon.send(content)

        seen = provider.journal.wait("message", accepted=True)[0]
        received, rest = re.match(r"(Received: (?:.*\r\n)(?:[ \t].*\r\n)*)([\s\S]*)", seen["content"]).groups()
        self.assertEqual(rest, content)
        self.assertIn("relay.test", received)
        self.assertEqual(provider.journal.all("violation"), [])

    def test_bare_line_ends_become_crlf_and_do_not_end_the_message(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        with daemon.smtp() as client:
            client.ehlo()
            client.mail("a@s.test")
            client.rcpt("b@r.test")
            client.docmd("DATA")
            client.send(b"From: <a@s.test>\r\n\r\none\n.\ntwo\r.\rthree\r\n.\r\n")
            self.assertEqual(client.getreply()[0], 250)

        seen = provider.journal.wait("message", accepted=True)[0]
        self.assertTrue(seen["content"].endswith("\r\n\r\none\r\n.\r\ntwo\r\n.\r\nthree\r\n"), seen["content"])
        self.assertEqual(provider.journal.all("violation"), [])

    def test_date_and_message_id_are_added_once_where_missing(self):
        provider = self.provider()
        daemon = self.daemon(provider)

        daemon.send(plain_mail())

        header = provider.journal.wait("message", accepted=True)[0]["header"]
        self.assertEqual(len(re.findall(r"(?mi)^Date: .+ [+-]\d{4}\r$", header)), 1, header)
        self.assertEqual(len(re.findall(r"(?mi)^Message-ID: <[^<>\s]+@[^<>\s]+>\r$", header)), 1, header)
        self.assertEqual(len(re.findall(r"(?mi)^Received:", header)), 1, header)

    def test_bare_names_are_completed_where_nobody_reads_roots_mail(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        del daemon.settings["root"]
        daemon.start()

        daemon.send(plain_mail(), sender="cron", recipients=["root"])

        seen = provider.journal.wait("message", accepted=True)[0]
        self.assertEqual((seen["sender"], seen["recipients"]), ("cron@s.test", ["root@s.test"]))

    def test_an_empty_sender_goes_out_empty_where_the_provider_takes_it(self):
        provider = self.provider()
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), sender="")

        self.assertEqual(provider.journal.wait("message", accepted=True)[0]["sender"], "")

    def test_routes_choose_the_provider_by_sender(self):
        first, second = self.provider(), self.provider()
        daemon = self.daemon(start=False, upstreams={"one": self.upstream(first), "two": self.upstream(second)},
                             routes=[{"from": "*@two.test", "via": ["two"]}, {"via": ["one"]}]).start()

        daemon.send(plain_mail(subject="for two"), sender="x@two.test")
        daemon.send(plain_mail(subject="for one"), sender="x@else.test")

        self.assertIn("for two", second.journal.wait("message", accepted=True)[0]["header"])
        self.assertIn("for one", first.journal.wait("message", accepted=True)[0]["header"])
        self.assertEqual((first.journal.count("message"), second.journal.count("message")), (1, 1))


if __name__ == "__main__":
    unittest.main()
