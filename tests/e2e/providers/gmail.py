"""Gmail, and Workspace's relay: enhanced codes on every line, logins counted, and a daily limit that looks like a bounce."""
import dataclasses
import re

import knobs
from providers.generic import Generic
from throttle import Throttle

_DAY_S = 86400
_PROGRAM = re.compile(r"name=\"?[^\"\r\n]*\.(exe|bat|scr|js)\b", re.IGNORECASE)


@dataclasses.dataclass
class GmailKnobs(knobs.Knobs):
    account_passwords: dict = dataclasses.field(default_factory=dict)   # the account's own, which no longer log in
    logins_per_window: int = 70          # one report: 78 went
    window_s: float = 600.0              # guess
    daily: int = 500                     # messages in 24 hours
    daily_at: str = "EOD"                # MAIL | EOD: where it is said
    relay: bool = False                  # smtp-relay.gmail.com, which minds the client's name
    idle_s: float = 600.0
    idle_reply: str = "451 4.4.2 Timeout - closing connection. d9443c01a7336-20000000000sm1.0 - gsmtp"


class Gmail(Generic):
    Knobs = GmailKnobs
    profile = "gmail"
    user = "relay@gmail.com"
    host = "smtp.gmail.com"
    offers = ("SIZE 35882577", "8BITMIME", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8")
    auth_lines = ("AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",)
    mechanisms = ("LOGIN", "PLAIN", "XOAUTH2")
    must_starttls_first = True
    texts = {
        **Generic.texts,
        "GREETING": "220 smtp.gmail.com ESMTP <id> - gsmtp",
        "HELO": "250 smtp.gmail.com at your service",
        "EHLO": "smtp.gmail.com at your service, [203.0.113.9]",
        "empty_ehlo": "501 5.5.4 Empty HELO/EHLO argument not allowed, closing connection. <id> - gsmtp",
        "relay_ehlo": "421 4.7.0 Try again later, closing connection. (EHLO) <id> - gsmtp",
        "must_starttls": "530 5.7.0 Must issue a STARTTLS command first. <id> - gsmtp",
        "login_ok": "235 2.7.0 Accepted",
        "login_bad": "535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
                     "535 5.7.8  https://support.google.com/mail/?p=BadCredentials <id> - gsmtp",
        "account_password": "534-5.7.9 Application-specific password required. For more information, go to\r\n"
                            "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor <id> - gsmtp",
        "login_throttle": "454 4.7.0 Too many login attempts, please try again later. <id> - gsmtp",
        "mechanism": "504 5.7.4 Unrecognized Authentication Type <id> - gsmtp",
        "xoauth2_challenge": "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5j"
                             "b20vIn0K",
        "xoauth2_malformed": "501 5.5.2 Cannot Decode response <id> - gsmtp",
        "cancelled": "501 5.5.2 Cannot Decode response <id> - gsmtp",    # guess
        "second_login": "503 5.7.0 No identity changes permitted. <id> - gsmtp",
        "unauthenticated": "530-5.7.0 Authentication Required. For more information, go to\r\n"
                           "530 5.7.0  https://support.google.com/mail/?p=WantAuthError <id> - gsmtp",
        "MAIL": "250 2.1.0 OK <id> - gsmtp",
        "second_mail": "503 5.5.1 MAIL command already given <id> - gsmtp",              # the wording is a guess
        "bad_sequence": "503 5.5.1 Bad sequence of commands <id> - gsmtp",               # the same
        "RCPT": "250 2.1.5 OK <id> - gsmtp",
        "bad_rcpt": "553-5.1.3 The recipient address is not a valid RFC 5321 address. For more\r\n"
                    "553 5.1.3 information, go to https://support.google.com/mail/?p=BadRecipient <id> - gsmtp",   # the same
        "no_recipient": "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
                        "550 5.1.1 https://support.google.com/mail/?p=NoSuchUser <id> - gsmtp",
        "DATA": "354  Go ahead <id> - gsmtp",
        "EOD": "250 2.0.0 OK  <unixtime> <id> - gsmtp",
        "quota": "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n"
                 "550 5.4.5 sending limits go to https://support.google.com/a/answer/166852 <id> - gsmtp",
        "program": "552-5.7.0 This message was blocked because its content presents a potential\r\n"
                   "552 5.7.0 security issue. https://support.google.com/mail/?p=BlockedMessage <id> - gsmtp",
        "no_from": "550-5.7.1 Messages missing a valid address in From: header, or having no From: header,\r\n"
                   "550 5.7.1 are not accepted. <id> - gsmtp",
        "too_large_announced": "552-5.3.4 Your message exceeded Google's message size limits.\r\n"
                               "552 5.3.4 https://support.google.com/mail/?p=MaxSizeError <id> - gsmtp",
        "too_large": "552-5.2.3 Your message exceeded Google's message size limits.\r\n"
                     "552 5.2.3 https://support.google.com/mail/?p=MaxSizeError <id> - gsmtp",
        "RSET": "250 2.1.5 Flushed <id> - gsmtp",
        "NOOP": "250 2.0.0 OK <id> - gsmtp",
        "QUIT": "221 2.0.0 closing connection <id> - gsmtp",
        "unknown": "502 5.5.1 Unrecognized command. <id> - gsmtp",
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._logins = Throttle(settings.logins_per_window, settings.window_s, settings.window_s)
        self._day = Throttle(settings.daily, _DAY_S)

    def an_id(self, number):
        return "d9443c01a7336-2%010dsm1.0" % number

    def refuse_ehlo(self, session, name):
        if not name:
            return self.farewell("empty_ehlo")
        if self.knobs.relay and name.lower() == "localhost":
            return self.farewell("relay_ehlo")
        return None

    def login_verdict(self, session, user, right):
        if not self._logins.allows(self.clock.now()):
            return self.reply("login_throttle")
        if session.password_said is not None and self.knobs.account_passwords.get(user) == session.password_said:
            return self.reply("account_password")
        return super().login_verdict(session, user, right)

    def mail(self, session, sender):
        if self.knobs.daily_at == "MAIL" and not self._day.allows(self.clock.now()):
            return self.reply("quota")
        return super().mail(session, sender)

    def rcpt(self, session, recipient):
        if recipient in self.knobs.nonexistent:
            return self.reply("no_recipient")
        return super().rcpt(session, recipient)

    def content(self, session, message):
        if not [each for each in message.from_addresses() if "@" in each]:
            return self.reply("no_from")
        if _PROGRAM.search(message.content):
            return self.reply("program")
        if self.knobs.daily_at == "EOD" and not self._day.allows(self.clock.now()):
            return self.reply("quota")
        return super().content(session, message)
