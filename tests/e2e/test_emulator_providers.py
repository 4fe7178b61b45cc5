"""The emulated Gmail, Microsoft 365, Amazon SES and the providers with one oddity: each reply to the letter, at its place."""
import socket
import ssl
import unittest

from emulator_bench import PASSWORD, Bench, Talk, b64, mail

ID = r"d9443c01a7336-2\d{10}sm1\.0 - gsmtp"
GMAIL, M365, SES = "relay@gmail.com", "relay@corp.test", "AKIAIOSFODNN7EXAMPLE"
HOST = "AM5PR0502CA0007.outlook.office365.com"
SENDER = "relay@corp.test"


def xoauth2(user, token):
    return b64("user=%s\1auth=Bearer %s\1\1" % (user, token))


class Table(Bench):
    def talk_through(self, talk, table):
        """Each line gets its reply, which the pattern describes whole."""
        for line, said in table:
            self.assertRegex(talk.say(line), "^(?:%s)$" % said, line)


class Gmail_(Table):
    def test_a_whole_conversation(self):
        talk = self.talk(self.provider("gmail"))
        self.assertRegex(talk.greeting, "^220 smtp.gmail.com ESMTP %s$" % ID)
        self.assertEqual(talk.say("EHLO x"), "\r\n".join(
            ["250-smtp.gmail.com at your service, [203.0.113.9]", "250-SIZE 35882577", "250-8BITMIME",
             "250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", "250-ENHANCEDSTATUSCODES", "250-PIPELINING",
             "250-CHUNKING", "250 SMTPUTF8"]))
        self.talk_through(talk, [
            ("MAIL FROM:<%s>" % GMAIL, "530-5.7.0 Authentication Required. For more information, go to\r\n"
                                       r"530 5.7.0  https://support.google.com/mail/\?p=WantAuthError " + ID),
            ("AUTH PLAIN", "334 "), (b64("\0%s\0%s" % (GMAIL, PASSWORD)), "235 2.7.0 Accepted"),
            ("AUTH LOGIN", "503 5.7.0 No identity changes permitted. " + ID),
            ("MAIL FROM:<%s>" % GMAIL, "250 2.1.0 OK " + ID), ("MAIL FROM:<%s>" % GMAIL, "503 5.5.1 .*" + ID),
            ("RCPT TO:b@r.test", "553-5.1.3 .*\r\n553 5.1.3 .*" + ID), ("RCPT TO:<b@r.test>", "250 2.1.5 OK " + ID),
            ("DATA", "354  Go ahead " + ID), (mail(GMAIL) + ".", r"250 2.0.0 OK  \d+ " + ID),
            ("MAIL FROM:<%s> SIZE=35882578" % GMAIL, "552-5.3.4 .*\r\n552 5.3.4 .*" + ID),
            ("QUIT", "221 2.0.0 closing connection " + ID)])

    def test_chunks_are_a_message_too(self):
        provider = self.provider("gmail")
        talk = self.logged_in(provider)
        content = mail(GMAIL, ".dot")
        talk.say("MAIL FROM:<%s>" % GMAIL)
        talk.say("RCPT TO:<b@r.test>")
        at = content.index("\r\n") + 2
        self.assertEqual(talk.say("BDAT %d\r\n%s" % (at, content[:at - 2])), "250 2.0.0 OK")
        talk.send("BDAT %d LAST\r\n%s" % (len(content[at:]), content[at:]))
        self.assertRegex(talk.reply(), r"^250 2.0.0 OK  \d+ ")
        seen = provider.journal.wait("message")[0]
        self.assertEqual((seen["chunked"], seen["content"]), (True, content))
        self.assertEqual(provider.journal.all("violation"), [])

    def test_names_and_clear_text_that_it_does_not_take(self):
        self.talk_through(self.talk(self.provider("gmail")),
                          [("EHLO", "501 5.5.4 Empty HELO/EHLO argument not allowed, closing connection. " + ID), ("NOOP", "")])
        self.talk_through(self.talk(self.provider("gmail", relay=True)),
                          [("EHLO localhost", r"421 4.7.0 Try again later, closing connection. \(EHLO\) " + ID), ("NOOP", "")])
        clear = self.talk(self.provider("gmail", mode="starttls"), starttls=False)
        self.assertIn("250-STARTTLS", clear.say("EHLO x"))
        must = "530 5.7.0 Must issue a STARTTLS command first. " + ID
        self.talk_through(clear, [("AUTH LOGIN", must), ("MAIL FROM:<a@b>", must), ("STARTTLS", "220 2.0.0 Ready to start TLS")])

    def test_three_refusals_of_a_login(self):
        provider = self.provider("gmail", account_passwords={GMAIL: "the account's own"}, logins_per_window=3)
        self.assertRegex(self.talk(provider).login(GMAIL, "wrong"),
                         "^535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
                         r"535 5.7.8  https://support.google.com/mail/\?p=BadCredentials " + ID)
        self.assertRegex(self.talk(provider).login(GMAIL, "the account's own"),
                         "^534-5.7.9 Application-specific password required. For more information, go to\r\n"
                         r"534 5.7.9  https://support.google.com/mail/\?p=InvalidSecondFactor " + ID)
        self.logged_in(provider)
        self.assertRegex(self.talk(provider).login(GMAIL),
                         "^454 4.7.0 Too many login attempts, please try again later. " + ID)

    def test_tokens(self):
        talk = self.talk(self.provider("gmail", users={}, tokens={GMAIL: "fresh"}))
        talk.say("EHLO x")
        expired = ("334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K")
        self.talk_through(talk, [
            ("AUTH XOAUTH2 " + xoauth2(GMAIL, "old"), expired), ("", "535-5.7.8 .*\r\n535 5.7.8 .*"),
            ("AUTH XOAUTH2 " + xoauth2(GMAIL, "old"), expired), ("*", "501 5.5.2 Cannot Decode response " + ID),
            ("AUTH XOAUTH2 " + b64("nonsense"), "501 5.5.2 Cannot Decode response " + ID),
            ("AUTH XOAUTH2 " + xoauth2(GMAIL, "fresh"), "235 2.7.0 Accepted")])

    def test_what_is_found_out_late(self):
        provider = self.provider("gmail", daily=1, nonexistent=["no@r.test"])
        talk = self.logged_in(provider)
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL), ["no@r.test"]), "^550-5.1.1 .*\r\n550 5.1.1 ")
        talk.say("RSET")
        self.assertRegex(talk.mail(GMAIL, "Subject: x\r\n\r\nx\r\n"), "^550-5.7.1 ")
        exe = 'Content-Disposition: attachment; filename="a.exe"\r\n'
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL, exe)), "^552-5.7.0 This message was blocked because its content presents a "
                                                             "potential\r\n552 5.7.0 security issue")
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL)), "^250 ")
        quota = ("^550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n550 5.4.5 sending limits go to ")
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL)), quota)
        provider.clock.advance(86401)
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL)), "^250 ")

    def test_the_quota_at_mail_a_message_too_large_and_silence(self):
        provider = self.provider("gmail", daily=1, daily_at="MAIL", extensions=["SIZE 2000"], idle_s=600, time_scale=1200)
        talk = self.logged_in(provider)
        self.assertRegex(talk.mail(GMAIL, mail(GMAIL, "x\r\n" * 2000)), "^552-5.2.3 ")
        self.assertRegex(talk.say("MAIL FROM:<%s>" % GMAIL), "^550-5.4.5 ")
        self.assertRegex(talk.rest()[0].decode(), "^451 4.4.2 Timeout - closing connection. " + ID)


