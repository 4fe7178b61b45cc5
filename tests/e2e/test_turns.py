"""Who goes first, and what is refused at once because no provider would take it."""
import smtplib
import unittest

from harness import EndToEnd, plain_mail


class Turns(EndToEnd):
    def test_a_flood_delays_itself_and_urgent_mail_goes_first(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"max_connections": 1}, cooldown={"connect_first": "1s", "connect_max": "1s"})
        provider.stop()
        for number in range(40):
            daemon.send(plain_mail(X_Token="flood%d" % number), sender="shop@s.test")
        daemon.send(plain_mail(X_Token="other"), sender="cron@s.test")
        daemon.send(plain_mail(X_Token="urgent", X_Priority="1"), sender="raid@s.test")
        provider.start()
        daemon.until_empty()

        order = [each["token"] for each in provider.journal.all("message", accepted=True)]
        self.assertEqual(len(order), 42)
        self.assertLess(order.index("urgent"), order.index("flood39"))
        self.assertLess(order.index("other"), order.index("flood39"))
        # Ten of the flood were as early as anybody's mail; what was claimed before the others came may precede them too.
        self.assertLessEqual(order.index("other"), 30)
        self.assertLess(order.index("urgent"), order.index("other"))


class Sizes(EndToEnd):
    def test_the_smallest_upstream_says_what_is_offered_and_the_largest_what_is_taken(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"message_size": "1MiB"})
        with daemon.smtp() as client:
            client.ehlo()
            self.assertEqual(int(client.esmtp_features["size"]), (1 << 20) - 4096)
            self.assertEqual(client.mail("a@s.test", ["SIZE=2000000"])[0], 552)
        with self.assertRaises(smtplib.SMTPException):
            with daemon.smtp() as client:
                client.sendmail("a@s.test", ["b@r.test"], plain_mail(body="x" * 70 + "\r\n" * 1) + "y" * 1_100_000)
        self.assertEqual(daemon.queue(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
