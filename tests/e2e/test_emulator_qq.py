"""The emulated QQ Mail, Exmail, 163 and 126: each reply to the letter, at its place."""
import unittest

from emulator_bench import PASSWORD, Bench, b64, mail

QQ, NETEASE = "10001@qq.com", "10001@163.com"
HOST = "newxmesmtplogicsvrszb20-0.qq.com"
INVALID = "502 Invalid input from 203.0.113.9 to %s." % HOST
LOGIN_FAIL = ("535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or "
              "system is busy. More information at https://help.mail.qq.com/detail/108/1023")
FROM_INVALID = ('550 The "From" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard protocol. '
                "https://service.mail.qq.com/detail/124/995.")
TOO_MANY = "550 Too many attempts. Unable to send. Try again later"


class QQ_(Bench):
    def test_a_whole_conversation(self):
        talk = self.talk(self.provider())
        self.assertEqual(talk.greeting, "220 %s XMail Esmtp QQ Mail Server." % HOST)
        self.assertEqual(talk.say("HELO x"), "250-%s-9.21.152.27-23666742\r\n250-SIZE 73400320\r\n250 OK" % HOST)
        self.assertEqual(talk.say("EHLO https://dreamside.cn:233/"), "\r\n".join(
            ["250-" + HOST, "250-PIPELINING", "250-SIZE 73400320", "250-AUTH LOGIN PLAIN XOAUTH XOAUTH2", "250-AUTH=LOGIN",
             "250-MAILCOMPRESS", "250-SMTPUTF8", "250 8BITMIME"]))
        for line, said in [
                ("MAIL FROM:<%s>" % QQ, "503 Error: need EHLO and AUTH first !"),
                ("AUTH PLAIN", INVALID), ("WHATEVER", INVALID),
                ("AUTH LOGIN " + b64(QQ), "334 UGFzc3dvcmQ6"), (b64(PASSWORD), "235 Authentication successful"),
                ("RCPT TO:<b@r.test>", "503 Send command mailfrom first."), ("DATA", "503 Send command mailfrom first."),
                ("MAIL FROM:%s" % QQ, INVALID), ("MAIL FROM:<a<b>@qq.com>", INVALID), ("MAIL FROM:<\u00e9@qq.com>", INVALID),
                ("MAIL FROM:<a@s.test>", "501 Mail from address must be same as authorization user."),
                ("MAIL FROM:<>", "501 Mail from address must be same as authorization user."),
                ("MAIL FROM:<%s> SIZE=73400321" % QQ, "552 Message too large"),
                ("MAIL FROM:<%s>" % QQ.upper(), "250 OK."), ("RSET", "250 OK"), ("NOOP", "250 OK"),
                ("MAIL FROM:<%s>" % QQ, "250 OK."), ("RCPT TO:<anything@anywhere>", "250 OK"),
                ("DATA", "354 End data with <CR><LF>.<CR><LF>."), (mail(QQ) + ".", "250 OK: queued as."),
                ("QUIT", "221 Bye.")]:
            self.assertEqual(talk.say(line), said, line)

    def test_the_two_steps_of_login_and_a_refusal_that_closes_the_second_time(self):
        provider = self.provider(login_delay_s=0.01)
        talk = self.talk(provider)
        talk.say("EHLO x")
        self.assertEqual(talk.say("AUTH LOGIN"), "334 VXNlcm5hbWU6")
        self.assertEqual(talk.say(b64(QQ)), "334 UGFzc3dvcmQ6")
        self.assertEqual(talk.say(b64("wrong")), LOGIN_FAIL)
        self.assertEqual(talk.say("AUTH PLAIN " + b64("\0%s\0wrong" % QQ)), LOGIN_FAIL)
        self.assertEqual(talk.rest(), (b"", True))
        self.assertEqual([(e["mechanism"], e["ok"]) for e in provider.journal.all("login")], [("LOGIN", False), ("PLAIN", False)])

    def test_starttls_has_its_line_and_login_in_clear_its_refusal(self):
        talk = self.talk(self.provider(mode="starttls"), starttls=False)
        self.assertIn("250-SIZE 73400320\r\n250-STARTTLS\r\n250-AUTH LOGIN", talk.say("EHLO x"))
        self.assertEqual(talk.say("AUTH LOGIN"), "530 Must issue a STARTTLS command first.")
        self.assertEqual(talk.say("STARTTLS"), "220 Ready to start TLS")
        self.assertNotIn("STARTTLS", talk.secure().say("EHLO x"))

    def test_the_words_of_other_eras(self):
        for knobs, said in [
                ({"era": "2020"}, "535 Login Fail. Please enter your authorization code to login. More information in "
                                  "http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256"),
                ({"era": "2019"}, b"535 Error: \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3\xcf\xea\xc7"
                                  b"\xe9\xc7\xeb\xbf\xb4: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256"
                                  .decode("latin-1")),
                ({"name": "exmail"}, "535 Error: authentication failed, system busy"),
                ({"silent_reject": True}, "")]:
            with self.subTest(knobs):
                provider = self.provider(login_delay_s=0, **knobs)
                self.assertEqual(self.talk(provider).login(provider.provider.user, "wrong"), said)

    def test_plain_may_be_refused_where_login_works(self):
        for plain, said in [("refuse", INVALID), ("refuse_login", LOGIN_FAIL)]:
            with self.subTest(plain):
                talk = self.talk(self.provider(plain=plain))
                talk.say("EHLO x")
                self.assertEqual(talk.say("AUTH PLAIN " + b64("\0%s\0%s" % (QQ, PASSWORD))), said)
                self.assertEqual(talk.login(QQ), "235 Authentication successful")

    def test_what_is_found_out_at_the_end(self):
        provider = self.provider(nonexistent=["no@r.test"], banned_words=["lottery"], extensions=["SIZE 2000"])
        talk = self.logged_in(provider)
        recipient = "550 The recipient may contain a non-existent account, please check the recipient address."
        for content, to, said in [
                (mail("a@s.test"), [], FROM_INVALID), ("Subject: no From\r\n\r\nx\r\n", [], FROM_INVALID),
                ("From: =?utf-8?B?%s?=\r\n\r\nx\r\n" % b64("me <%s>" % QQ), [], FROM_INVALID),
                (mail(QQ), ["no@r.test"], recipient),
                (mail(QQ, "a lottery"), [], "550 The mail may contain inappropriate words or content."),
                (mail(QQ, "x\r\n" * 2000), [], "552 Message too large"), (mail(QQ), [], "250 OK: queued as.")]:
            self.assertEqual(talk.mail(QQ, content, ["b@r.test", *to]), said)

    def test_a_login_too_many_locks_until_nobody_has_tried_for_the_whole_time(self):
        provider = self.provider(logins_per_window=2, login_delay_s=0)
        for _ in range(2):
            self.logged_in(provider)
        self.assertEqual(self.talk(provider).login(QQ), LOGIN_FAIL)
        provider.clock.advance(600)
        self.assertEqual(self.talk(provider).login(QQ, "wrong"), LOGIN_FAIL)   # which begins the lock anew
        provider.clock.advance(600)
        self.assertEqual(self.talk(provider).login(QQ), LOGIN_FAIL)
        provider.clock.advance(901)
        self.logged_in(provider)

    def test_messages_too_many_are_held_and_tries_prolong_the_hold(self):
        for throttle, said in [("too_many", TOO_MANY), ("frequency", "550 Connection frequency limited")]:
            with self.subTest(throttle):
                provider = self.provider(messages_per_window=1, throttle=throttle)
                talk = self.logged_in(provider)
                self.assertEqual(talk.mail(QQ, mail(QQ)), "250 OK: queued as.")
                for wait in (0, 3000, 3000):
                    provider.clock.advance(wait)
                    self.assertEqual(talk.mail(QQ, mail(QQ)), said)
                provider.clock.advance(3601)
                self.assertEqual(talk.mail(QQ, mail(QQ)), "250 OK: queued as.")

    def test_four_ways_to_say_nothing_at_the_end(self):
        for manner, heard in [("garbage", (b"\0\0\0", False)), ("raw_garbage", (b"", False)), ("none", (b"", False)),
                              ("no_close_notify", (b"221 Bye.\r\n", False)), ("normal", (b"221 Bye.\r\n", True))]:
            with self.subTest(manner):
                talk = self.talk(self.provider(quit=manner))
                talk.send("QUIT\r\n")
                self.assertEqual(talk.rest(), heard)


