"""NetEase 163 and 126 (Coremail): codes of letters that say more than the numbers do, and an IP address that is banned for
wrong passwords."""
import collections
import dataclasses

import knobs
from providers.generic import Generic
from reply import Reply
from throttle import Daily, Throttle

_BEIJING = 8   # hours east: its day begins there


@dataclasses.dataclass
class NeteaseKnobs(knobs.Knobs):
    pipelining: bool = False             # transcripts before 2025 have it
    service_off: tuple = ()              # logins that have not switched SMTP on
    suspended: tuple = ()
    failures_most: int = 5               # wrong passwords from an address before it is banned (guess)
    ban_s: float = 1800.0                # guess
    same_body_most: int = 2              # how often the same body is taken; 0: any
    greylist: bool = False               # the first message of all is told to come again
    daily: int = 0                       # messages; 0: any
    daily_at: str = "MAIL"               # MAIL | EOD: where it is said
    per_quarter_hour: int = 0            # messages; 0: any
    session_most: int = 0                # messages of a connection before 451 MI:DMC; 0: any
    idle_s: float = 300.0                # the real figure is unknown
    idle_reply: str = "421 closing transmission channel"


class Netease(Generic):
    Knobs = NeteaseKnobs
    profile = "163"
    user = "10001@163.com"
    host = "mail"
    auth_lines = ("AUTH LOGIN PLAIN XOAUTH2", "AUTH=LOGIN PLAIN XOAUTH2")
    offers_starttls_in_tls = True
    sender_is_login = True
    texts = {
        **Generic.texts,
        "GREETING": "220 163.com Anti-spam GT for Coremail System (163com[20141201])",
        "HELO": "250 OK",
        "STARTTLS": "220 Ready to start TLS",
        "starttls_again": "503 Error: TLS is on already",            # guess
        "prompt_user": "334 dXNlcm5hbWU6",
        "login_ok": "235 Authentication successful",
        "login_bad": "535 Error: authentication failed",
        "service_off": "550 User has no permission",
        "suspended": "550 User suspended",
        "mechanism": "504 Error: unrecognized authentication type",  # guess
        "banned": "554 IP is rejected, smtp auth error limit exceed,163 gzga-smtp-mtada-g0-4,<id> <unixtime>",
        "unauthenticated": "553 authentication is required,smtp13,<id> <unixtime>",
        "MAIL": "250 Mail OK",
        "RCPT": "250 Mail OK",
        "sender_mismatch": "553 Mail from must equal authorized user",
        "bad_mail": "500 Error: bad syntax",
        "bad_rcpt": "500 Error: bad syntax",
        "bad_parameter": "500 Error: bad syntax",
        "bad_sequence": "503 Error: bad sequence",                   # guess
        "second_mail": "503 Error: bad sequence",                    # guess
        "second_login": "503 Error: bad sequence",                   # guess
        "bad_from": "554 DT:SUM 163 smtp1,<id> <unixtime>,http://mail.163.com/help/help_spam_16.htm?ip=203.0.113.9&hostid=smtp1"
                    "&time=<unixtime>",                              # the tail is a guess
        "same_body": "554 DT:SPM 163 smtp1,<id> <unixtime>,http://mail.163.com/help/help_spam_16.htm?ip=203.0.113.9&hostid="
                     "smtp1&time=<unixtime>",
        "greylist": "451 DT:SPM,please try again",
        "daily": "554 5.5.0 MI:STC 163 smtp1,<id> <unixtime>",       # the tail is a guess
        "quarter_hour": "451 MI:SFQ 163 smtp1,<id> <unixtime>",      # the same
        "session_full": "451 MI:DMC 163 smtp1,<id> <unixtime>",      # the same
        "no_recipient": "550 Invalid User",
        "too_large": "552 Requested mail action aborted: exceeded mailsize limit",
        "EOD": "250 Mail OK queued as smtp1,<id> <unixtime>",
        "crowded": "421 HL:ICC 163 smtp1,<id> <unixtime>",
        "RSET": "250 OK",
        "NOOP": "250 OK",
        "QUIT": "221 Bye",
        "unknown": "502 Error: command not implemented",
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._failures, self._banned_until = 0, 0.0
        self._bodies = collections.Counter()
        self._greylisted = False
        self._day = Daily(settings.daily, _BEIJING)
        self._quarter_hour = Throttle(settings.per_quarter_hour, 900)

    @property
    def offers(self):
        coremail = "coremail 1Uxr2xKj7kG0xkI17xGrU7I0s8FY2U3Uj8Cz28x1UUUUU7Ic2I0Y2UF"
        return (("PIPELINING",) if self.knobs.pipelining else ()) + ("AUTH", coremail, "STARTTLS", "ID", "8BITMIME")

    def an_id(self, number):
        return "GdxpCgCn15dixldeSQdr%02d--.54S2" % (number % 100)

    def greet(self, session):
        if self.clock.now() < self._banned_until:
            return self.farewell("banned")
        return super().greet(session)

    def before(self, session, verb):
        if self.knobs.mode == "starttls" and not session.wire.encrypted and verb not in ("EHLO", "STARTTLS"):
            return Reply("", close=True)   # one report: 587 in clear is closed
        return super().before(session, verb)

    def login_verdict(self, session, user, right):
        for name in ("service_off", "suspended"):
            if user in getattr(self.knobs, name):
                return self.reply(name)
        if right:
            return self.reply("login_ok")
        self._failures += 1
        if self._failures >= self.knobs.failures_most:
            self._failures, self._banned_until = 0, self.clock.now() + self.knobs.ban_s
        return self.reply("login_bad")

    def mail(self, session, sender):
        said = super().mail(session, sender)
        if not said.good:
            return said
        if self.knobs.session_most and session.transaction.taken >= self.knobs.session_most:
            return self.reply("session_full")
        if not self._quarter_hour.allows(self.clock.now()):
            return self.reply("quarter_hour")
        if self.knobs.daily_at == "MAIL" and not self._day.allows(self.clock.now()):
            return self.reply("daily")
        return said

    def content(self, session, message):
        if message.from_addresses() != [session.transaction.sender.lower()]:
            return self.reply("bad_from")
        if self.knobs.greylist and not self._greylisted:
            self._greylisted = True
            return self.reply("greylist")
        if self.knobs.same_body_most and self._bodies[message.body_sha256] >= self.knobs.same_body_most:
            return self.reply("same_body")
        if self.knobs.daily_at == "EOD" and not self._day.allows(self.clock.now()):
            return self.reply("daily")
        said = super().content(session, message)
        self._bodies[message.body_sha256] += said.good
        return said


class Netease126(Netease):
    profile = "126"
    user = "10001@126.com"
    texts = {**Netease.texts, "GREETING": "220 126.com Anti-spam GT for Coremail System (126com[20140526])"}
