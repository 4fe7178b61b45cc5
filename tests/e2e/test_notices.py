"""What senders are told (RFC 3461, RFC 3464): failures, delays, successes, in digests, and who reads it."""
import email
import sqlite3
import unittest

from harness import USER, EndToEnd, plain_mail

REFUSAL = "550 5.1.1 no mailbox of that name"
NO_DSN = ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES"]


class Notices(EndToEnd):
    def notices(self, provider, count=1):
        """So many notices that the provider took, parsed."""
        provider.journal.wait("message", count=count, accepted=True, sender="")
        taken = provider.journal.all("message", accepted=True, sender="")
        self.assertEqual(len(taken), count, [e["recipients"] for e in taken])
        return [(e["recipients"], email.message_from_string(e["content"])) for e in taken]

    def group(self, notice, number=1):
        """The fields that a program reads of one recipient."""
        return notice.get_payload()[1].get_payload()[number]

    def test_the_names_that_the_sender_gave_come_back(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), recipients=["c@r.test"], options=["ENVID=order+2B7"],
                    rcpt_options=["NOTIFY=FAILURE", "ORCPT=rfc822;Carol@r.test"])

        notice = self.notices(provider)[0][1]
        self.assertEqual(self.group(notice, 0)["Original-Envelope-Id"], "order+7")
        self.assertEqual(self.group(notice)["Original-Recipient"], "rfc822; Carol@r.test")
        self.assertEqual((self.group(notice)["Action"], self.group(notice)["Status"]), ("failed", "5.1.1"))

    def test_notify_decides_who_is_told_of_a_failure(self):
        for notify, count in (("NEVER", 0), ("DELAY", 0), ("SUCCESS", 0), ("FAILURE", 1), ("SUCCESS,FAILURE", 1)):
            with self.subTest(notify):
                self.setUp()
                provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
                daemon = self.daemon(provider)
                daemon.send(plain_mail(), recipients=["c@r.test"], rcpt_options=["NOTIFY=" + notify])
                daemon.wait_log("^.*failed.*c@r.test")
                daemon.until_empty()
                self.notices(provider, count)

    def test_a_success_is_told_where_the_provider_does_not_offer_to(self):
        for extensions, count in ((NO_DSN, 1), (NO_DSN + ["DSN"], 0)):
            with self.subTest(count):
                self.setUp()
                provider = self.provider(extensions=extensions)
                daemon = self.daemon(provider)
                daemon.send(plain_mail(X_Token="t"), rcpt_options=["NOTIFY=SUCCESS"])
                provider.journal.wait("message", token="t", accepted=True)
                daemon.until_empty()
                for _, notice in self.notices(provider, count):
                    self.assertEqual((self.group(notice)["Action"], self.group(notice)["Status"][0]), ("relayed", "2"))
                    self.assertIn("passed on", notice["Subject"])

    def test_the_whole_message_comes_back_where_that_was_asked_for(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(subject="whole", body="every line of it\r\n"), recipients=["c@r.test"],
                    options=["RET=FULL"])

        original = self.notices(provider)[0][1].get_payload()[2]
        self.assertEqual(original.get_content_type(), "message/rfc822")
        self.assertEqual(original.get_payload()[0]["Subject"], "whole")
        self.assertIn("every line of it", original.get_payload()[0].get_payload())

    def test_a_delay_is_told_once_with_the_reason(self):
        provider = self.provider(refuse_recipients={"c@r.test": "450 4.2.1 mailbox busy, dear relay"})
        daemon = self.daemon(provider, queue={"delay_notice": "2s"})

        daemon.send(plain_mail(subject="slow"), recipients=["c@r.test"])
        daemon.send(plain_mail(subject="quiet"), recipients=["c@r.test"], rcpt_options=["NOTIFY=FAILURE"])
        daemon.send(plain_mail(subject="machine", Auto_Submitted="auto-generated"), recipients=["c@r.test"])

        reader, notice = self.notices(provider)[0]
        text = notice.get_payload()[0].get_payload(decode=True).decode()
        self.assertEqual(reader, ["a@s.test"])
        self.assertEqual(self.group(notice)["Action"], "delayed")
        self.assertEqual(self.group(notice)["Status"], "4.2.1")
        self.assertIn("mailbox busy, dear relay", text)
        self.assertIn("need not send it again", text)
        # Three more attempts later it still has been told once.
        seen = provider.journal.count("reply", stage="RCPT")
        provider.journal.wait("reply", stage="RCPT", count=seen + 3)
        self.notices(provider)
        provider.knobs.refuse_recipients.clear()
        daemon.until_empty()
        self.notices(provider)

    def test_a_delay_tells_of_a_provider_that_cannot_be_reached(self):
        provider = self.provider()
        provider.stop()
        daemon = self.daemon(provider, queue={"delay_notice": "2s"})
        daemon.send(plain_mail(X_Token="t"))
        daemon.wait_log("notice=")
        provider.start()

        notice = self.notices(provider)[0][1]
        text = notice.get_payload()[0].get_payload(decode=True).decode()
        self.assertIn("connection refused", text)
        self.assertIn("The provider could not be reached", " ".join(text.split()))

    def test_the_second_failure_of_a_kind_is_kept_for_the_digest(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL, "d@r.test": REFUSAL})
        provider.set_faults([{"at": "EOD", "match": "X-Token: e@r.test", "reply": "554 5.7.1 another reason"}])
        daemon = self.daemon(provider)

        for each in ("c@r.test", "d@r.test", "e@r.test"):
            daemon.send(plain_mail(X_Token=each), recipients=[each])
            daemon.until_empty()
        daemon.kill()

        told = sorted(self.group(notice)["Final-Recipient"] for _, notice in self.notices(provider, 2))
        self.assertEqual(told, ["rfc822; c@r.test", "rfc822; e@r.test"])
        with sqlite3.connect(daemon.settings["queue"]["path"]) as queue:
            self.assertEqual(queue.execute("SELECT sender, address FROM digest_entry").fetchall(),
                             [("a@s.test", "d@r.test")])
        queue.close()
        self.assertRegex(daemon.log(), "notice-later .*d@r.test")

    def test_a_digest_whose_time_came_while_the_daemon_was_down_is_told_at_its_start(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL, "d@r.test": REFUSAL})
        daemon = self.daemon(provider)
        for each in ("c@r.test", "d@r.test"):
            daemon.send(plain_mail(subject="to " + each), recipients=[each])
            daemon.until_empty()
        daemon.stop()
        with sqlite3.connect(daemon.settings["queue"]["path"]) as queue:
            queue.execute("UPDATE digest SET due = due - 3600000")
        queue.close()

        daemon.start()

        reader, digest = self.notices(provider, 2)[1]
        self.assertEqual(reader, ["a@s.test"])
        self.assertIn("1 more", digest["Subject"])
        self.assertEqual(self.group(digest)["Final-Recipient"], "rfc822; d@r.test")
        self.assertEqual(self.group(digest)["Diagnostic-Code"], "smtp; " + REFUSAL)
        daemon.until_empty()

    def test_root_reads_what_a_local_sender_cannot(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(sender="root"), sender="root", recipients=["c@r.test"])

        reader, notice = self.notices(provider)[0]
        self.assertEqual(reader, [USER])
        self.assertIn("Sent by: root", notice.get_payload()[0].get_payload(decode=True).decode())

    def test_nobody_is_told_of_what_a_machine_sent_by_itself(self):
        for header, sender in (({"Auto_Submitted": "auto-generated"}, "a@s.test"), ({"Precedence": "bulk"}, "a@s.test"),
                               ({}, "")):
            with self.subTest((header, sender)):
                self.setUp()
                provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
                daemon = self.daemon(provider)
                daemon.send(plain_mail(**header), sender=sender, recipients=["c@r.test"])
                daemon.wait_log("no-notice")
                daemon.until_empty()
                self.notices(provider, 0)


if __name__ == "__main__":
    unittest.main()