class Netease_(Bench):
    def test_a_whole_conversation(self):
        talk = self.talk(self.provider("163"))
        self.assertEqual(talk.greeting, "220 163.com Anti-spam GT for Coremail System (163com[20141201])")
        self.assertEqual(talk.say("HELO x"), "250 OK")
        self.assertEqual(talk.say("EHLO x"), "\r\n".join(
            ["250-mail", "250-AUTH LOGIN PLAIN XOAUTH2", "250-AUTH=LOGIN PLAIN XOAUTH2",
             "250-coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UF", "250-STARTTLS", "250-ID", "250 8BITMIME"]))
        self.assertRegex(talk.say("STARTTLS"), "^503 ")
        self.assertRegex(talk.say("MAIL FROM:<%s>" % NETEASE), r"^553 authentication is required,smtp13,\S+ \d+$")
        for line, said in [
                ("HELP", "502 Error: command not implemented"), ("AUTH LOGIN", "334 dXNlcm5hbWU6"), (b64(NETEASE), "334 UGFzc3dvcmQ6"),
                (b64("wrong"), "535 Error: authentication failed"),
                ("AUTH PLAIN", "334 "), (b64("\0%s\0%s" % (NETEASE, PASSWORD)), "235 Authentication successful"),
                ("MAIL FROM:<a@s.test>", "553 Mail from must equal authorized user"),
                ("MAIL FROM:<>", "553 Mail from must equal authorized user"), ("MAIL FROM:", "500 Error: bad syntax"),
                ("MAIL FROM:<%s>" % NETEASE, "250 Mail OK"), ("RCPT TO:<b@r.test>", "250 Mail OK"),
                ("DATA", "354 End data with <CR><LF>.<CR><LF>")]:
            self.assertEqual(talk.say(line), said, line)
        self.assertRegex(talk.say(mail(NETEASE) + "."), r"^250 Mail OK queued as smtp1,GdxpCgCn15dixldeSQdr\S+ \d+$")
        self.assertEqual(talk.say("QUIT"), "221 Bye")

    def test_the_other_house_and_pipelining(self):
        talk = self.talk(self.provider("126", pipelining=True))
        self.assertEqual(talk.greeting, "220 126.com Anti-spam GT for Coremail System (126com[20140526])")
        self.assertIn("250-PIPELINING", talk.say("EHLO x"))

    def test_logins_that_no_password_mends(self):
        for knob, said in [("service_off", "550 User has no permission"), ("suspended", "550 User suspended")]:
            self.assertEqual(self.talk(self.provider("163", **{knob: (NETEASE,)})).login(NETEASE), said)

    def test_wrong_passwords_ban_the_address_for_a_time(self):
        provider = self.provider("163", failures_most=2)
        for _ in range(2):
            self.assertEqual(self.talk(provider).login(NETEASE, "wrong"), "535 Error: authentication failed")
        self.assertRegex(self.talk(provider).greeting,
                         r"^554 IP is rejected, smtp auth error limit exceed,163 gzga-smtp-mtada-g0-4,\S+ \d+$")
        provider.clock.advance(1801)
        self.logged_in(provider)

    def test_what_is_found_out_at_the_end(self):
        talk = self.logged_in(self.provider("163", greylist=True))
        self.assertRegex(talk.mail(NETEASE, mail("a@s.test")), r"^554 DT:SUM 163 smtp1,\S+ \d+,http://mail.163.com/help/")
        self.assertEqual(talk.mail(NETEASE, mail(NETEASE)), "451 DT:SPM,please try again")
        for _ in range(2):
            self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), "^250 Mail OK queued as ")
        self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), r"^554 DT:SPM 163 smtp1,\S+ \d+,")

    def test_its_day_ends_at_midnight_in_beijing(self):
        for place in ("MAIL", "EOD"):
            with self.subTest(place):
                provider = self.provider("163", daily=1, daily_at=place, now="2026-11-23T23:00:00+08:00")
                talk = self.logged_in(provider)
                self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), "^250 ")
                self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), r"^554 5.5.0 MI:STC ")
                provider.clock.set("2026-11-24T00:01:00+08:00")
                talk.say("RSET")
                self.assertRegex(talk.mail(NETEASE, mail(NETEASE, "another day")), "^250 ")

    def test_messages_of_a_quarter_hour_and_of_a_connection(self):
        for knob, said in [("per_quarter_hour", "^451 MI:SFQ "), ("session_most", "^451 MI:DMC ")]:
            talk = self.logged_in(self.provider("163", **{knob: 1}))
            self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), "^250 ")
            self.assertRegex(talk.mail(NETEASE, mail(NETEASE)), said)

    def test_one_connection_too_many_and_one_that_says_nothing(self):
        provider = self.provider("163", connections_most=1, idle_s=60, time_scale=30)
        first = self.talk(provider)
        self.assertRegex(self.talk(provider).greeting, r"^421 HL:ICC 163 smtp1,\S+ \d+$")
        self.assertEqual(first.rest()[0], b"421 closing transmission channel\r\n")

    def test_in_clear_at_587_it_hangs_up_on_the_first_command(self):
        talk = self.talk(self.provider("163", mode="starttls"), starttls=False)
        self.assertEqual(talk.say("NOOP"), "")


if __name__ == "__main__":
    unittest.main()
