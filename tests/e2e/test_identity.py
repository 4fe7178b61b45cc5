"""Who mail is from when it leaves, and where mail for local names goes (docs/identity.md)."""
import email
import email.message
import email.policy
import email.utils
import os
import unittest

from harness import SIGHUP, USER, EndToEnd, plain_mail

CRON = ("From: \"(Cron Daemon)\" <root>\r\nTo: root\r\nSubject: Cron <root@host> backup\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\nAuto-Submitted: auto-generated\r\n\r\nall is well\r\n")
UMLAUTS = "\u00e4\u00f6\u00fc and more\r\n"


def header(seen):
    return email.message_from_string(seen["header"])


def leaves(content):
    """What the parts of a message hold."""
    read = email.message_from_bytes(content, policy=email.policy.SMTP)
    return [part.get_payload(decode=True) for part in read.iter_parts()]


class Identity(EndToEnd):
    def seen(self, provider, count=1):
        return provider.journal.wait("message", count=count, accepted=True)

    def test_cron_mail_leaves_through_qq_with_one_line_of_configuration(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider, root="me@example.com", mail_domain="host.test")

        daemon.send(CRON, sender="root", recipients=["root"])

        seen = self.seen(provider)[0]
        daemon.until_empty()
        self.assertEqual((seen["sender"], seen["recipients"]), (USER, ["me@example.com"]))
        fields = header(seen)
        self.assertEqual(email.utils.parseaddr(fields["From"]), ("(Cron Daemon)", USER))
        self.assertEqual(email.utils.parseaddr(fields["Reply-To"])[1], "root@host.test")
        self.assertEqual(email.utils.parseaddr(fields["X-Original-From"])[1], "root@host.test")
        self.assertEqual(fields["To"], "root@host.test")
        self.assertEqual(fields["Subject"], "Cron <root@host> backup")
        self.assertTrue(seen["content"].endswith("\r\n\r\nall is well\r\n"))

    def test_forms_of_from_that_qq_refuses_are_mended(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider)
        forms = ["=?utf-8?B?SsO8cmdlbiA8YW5uQHMudGVzdD4=?=", "Backup Job", "Ann <ann@s.test>, bob@s.test", "<%s" % USER]

        for number, form in enumerate(forms):
            daemon.send("From: %s\r\nX-Token: %d\r\n\r\nx\r\n" % (form, number))
        daemon.send("Subject: none at all\r\nX-Token: 4\r\n\r\nx\r\n")

        for seen in self.seen(provider, 5):
            self.assertEqual(email.utils.parseaddr(header(seen)["From"])[1], USER)
            self.assertNotIn("invalid", seen["content"])
        daemon.until_empty()

    def test_kept_mail_changes_by_nothing_but_bare_names(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        odd = "From :ann@s.test\r\nSubject:  odd\r\n  fold \r\nTo: root,  b@r.test\r\nResent-To: root\r\n\r\nbody\r\n"

        daemon.send(odd)

        content = self.seen(provider)[0]["content"]
        self.assertIn(odd.partition("To: ")[0] + "To: root@s.test,  b@r.test\r\nResent-To: root\r\n", content)

    def test_the_size_that_is_announced_is_the_size_that_is_sent(self):
        provider = self.provider(provider="qq")
        daemon = self.daemon(provider, limits={"header_size": "256KiB"})
        padding = "".join("X-Padding-%d: %s\r\n" % (i, "p" * 900) for i in range(100))

        daemon.send(padding + plain_mail(body=("b" * 70 + "\r\n") * 3000))

        seen = self.seen(provider)[0]
        self.assertIn("SIZE=%d" % seen["size"], seen["mail_line"].upper().split())
        self.assertEqual(email.utils.parseaddr(header(seen)["From"])[1], USER)
        self.assertEqual(header(seen)["X-Padding-99"], "p" * 900)

    def test_aliases_from_the_file_and_the_map_and_again_at_reload(self):
        provider = self.provider()
        path = os.path.join(self.folder, "aliases")
        with open(path, "w") as file:
            file.write("web: ann@r.test,\n  bob@r.test\nlist: /var/mail/list\n")
        daemon = self.daemon(provider, start=False, root="me@example.com", aliases_file=path, aliases={"db": "web, carl@r.test"})
        self.assertIn("writes to a file", daemon.command("check", check=False).stderr)
        with open(path, "w") as file:
            file.write("web: ann@r.test,\n  bob@r.test\n")
        daemon.start()

        daemon.send(plain_mail(), recipients=["db", "web@s.test", "ann@r.test", "nobody", "dora@s.test"])

        first = self.seen(provider)[0]
        self.assertEqual(sorted(first["recipients"]),
                         ["ann@r.test", "bob@r.test", "carl@r.test", "dora@s.test", "me@example.com"])
        self.assertIn("ORCPT=rfc822;db@s.test", " ".join(first["rcpt_lines"]))

        with open(path, "w") as file:
            file.write("web: eve@r.test\n")
        daemon.signal(SIGHUP)
        daemon.wait_log(r"reloaded")
        daemon.send(plain_mail(), recipients=["web"])
        self.assertEqual(self.seen(provider, 2)[1]["recipients"], ["eve@r.test"])

    def test_a_header_in_utf8_falls_back_where_the_provider_lacks_smtputf8(self):
        provider = self.provider(extensions=["PIPELINING", "8BITMIME"])
        daemon = self.daemon(provider)
        content = "From: J\u00fcrgen <ann@s.test>\r\nSubject: \u00fcber\r\n\r\nx\r\n".encode()

        daemon.send(content, options=["SMTPUTF8", "BODY=8BITMIME"])

        seen = self.seen(provider)[0]
        self.assertNotIn("SMTPUTF8", seen["mail_line"])
        self.assertEqual(str(email.header.make_header(email.header.decode_header(header(seen)["Subject"]))), "\u00fcber")
        self.assertTrue(seen["header"].isascii())

    def test_eight_bits_are_encoded_where_the_provider_takes_seven(self):
        provider = self.provider(extensions=["PIPELINING"])
        daemon = self.daemon(provider)

        daemon.send(plain_mail(body=UMLAUTS).encode(), options=["BODY=8BITMIME"])
        daemon.send(plain_mail(body=UMLAUTS * 8000).encode(), options=["BODY=8BITMIME"])

        small, large = self.seen(provider, 2)
        parsed = email.message_from_string(small["content"])
        self.assertEqual(parsed.get_payload(decode=True).decode(parsed.get_content_charset()), UMLAUTS)
        self.assertEqual(header(large)["Content-Transfer-Encoding"], "base64")
        self.assertNotIn("8BITMIME", small["mail_line"] + large["mail_line"])

    def test_parts_in_eight_bits_are_encoded_one_by_one(self):
        provider = self.provider(extensions=[])
        daemon = self.daemon(provider)
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = "a@s.test", "b@r.test", "parts"
        mail.set_content(UMLAUTS, cte="8bit")
        mail.add_alternative("<p>%s</p>" % UMLAUTS, subtype="html", cte="8bit")
        self.assertFalse(mail.as_bytes().isascii())

        daemon.send(mail.as_bytes(), options=["BODY=8BITMIME"])

        content = self.seen(provider)[0]["content"]
        self.assertTrue(content.isascii(), content)
        self.assertEqual(leaves(content.encode()), leaves(mail.as_bytes()))


if __name__ == "__main__":
    unittest.main()