class M365_(Table):
    def test_a_whole_conversation(self):
        provider = self.provider("m365")
        talk = self.talk(provider, starttls=False)
        self.assertRegex(talk.greeting, r"^220 %s Microsoft ESMTP MAIL Service ready at .* \[08DE\w+\]$" % HOST)
        hello = ["250-%s Hello [203.0.113.9]" % HOST, "250-SIZE 157286400", "250-PIPELINING", "250-DSN", "250-ENHANCEDSTATUSCODES",
                 "250-STARTTLS", "250-8BITMIME", "250-BINARYMIME", "250-CHUNKING", "250 SMTPUTF8"]
        first = r"503 5.5.2 Send hello first \[%s .*\]" % HOST
        self.talk_through(talk, [("MAIL FROM:<a@b>", first)])
        self.assertEqual(talk.say("EHLO x"), "\r\n".join(hello))
        self.talk_through(talk, [("STARTTLS", "220 2.0.0 SMTP server ready")])
        talk.secure()
        self.talk_through(talk, [("MAIL FROM:<a@b>", first)])
        hello[5] = "250-AUTH LOGIN XOAUTH2"
        self.assertEqual(talk.say("EHLO x"), "\r\n".join(hello))
        unknown = r"504 5.7.4 Unrecognized authentication type \[%s\]" % HOST
        self.talk_through(talk, [
            ("AUTH PLAIN " + b64("\0a\0b"), unknown), ("AUTH login", unknown),
            ("MAIL FROM:<a@b>", r"530 5.7.57 Client not authenticated to send mail. \[.*\]"),
            ("AUTH LOGIN", "334 VXNlcm5hbWU6"), (b64(M365), "334 UGFzc3dvcmQ6"), (b64(PASSWORD), "235 2.7.0 Authentication successful"),
            ("MAIL FROM:<%s>" % M365, "250 2.1.0 Sender OK"), ("RCPT TO:<b@r.test>", "250 2.1.5 Recipient OK"),
            ("DATA", "354 Start mail input; end with <CRLF>.<CRLF>"), (mail(M365) + ".", r"250 2.0.0 OK <\S+> \[Hostname=AM5PR\S+\]"),
            ("WHATEVER", "500 5.3.3 Unrecognized command"), ("QUIT", "221 2.0.0 Service closing transmission channel")])

    def test_the_ways_in_which_a_login_is_refused(self):
        for policy, said in [
                (None, r"535 5.7.3 Authentication unsuccessful \["),
                ("tenant_off", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
                               "https://aka.ms/smtp_auth_disabled for more information. "),
                ("mailbox_off", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. "),
                ("basic_off", "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. "),
                ("cond_access", "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
                                "successfully. Contact your administrator. "),
                ("retired", "550 5.7.30 Basic authentication is not supported for Client Submission. ")]:
            with self.subTest(policy):
                provider = self.provider("m365", policy=policy, time_scale=20)
                talk, before = self.talk(provider), provider.clock.now()
                self.assertRegex(talk.login(M365, "wrong"), "^" + said)
                self.assertGreaterEqual(provider.clock.now() - before, 5)

    def test_tokens(self):
        talk = self.talk(self.provider("m365", users={}, tokens={M365: "fresh"}, login_delay_s=0))
        talk.say("EHLO x")
        self.talk_through(talk, [("AUTH XOAUTH2 " + b64("nonsense"), "501 5.5.124 Invalid XOAUTH2 auth data"),
                                 ("AUTH XOAUTH2 " + xoauth2(M365, "old"), "535 5.7.3 .*"),
                                 ("AUTH XOAUTH2 " + xoauth2(M365, "fresh"), "235 2.7.0 .*")])

    def test_what_is_found_out_at_the_end(self):
        provider = self.provider("m365", send_as={M365: ["team@corp.test"]}, concurrent_most=1, daily=1, temporary_every=3)
        talk = self.logged_in(provider)
        denied = ("^554 5.2.252 SendAsDenied; %s not allowed to send as v@corp.test; STOREDRV.Submission.Exception:SendAsDeniedException."
                  r"MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message .* \[Hostname=" % M365)
        self.assertRegex(talk.mail(M365, mail("v@corp.test")), denied)
        self.assertRegex(talk.mail("team@corp.test", mail("team@corp.test")), "^250 ")
        self.assertEqual(talk.mail(M365, mail(M365)), "451 4.7.0 Temporary server error. Please try again later. PRX4")
        self.assertRegex(talk.mail(M365, mail(M365)), "^554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; ")
        self.talk(provider)
        self.assertRegex(talk.mail(M365, mail(M365)), "^432 4.3.2 Concurrent connections limit exceeded. Visit "
                                                      "https://aka.ms/concurrent_sending for more information. ")

    def test_recipients_of_a_day_and_messages_of_a_minute(self):
        talk = self.logged_in(self.provider("m365", daily_recipients=1))
        self.assertEqual(talk.mail(M365, mail(M365), ["a@r.test", "b@r.test"]),
                         "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients")
        for mode, said, wait in [("delay", "^250 ", 20), ("refuse", "^432 4.3.2 ", 0)]:
            provider = self.provider("m365", per_minute=1, rate_mode=mode, rate_delay_s=20, time_scale=20)
            talk = self.logged_in(provider)
            talk.mail(M365, mail(M365))
            before = provider.clock.now()
            self.assertRegex(talk.mail(M365, mail(M365)), said)
            self.assertGreaterEqual(provider.clock.now() - before, wait)

    def test_old_tls_and_silence(self):
        provider = self.provider("m365", tls_max="1.1")
        talk = self.talk(provider, starttls=False)
        talk.say("EHLO x")
        talk.say("STARTTLS")
        talk._trust.minimum_version = ssl.TLSVersion.TLSv1
        talk._trust.set_ciphers("ALL:@SECLEVEL=0")
        self.talk_through(talk.secure(), [("EHLO x", r"421 4.7.66 TLS 1.0 and 1.1 are not supported. .*"), ("NOOP", "")])
        quiet = self.talk(self.provider("m365", time_scale=600))
        self.assertRegex(quiet.rest()[0], rb"^451 4.7.0 Timeout waiting for client input \[")


class SES_(Table):
    def test_a_whole_conversation(self):
        talk = self.talk(self.provider("ses", era="2020"))
        self.assertEqual(talk.greeting, "220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-PFJZ5UQMO MPOOIZsZ18ictWi0fWIA")
        self.assertEqual(talk.say("EHLO x"), "\r\n".join(
            ["250-email-smtp.amazonaws.com", "250-8BITMIME", "250-SIZE 10485760", "250-AUTH PLAIN LOGIN", "250 Ok"]))
        self.talk_through(talk, [
            ("MAIL FROM:<a@corp.test>", "530 Authentication required"), ("AUTH LOGIN", "334 VXNlcm5hbWU6"), (b64(SES), "334 UGFzc3dvcmQ6"),
            (b64("wrong"), "535 Authentication Credentials Invalid"),
            ("AUTH PLAIN " + b64("\0%s\0%s" % (SES, PASSWORD)), r"235 Authentication successful\."),
            ("MAIL FROM:<a@corp.test>", "250 Ok"), ("RCPT TO:<b@r.test>", "250 Ok"), ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
            (mail(SENDER) + ".", r"250 Ok 0107017033dbb64d-\S+-000000")])
        talk.send("QUIT\r\n")
        self.assertEqual(talk.rest(), (b"221 Bye\r\n", False))

    def test_starttls(self):
        talk = self.talk(self.provider("ses", mode="starttls"), starttls=False)
        self.assertIn("250-8BITMIME\r\n250-STARTTLS\r\n250 Ok", talk.say("EHLO x"))
        self.talk_through(talk, [("STARTTLS", "220 Ready to start TLS")])

    def test_silence_is_answered_unasked_and_without_an_end_of_tls(self):
        provider = self.provider("ses", time_scale=20)
        talk = self.talk(provider)
        before = provider.clock.now()
        self.assertEqual(talk.rest(), (b"451 4.4.2 Timeout waiting for data from client.\r\n", False))
        self.assertGreaterEqual(provider.clock.now() - before, 9)

    def test_what_is_found_out_late(self):
        identities = ("^554 Message rejected: Email address is not verified. The following identities failed the check in region "
                      "US-EAST-1: ")
        for knobs, said in [
                ({"verified": ["x.test"]}, identities + SENDER), ({"verified": [SENDER], "sandbox": True}, identities + "b@r.test"),
                ({"denied": True}, "^554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on "
                                   "resource `arn:"),
                ({"sending_paused": True}, "^554 Message rejected: Sending paused for this account."),
                ({"per_second": 1}, r"^454 Throttling failure: Maximum sending rate exceeded\.$"),
                ({"daily": 1}, r"^454 Throttling failure: Daily message quota exceeded\.$"),
                ({"session_most": 1}, "^421 connection closed by server. too many messages in one session$")]:
            with self.subTest(knobs):
                talk = self.logged_in(self.provider("ses", **knobs))
                if not {"verified", "denied", "sending_paused"} & set(knobs):
                    self.assertRegex(talk.mail(SENDER, mail(SENDER)), "^250 ")
                self.assertRegex(talk.mail(SENDER, mail(SENDER)), said)

    def test_recipients_and_logins_too_many(self):
        talk = self.logged_in(self.provider("ses", recipients_most=1))
        self.assertRegex(talk.mail(SENDER, mail(SENDER), ["a@r.test", "b@r.test"]), "^452 ")
        provider = self.provider("ses", flaky_logins=1, connections_most=1)
        talk = self.talk(provider)
        self.assertEqual(talk.login(SES), "454 Temporary authentication failure")
        self.assertEqual(talk.login(SES), "235 Authentication successful.")
        self.assertEqual(self.talk(provider).greeting, "421 Too many concurrent SMTP connections")


class Deviants(Table):
    def test_yahoo(self):
        talk = self.talk(self.provider("yahoo"))
        talk.say("EHLO x")
        self.talk_through(talk, [("AUTH PLAIN", "334 UGxhaW46"),
                                 (b64("\0relay@yahoo.com\0wrong"), r"535 5.7.0 \(#AUTH005\) Too many bad auth attempts\."), ("NOOP", "")])

    def test_mailgun(self):
        clear = self.talk(self.provider("mailgun", mode="starttls"), starttls=False)
        self.assertIn("AUTH PLAIN LOGIN", clear.say("EHLO x"))
        talk = self.talk(self.provider("mailgun", activated=False))
        talk.say("EHLO x")
        self.talk_through(talk, [
            ("AUTH PLAIN", "334 Go ahead"), (b64("\0postmaster@mg.corp.test\0" + PASSWORD), "235 .*"),
            ("MAIL FROM:<a@b>", r"421 Domain mg.corp.test is not allowed to send: Please activate your Mailgun account.*"),
            ("QUIT", "221 See you later. Yours truly, Mailgun")])

    def test_sendgrid(self):
        talk = self.talk(self.provider("sendgrid"))
        self.assertEqual(talk.login("apikey", "wrong"), "451 Authentication failed: Could not authenticate")
        self.assertEqual(talk.say("NOOP"), "")

    def test_aliyun(self):
        talk = self.talk(self.provider("aliyun"))
        talk.say("EHLO x")
        self.talk_through(talk, [
            ("AUTH LOGIN", "334 dXNlcm5hbWU6"), (b64("relay@dm.corp.test"), "334 cGFzc3dvcmQ6"), (b64(PASSWORD), "235 .*"),
            ("MAIL FROM:<a@s.test>", r"440 mail from account doesn't conform with authentication \(Auth Account:relay@dm.corp.test Mail "
                                     r"Account:a@s.test\)")])

    def test_tencent_ses(self):
        blame = "^554 5.0.0 Error: transaction failed, blame it on the weather: "
        user = "relay@ses.corp.test"
        talk = self.logged_in(self.provider("tencent-ses", per_second=1))
        self.assertRegex(talk.mail(user, mail(user)), "^250 ")
        self.assertRegex(talk.mail(user, mail(user)), blame + r'##SES-response-json:\{.*"Code":"RequestLimitExceeded\.SmtpRateLimit"')
        self.assertRegex(talk.mail(user, mail(user, "x" * 2000)), blame + "smtp: too longer line in input stream$")
        self.assertEqual(talk.say("NOOP"), "")
        talk = self.logged_in(self.provider("tencent-ses", unverified=[user]))
        self.assertRegex(talk.mail(user, mail(user)), blame + '.*"FailedOperation.NotAuthenticatedSender"')
        talk = self.logged_in(self.provider("tencent-ses", content_max=100000))
        try:
            said = talk.mail(user, mail(user, ("x" * 70 + "\r\n") * 3000))
        except OSError:
            said = ""
        self.assertEqual(said, "")

    def test_postmark_at_465_never_speaks(self):
        talk = Talk(self.provider("postmark465").port)
        self.addCleanup(talk.close)
        talk._socket.settimeout(0.2)
        with self.assertRaises(socket.timeout):
            talk.reply()

    def test_proton_bridge_has_a_certificate_for_its_address_alone(self):
        provider = self.provider("proton-bridge")
        own = ssl.create_default_context(cafile=self.certificates.pair("bridge")[0])
        for host, fine in [("127.0.0.1", True), ("localhost", False)]:
            talk = Talk(provider.port, own, host)
            self.addCleanup(talk.close)
            talk.reply()
            talk.say("EHLO x")
            talk.say("STARTTLS")
            if fine:
                self.assertRegex(talk.secure().login("relay@proton.me"), "^235 ")
            else:
                with self.assertRaises(ssl.SSLCertVerificationError):
                    talk.secure()

    def test_yandex_blocks_for_a_day_from_the_last_try(self):
        user = "relay@yandex.ru"
        provider = self.provider("yandex", spam_words=["lottery"], recipients_most=1)
        talk = self.logged_in(provider)
        self.assertEqual(talk.say("MAIL FROM:<>"), "553 5.7.1 Sender address rejected: not owned by auth user.")
        spam = r"^554 5.7.1 \[2\] Message rejected under suspicion of SPAM; https://ya.cc/"
        self.assertRegex(talk.mail(user, mail(user, "a lottery")), spam)
        for wait in (0, 80000, 80000):
            provider.clock.advance(wait)
            self.assertRegex(talk.mail(user, mail(user)), spam)
        provider.clock.advance(86401)
        self.assertRegex(talk.mail(user, mail(user)), "^250 ")
        self.assertRegex(talk.mail(user, mail(user), ["a@r.test", "b@r.test"]), "^452 ")


if __name__ == "__main__":
    unittest.main()
