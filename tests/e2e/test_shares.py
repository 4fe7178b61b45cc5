"""One user of the machine cannot fill the queue for all of them."""
import json
import os
import subprocess
import sys
import unittest

from harness import plain_mail
from sendmail_case import OTHER, USER, ForOthers, as_user

# Sends until it is told to come again; prints how many were taken, and the words.
FLOOD = """
import smtplib, sys
client, taken = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), local_hostname="app.test", timeout=30), 0
content = "Subject: flood\\r\\n\\r\\n" + ("x" * 78 + "\\r\\n") * 600
try:
    while taken < 1000:
        client.sendmail("a@s.test", ["b@r.test"], content)
        taken += 1
except smtplib.SMTPSenderRefused as refused:
    print(taken, refused.smtp_code, refused.smtp_error.decode())
except smtplib.SMTPDataError as refused:
    print(taken, refused.smtp_code, refused.smtp_error.decode())
"""


@unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
class Shares(ForOthers):
    def setUp(self):
        super().setUp()
        self.relay = self.relay_with(queue={"max_bytes": "8MiB"}, limits={"message_size": "1MiB"})

    def flood(self, user):
        """How many of its messages were taken, and what it was told then."""
        done = subprocess.run([sys.executable, "-c", FLOOD, str(self.relay.port)], capture_output=True, text=True, timeout=120,
                              **as_user(user))
        self.assertEqual(done.stderr, "")
        taken, words = done.stdout.split(" ", 1)
        return int(taken), words

    def test_l015_a_flood_of_one_user_is_put_off_and_nobody_else(self):
        taken, words = self.flood(USER)

        self.assertRegex(words, r"^452 4\.3\.1 Too much mail of yours")
        self.assertGreater(taken, 40)                       # of about 160 that there is room for
        self.assertLess(taken, 100)
        self.assertEqual(self.sendmail_as(USER).returncode, 75)
        self.assertEqual(self.sendmail_as(OTHER).returncode, 0)
        self.relay.send(plain_mail(subject="of root"))
        self.assertEqual(self.relay.log().count("share-spent"), 1)
        self.assertIn("uid=%d" % USER, next(line for line in self.relay.log().splitlines() if "share-spent" in line))

    def test_status_and_doctor_name_the_user(self):
        self.flood(USER)

        status = json.loads(self.relay.command("status", "--json").stdout)
        screen = self.relay.command("status").stdout
        checkup = json.loads(self.relay.command("doctor", "--json", check=False).stdout)

        self.assertEqual(status["spent_share"]["uid"], USER)
        self.assertEqual(status["admission"], "open")
        self.assertIn("user %d" % USER, screen)
        self.assertTrue(any("user %d is refused" % USER in json.dumps(check) for check in checkup["checks"]), checkup)

    def test_it_lasts_as_long_as_the_mail_waits_and_over_a_restart(self):
        self.flood(USER)
        self.assertEqual(self.relay.stop(), 0)
        self.relay.start()
        self.assertEqual(self.flood(USER)[0], 0)

        self.provider_side.start()
        self.relay.command("upstream", "resume", "main")
        self.relay.until_empty()

        self.assertEqual(self.sendmail_as(USER).returncode, 0)
        self.assertIsNone(json.loads(self.relay.command("status", "--json").stdout)["spent_share"])

    def test_two_floods_leave_room_for_a_third(self):
        first, second = self.flood(USER)[0], self.flood(OTHER)[0]

        self.assertGreater(second, 15)
        self.assertGreater(first, second)
        self.relay.send(plain_mail(subject="of root"))
        self.assertEqual(self.relay.status()["admission"], "open")

    def sendmail_as(self, user):
        return self.call(self.relay, ["-f", "me@s.test", "b@r.test"], "Subject: hello\n\nhi\n", **as_user(user))


if __name__ == "__main__":
    unittest.main()
