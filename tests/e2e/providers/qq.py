"""QQ Mail and Tencent Exmail: one text for five causes, senders and From held to the login, recipients never looked at
before the end, locks that every try prolongs, and a QUIT that many cannot read."""
import collections
import dataclasses

import knobs
from providers.generic import Generic
from reply import Reply
from throttle import Throttle

_HOST = "newxmesmtplogicsvrszb20-0.qq.com"
_INVALID = "502 Invalid input from 203.0.113.9 to <host>."
# What a refused login is told, by era. The oldest is GBK: "please log in with the authorization code".
_LOGIN_BAD = {
    "2025": "535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or "
            "system is busy. More information at https://help.mail.qq.com/detail/108/1023",
    "2020": "535 Login Fail. Please enter your authorization code to login. More information in "
            "http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
    "2019": b"535 Error: \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3\xcf\xea\xc7\xe9\xc7\xeb\xbf"
            b"\xb4: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256".decode("utf-8", "surrogateescape"),
    "exmail": "535 Error: authentication failed, system busy",
}


@dataclasses.dataclass
class QQKnobs(knobs.Knobs):
    era: str = "2025"                    # 2025 | 2020 | 2019 | exmail: how a refused login is worded
    plain: str = "ok"                    # ok | refuse (502) | refuse_login (535): AUTH PLAIN with a right credential
    silent_reject: bool = False          # a refused login is told nothing and cut
    login_delay_s: float = 0.7           # before a refused login is told so
    logins_per_window: int = 20          # successful ones; one report: 21 went, then none
    window_s: float = 900.0              # and how long none must be tried after that
    messages_per_window: int = 0         # 0: any; practitioners say 30
    message_window_s: float = 60.0
    message_hold_s: float = 3600.0       # how long nothing is taken then; each try prolongs it
    throttle: str = "too_many"           # too_many | frequency: what is said meanwhile
    banned_words: tuple = ()


class QQ(Generic):
    Knobs = QQKnobs
    profile = "qq"
    user = "10001@qq.com"
    host = _HOST
    offers = ("PIPELINING", "SIZE 73400320", "STARTTLS", "AUTH", "MAILCOMPRESS", "SMTPUTF8", "8BITMIME")
    auth_lines = ("AUTH LOGIN PLAIN XOAUTH XOAUTH2", "AUTH=LOGIN")
    auth_before_tls = True
    sender_is_login = True
    plain_needs_initial = True
    closes_on_refusal = 2
    texts = {
        **Generic.texts,
        "GREETING": "220 <host> XMail Esmtp QQ Mail Server.",
        "HELO": "250-<host>-9.21.152.27-23666742\r\n250-SIZE 73400320\r\n250 OK",
        "STARTTLS": "220 Ready to start TLS",                       # guess
        "must_starttls": "530 Must issue a STARTTLS command first.",
        "login_ok": "235 Authentication successful",
        "mechanism": _INVALID,
        "unauthenticated": "503 Error: need EHLO and AUTH first !",
        "MAIL": "250 OK.",
        "bad_mail": _INVALID,
        "bad_parameter": _INVALID,
        "sender_mismatch": "501 Mail from address must be same as authorization user.",
        "RCPT": "250 OK",
        "bad_rcpt": "501 Bad address syntax",
        "bad_sequence": "503 Send command mailfrom first.",
        "second_mail": "503 Send command mailfrom first.",          # guess
        "second_login": "503 Error: need EHLO and AUTH first !",    # guess
        "DATA": "354 End data with <CR><LF>.<CR><LF>.",
        "EOD": "250 OK: queued as.",
        "bad_from": "550 The \"From\" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard protocol. "
                    "https://service.mail.qq.com/detail/124/995.",
        "no_recipient": "550 The recipient may contain a non-existent account, please check the recipient address.",
        "banned": "550 The mail may contain inappropriate words or content.",
        "too_many": "550 Too many attempts. Unable to send. Try again later",
        "frequency": "550 Connection frequency limited",
        "too_large_announced": "552 Message too large",             # guess
        "too_large": "552 Message too large",                       # guess
        "RSET": "250 OK",                                           # guess
        "NOOP": "250 OK",                                           # guess
        "QUIT": "221 Bye.",
        "unknown": _INVALID,
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        window = settings.window_s
        self._logins = collections.defaultdict(lambda: Throttle(settings.logins_per_window, window, window, extends=True))
        self._sendings = Throttle(settings.messages_per_window, settings.message_window_s, settings.message_hold_s,
                                  extends=True)

    @property
    def plain_refusal(self):
        """What AUTH PLAIN is told although it is offered, or None."""
        return {"ok": None, "refuse": _INVALID.replace("<host>", self.host),
                "refuse_login": _LOGIN_BAD[self.knobs.era]}[self.knobs.plain]

    def login_verdict(self, session, user, right):
        logins, now = self._logins[user], self.clock.now()
        if right and logins.allows(now):
            return self.reply("login_ok")
        if not right and logins.closed(now):
            logins.close(now)
        if self.knobs.silent_reject:
            return Reply("", close=True)
        return Reply(_LOGIN_BAD[self.knobs.era], delay_s=self.knobs.login_delay_s)

    def content(self, session, message):
        if message.from_addresses() != [session.login.lower()]:
            return self.reply("bad_from")
        if any(each in self.knobs.nonexistent for each in session.transaction.recipients):
            return self.reply("no_recipient")
        if any(each in message.content for each in self.knobs.banned_words):
            return self.reply("banned")
        if not self._sendings.allows(self.clock.now()):
            return self.reply(self.knobs.throttle)
        return super().content(session, message)


@dataclasses.dataclass
class ExmailKnobs(QQKnobs):
    era: str = "exmail"


class Exmail(QQ):
    Knobs = ExmailKnobs
    profile = "exmail"
    user = "relay@corp.test"
    host = "smtp.qq.com"
    offers = ("PIPELINING", "SIZE 73400320", "STARTTLS", "AUTH", "MAILCOMPRESS", "8BITMIME")
    auth_lines = ("AUTH LOGIN PLAIN", "AUTH=LOGIN")
    texts = {**QQ.texts, "GREETING": "220 smtp.qq.com Esmtp QQ Mail Server"}
