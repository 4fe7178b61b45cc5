"""What the log says: the dialogue at debug without credentials or content, and whether new mail is taken."""
import base64
import unittest

from harness import PASSWORD, USER, EndToEnd, plain_mail


class Dialogue(EndToEnd):
    def test_both_conversations_are_shown_without_credentials_and_content(self):
        provider = self.provider(mode="tls")
        relay = self.daemon(provider)
        relay.send(plain_mail(subject="not for the log", body="HELP nor this\r\nQUIT\r\n"))
        relay.until_empty()

        relay.wait_log(r'dialogue .*direction=out line="221')
        log = relay.log()

        self.assertRegex(log, r'debug dialogue with=127\.0\.0\.1:\d+ direction=in line="mail FROM:<a@s\.test>')
        self.assertRegex(log, r'debug dialogue with=main direction=out line="RCPT TO:<b@r\.test>')
        self.assertRegex(log, r'dialogue with=main direction=out line="AUTH \w+')
        self.assertRegex(log, r'dialogue with=main direction=in line="?235')
        for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(),
                       base64.b64encode(b"\0" + USER.encode() + b"\0" + PASSWORD.encode()).decode()):
            self.assertNotIn(secret, log)
        for content in ("not for the log", "nor this", "Subject"):
            self.assertNotIn(content, log)

    def test_it_is_not_shown_at_info(self):
        relay = self.daemon(self.provider(), log={"level": "info"})
        relay.send(plain_mail())
        relay.until_empty()
        self.assertNotIn("dialogue", relay.log())


class Admission(EndToEnd):
    def test_one_line_says_that_new_mail_is_refused(self):
        relay = self.daemon(self.provider(), queue={"reserve": "900TiB"})
        with relay.smtp() as client:
            client.ehlo()
            for _ in range(3):
                self.assertEqual(client.mail("a@s.test")[0], 452)

        self.assertEqual(relay.log().count("admission state="), 1)
        self.assertRegex(relay.log(), r'warning admission state="refused \(452\): the disk has less free than queue\.reserve"')


if __name__ == "__main__":
    unittest.main()
