"""Amazon SES: hangs up on the idle with words nobody asked for, counts the messages of a session, and knows its senders."""
import dataclasses

import knobs
from providers.generic import Generic
from throttle import Throttle

_DAY_S = 86400
_SIZE_MAX = 40 << 20


@dataclasses.dataclass
class SESKnobs(knobs.Knobs):
    era: str = "now"                     # now | 2020: then it offered SIZE
    verified: tuple = None               # addresses and domains; None: all
    sandbox: bool = False                # recipients must be verified too
    denied: bool = False                 # the credential may not send
    sending_paused: bool = False
    flaky_logins: int = 0                # how many of the first are told to come again
    per_second: int = 0                  # messages; 0: any
    daily: int = 0                       # recipients in 24 hours; 0: any
    recipients_most: int = 50            # of one message
    session_most: int = 100              # messages of a connection; the real figure is unknown
    idle_s: float = 10.0
    idle_reply: str = "451 4.4.2 Timeout waiting for data from client."


class SES(Generic):
    Knobs = SESKnobs
    profile = "ses"
    user = "AKIAIOSFODNN7EXAMPLE"
    host = "email-smtp.amazonaws.com"
    ehlo_last = "Ok"
    auth_lines = ("AUTH PLAIN LOGIN",)
    close_notify = False
    texts = {
        **Generic.texts,
        "GREETING": "220 email-smtp.amazonaws.com ESMTP SimpleEmailService-d-PFJZ5UQMO MPOOIZsZ18ictWi0fWIA",
        "HELO": "250 email-smtp.amazonaws.com",
        "STARTTLS": "220 Ready to start TLS",
        "crowded": "421 Too many concurrent SMTP connections",
        "login_ok": "235 Authentication successful.",
        "login_bad": "535 Authentication Credentials Invalid",
        "login_flaky": "454 Temporary authentication failure",
        "unauthenticated": "530 Authentication required",
        "MAIL": "250 Ok",
        "RCPT": "250 Ok",
        "recipients_most": "452 Too many recipients",                    # guess
        "bad_rcpt": "501 Invalid RCPT TO address provided",
        "bad_mail": "501 Invalid MAIL FROM address provided",
        "bad_parameter": "501 Invalid MAIL FROM address provided",       # guess
        "bad_sequence": "503 Bad sequence of commands",                  # guess, like the next two
        "second_mail": "503 Bad sequence of commands",
        "second_login": "503 Bad sequence of commands",
        "DATA": "354 End data with <CR><LF>.<CR><LF>",
        "unverified": "554 Message rejected: Email address is not verified. The following identities failed the check in region "
                      "US-EAST-1: <identities>",
        "denied": "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on resource "
                  "`arn:aws:ses:us-east-1:1:identity/corp.test'",
        "sending_paused": "554 Message rejected: Sending paused for this account. For more information, please check the inbox of "
                          "the email address associated with your AWS account.",
        "rate": "454 Throttling failure: Maximum sending rate exceeded.",
        "daily": "454 Throttling failure: Daily message quota exceeded.",
        "too_large": "552 Message is too long.",
        "too_large_announced": "552 Message is too long.",
        "enough_messages": "421 connection closed by server. too many messages in one session",
        "EOD": "250 Ok 0107017033dbb64d-5e1c8b1b-0000-4000-8000-<id>-000000",
        "RSET": "250 Ok",
        "NOOP": "250 Ok",
        "QUIT": "221 Bye",
        "unknown": "500 Error: command not implemented",                 # guess
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._second = Throttle(settings.per_second, 1)
        self._day = Throttle(settings.daily, _DAY_S)
        self._logins = 0

    @property
    def offers(self):
        return ("8BITMIME",) + (("SIZE 10485760",) if self.knobs.era == "2020" else ())

    def an_id(self, number):
        return "%012x" % number

    def login_verdict(self, session, user, right):
        self._logins += 1
        if self._logins <= self.knobs.flaky_logins:
            return self.reply("login_flaky")
        return super().login_verdict(session, user, right)

    def mail(self, session, sender):
        if session.transaction.taken >= self.knobs.session_most:
            return self.farewell("enough_messages")
        return super().mail(session, sender)

    def rcpt(self, session, recipient):
        if len(session.transaction.recipients) >= self.knobs.recipients_most:
            return self.reply("recipients_most")
        return super().rcpt(session, recipient)

    def content(self, session, message):
        if message.size > _SIZE_MAX:
            return self.reply("too_large")
        if self.knobs.sending_paused:
            return self.reply("sending_paused")
        if self.knobs.denied:
            return self.reply("denied")
        strangers = self._unverified(session, message)
        if strangers:
            return self.reply("unverified", identities=", ".join(strangers))
        if not self._second.allows(self.clock.now()):
            return self.reply("rate")
        if not all(self._day.allows(self.clock.now()) for _ in session.transaction.recipients):
            return self.reply("daily")
        return super().content(session, message)

    def _unverified(self, session, message):
        if self.knobs.verified is None:
            return []
        claimed = message.from_addresses() + [session.transaction.sender.lower()] + (session.transaction.recipients if self.knobs.sandbox else [])
        known = [each.lower() for each in self.knobs.verified]
        return list(dict.fromkeys(each for each in claimed
                                  if each and each.lower() not in known and each.split("@")[-1].lower() not in known))
