"""What the provider did not offer is not used: pipelining, and every parameter of MAIL and RCPT."""
import unittest

from harness import EndToEnd, plain_mail

ALL = ["PIPELINING", "SIZE 52428800", "8BITMIME", "DSN", "SMTPUTF8", "ENHANCEDSTATUSCODES"]


class Extensions(EndToEnd):
    def test_without_pipelining_every_command_waits_for_its_reply(self):
        provider = self.provider(extensions=["8BITMIME"], lockstep_probe_s=0.05)
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), recipients=["b@r.test", "c@r.test", "d@r.test"])

        provider.journal.wait("message", accepted=True)
        self.assertEqual(provider.journal.all("violation"), [])
        self.assertEqual([e for e in provider.journal.all("command") if e["early"]], [])

    def test_with_pipelining_the_envelope_comes_in_one_piece_and_data_last(self):
        provider = self.provider(lockstep_probe_s=0.05)
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), recipients=["b@r.test", "c@r.test", "d@r.test"])

        provider.journal.wait("message", accepted=True)
        early = [e["verb"] for e in provider.journal.all("command") if e["early"]]
        self.assertEqual(early, ["MAIL", "RCPT", "RCPT", "RCPT"])
        self.assertEqual(provider.journal.all("violation"), [])

    def test_no_parameter_goes_to_a_provider_that_offers_nothing(self):
        provider = self.provider(extensions=[])
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), options=["BODY=8BITMIME", "SIZE=200", "RET=HDRS", "ENVID=e1"],
                    rcpt_options=["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;b@r.test"])

        seen = provider.journal.wait("message", accepted=True)[0]
        self.assertEqual(seen["mail_line"], "FROM:<a@s.test>")
        self.assertEqual(seen["rcpt_lines"], ["TO:<b@r.test>"])

    def test_offered_parameters_are_passed_on(self):
        provider = self.provider(extensions=ALL)
        daemon = self.daemon(provider)

        daemon.send(plain_mail(body="\u00e4\r\n").encode(), options=["BODY=8BITMIME", "RET=HDRS", "ENVID=e1"],
                    rcpt_options=["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;b@r.test"])

        seen = provider.journal.wait("message", accepted=True)[0]
        words = seen["mail_line"].upper().split()
        self.assertIn("BODY=8BITMIME", words)
        self.assertIn("RET=HDRS", words)
        self.assertIn("ENVID=E1", words)
        self.assertIn("SIZE=%d" % seen["size"], words)
        self.assertIn("NOTIFY=FAILURE,DELAY", seen["rcpt_lines"][0])
        self.assertIn("ORCPT=rfc822;b@r.test", seen["rcpt_lines"][0])

    def test_addresses_beyond_ascii_need_smtputf8_on_both_sides(self):
        provider = self.provider(extensions=ALL)
        daemon = self.daemon(provider)
        with daemon.smtp() as client:
            client.ehlo()
            self.assertEqual(client.mail("a@s.test", ["SMTPUTF8"])[0], 250)
            client.command_encoding = "utf-8"
            self.assertEqual(client.rcpt("\u7528\u6237@r.test")[0], 250)
            self.assertEqual(client.data(plain_mail().encode())[0], 250)

        seen = provider.journal.wait("message", accepted=True)[0]
        self.assertIn("SMTPUTF8", seen["mail_line"])
        self.assertEqual(seen["recipients"], ["\u7528\u6237@r.test"])

    def test_addresses_beyond_ascii_come_back_from_a_provider_without_smtputf8(self):
        provider = self.provider(extensions=["PIPELINING", "8BITMIME"])
        daemon = self.daemon(provider)
        daemon.send_beyond_ascii("\u7528\u6237@r.test")

        notice = provider.journal.wait("message", accepted=True)[0]
        self.assertEqual((notice["sender"], notice["recipients"]), ("", ["a@s.test"]))
        self.assertIn("5.6.7", notice["content"])
        self.assertEqual(provider.journal.all("violation"), [])

    def test_a_message_too_big_for_the_provider_comes_back_without_being_sent(self):
        provider = self.provider(extensions=["SIZE 8000", "PIPELINING"])
        daemon = self.daemon(provider)

        daemon.send(plain_mail(body=("x" * 70 + "\r\n") * 200))

        notice = provider.journal.wait("message", accepted=True)[0]
        self.assertEqual((notice["sender"], notice["recipients"]), ("", ["a@s.test"]))
        self.assertEqual(provider.journal.count("message"), 1)
        daemon.until_empty()


if __name__ == "__main__":
    unittest.main()
