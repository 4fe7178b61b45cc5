"""Recipients are settled one by one, and the sender hears of those who were refused (RFC 3464)."""
import email
import unittest

from harness import USER, EndToEnd, plain_mail

REFUSAL = "550 5.1.1 <c@r.test>: no mailbox of that name, dear relay"


class Recipients(EndToEnd):
    def test_one_of_three_refused(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(subject="to three", X_Token="t"), recipients=["b@r.test", "c@r.test", "d@r.test"])

        seen = provider.journal.wait("message", count=2, accepted=True)
        daemon.until_empty()
        first = next(e for e in seen if e["token"] == "t")
        notice = next(e for e in seen if e is not first)
        self.assertEqual(sorted(first["recipients"]), ["b@r.test", "d@r.test"])
        self._assert_notice(notice)
        states = {r["address"]: r["state"] for m in daemon.queue("--state", "failed") for r in m["recipients"]}
        self.assertEqual(states["c@r.test"], "failed")

    def _assert_notice(self, notice):
        self.assertEqual((notice["sender"], notice["recipients"]), ("", ["a@s.test"]))
        parsed = email.message_from_string(notice["content"])
        self.assertEqual(parsed.get_content_type(), "multipart/report")
        self.assertEqual(parsed["Auto-Submitted"].split(";")[0].strip(), "auto-replied")
        text, status, original = parsed.get_payload()
        self.assertIn("no mailbox of that name, dear relay", text.get_payload(decode=True).decode())
        per_recipient = status.get_payload()[1]
        self.assertEqual(per_recipient["Action"], "failed")
        self.assertEqual(per_recipient["Status"], "5.1.1")
        self.assertIn("c@r.test", per_recipient["Final-Recipient"])
        self.assertIn(REFUSAL, " ".join(per_recipient["Diagnostic-Code"].split()))
        self.assertIn("Subject: to three", original.as_string())

    def test_a_provider_that_refuses_the_whole_message_for_one_bad_recipient(self):
        provider = self.provider(provider="qq", nonexistent=["c@r.test"])
        daemon = self.daemon(provider)

        daemon.send(plain_mail(sender=USER, X_Token="t"), sender=USER, recipients=["b@r.test", "c@r.test", "d@r.test"])

        seen = provider.journal.wait("message", count=3, accepted=True)
        daemon.until_empty()
        taken = [e["recipients"] for e in seen if e["token"] == "t"]
        self.assertEqual(sorted(sum(taken, [])), ["b@r.test", "d@r.test"])
        replies = {r["address"]: r["last_reply"]["text"] for m in daemon.queue("--state", "failed")
                   for r in m["recipients"] if r["state"] == "failed"}
        self.assertEqual(list(replies), ["c@r.test"])
        self.assertIn("non-existent account", replies["c@r.test"])
        # QQ takes a notice from the login alone, in the envelope and in From.
        notice = next(e for e in seen if e["token"] != "t")
        self.assertEqual((notice["sender"], notice["recipients"]), (USER, [USER]))

    def test_all_refused_and_the_notice_too_makes_no_second_notice(self):
        provider = self.provider(refuse_recipients={"c@r.test": REFUSAL, "a@s.test": "550 5.1.1 nor here",
                                                    USER: "550 5.1.1 nor you"})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), recipients=["c@r.test"])

        daemon.wait_log(r"(?i)notice")
        daemon.until_empty()
        self.assertEqual(provider.journal.count("message", accepted=True), 0)

    def test_a_temporary_refusal_keeps_that_recipient_alone(self):
        provider = self.provider(refuse_recipients={"c@r.test": "450 4.2.1 try later"})
        daemon = self.daemon(provider)

        daemon.send(plain_mail(), recipients=["b@r.test", "c@r.test"])
        provider.journal.wait("message", accepted=True)
        provider.journal.wait("reply", stage="RCPT", reply="450 4.2.1 try later", count=2)
        provider.knobs.refuse_recipients.clear()

        daemon.until_empty()
        self.assertEqual([e["recipients"] for e in provider.journal.all("message", accepted=True)],
                         [["b@r.test"], ["c@r.test"]])


if __name__ == "__main__":
    unittest.main()
