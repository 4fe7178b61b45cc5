"""Microsoft 365: STARTTLS alone, no PLAIN, a slow no, and a person's policy behind most refusals."""
import dataclasses

import knobs
from providers.generic import Generic
from reply import Reply
from throttle import Throttle

_DAY_S = 86400
_STAMP = "[<host> 2026-01-01T00:00:00.000Z <id>]"
_POLICIES = {
    "tenant_off": "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
                  "https://aka.ms/smtp_auth_disabled for more information. " + _STAMP,
    "mailbox_off": "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit "
                   "https://aka.ms/smtp_auth_disabled for more information. " + _STAMP,
    "basic_off": "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. " + _STAMP,
    "cond_access": "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
                   "successfully. Contact your administrator. " + _STAMP,
    "retired": "550 5.7.30 Basic authentication is not supported for Client Submission. " + _STAMP,
}


@dataclasses.dataclass
class M365Knobs(knobs.Knobs):
    mode: str = "starttls"
    policy: str = None                   # one of tenant_off mailbox_off basic_off cond_access retired
    login_delay_s: float = 5.0           # before a refused login is told so
    send_as: dict = dataclasses.field(default_factory=dict)   # login -> other addresses that it may send as
    concurrent_most: int = 3             # connections of the mailbox
    per_minute: int = 30                 # messages
    rate_mode: str = "delay"             # delay | refuse: what happens to more; both have been seen
    rate_delay_s: float = 30.0
    daily: int = 0                       # messages in 24 hours; 0: any
    daily_recipients: int = 10000        # in 24 hours
    temporary_every: int = 0             # each n-th message is refused for now; 0: none
    idle_s: float = 300.0
    idle_reply: str = "451 4.7.0 Timeout waiting for client input [AM5PR0502CA0007.outlook.office365.com]"


class M365(Generic):
    Knobs = M365Knobs
    profile = "m365"
    user = "relay@corp.test"
    host = "AM5PR0502CA0007.outlook.office365.com"
    offers = ("SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH", "8BITMIME", "BINARYMIME",
              "CHUNKING", "SMTPUTF8")
    auth_lines = ("AUTH LOGIN XOAUTH2",)
    mechanisms = ("LOGIN", "XOAUTH2")
    mechanism_case_matters = True
    needs_hello = True
    texts = {
        **Generic.texts,
        "GREETING": "220 <host> Microsoft ESMTP MAIL Service ready at Mon, 1 Jan 2026 00:00:00 +0000 [<id>]",
        "HELO": "250 <host> Hello [203.0.113.9]",
        "EHLO": "<host> Hello [203.0.113.9]",
        "STARTTLS": "220 2.0.0 SMTP server ready",
        "old_tls": "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit "
                   "https://aka.ms/smtp_auth_tls. " + _STAMP,
        "need_hello": "503 5.5.2 Send hello first " + _STAMP,
        "login_ok": "235 2.7.0 Authentication successful",               # from memory
        "login_bad": "535 5.7.3 Authentication unsuccessful " + _STAMP,
        "mechanism": "504 5.7.4 Unrecognized authentication type [<host>]",
        "xoauth2_malformed": "501 5.5.124 Invalid XOAUTH2 auth data",
        "unauthenticated": "530 5.7.57 Client not authenticated to send mail. " + _STAMP,
        "MAIL": "250 2.1.0 Sender OK",                                   # from memory, like the next two
        "RCPT": "250 2.1.5 Recipient OK",
        "DATA": "354 Start mail input; end with <CRLF>.<CRLF>",
        "send_as": "554 5.2.252 SendAsDenied; <login> not allowed to send as <sender>; STOREDRV.Submission.Exception:SendAsDenied"
                   "Exception.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception with message "
                   "Cannot submit message. [Hostname=AM5PR0502MB3000.eurprd05.prod.outlook.com]",
        "concurrent": "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more "
                      "information. [Hostname=AM5PR0502MB3000.eurprd05.prod.outlook.com]",
        "quota": "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a "
                 "permanent exception with message The message can't be submitted because the sender's submission quota was "
                 "exceeded.",
        "recipient_quota": "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
        "temporary": "451 4.7.0 Temporary server error. Please try again later. PRX4",
        "no_recipient": "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
        "EOD": "250 2.0.0 OK <<id>@AM5PR0502MB3000.eurprd05.prod.outlook.com> [Hostname=AM5PR0502MB3000.eurprd05.prod.outlook.com]",
        "BDAT": "250 2.6.0 CHUNK received OK",                           # from memory
        "RSET": "250 2.0.0 Resetting",
        "NOOP": "250 2.0.0 OK",
        "QUIT": "221 2.0.0 Service closing transmission channel",
        "unknown": "500 5.3.3 Unrecognized command",
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._minute = Throttle(settings.per_minute, 60)
        self._day = Throttle(settings.daily, _DAY_S)
        self._recipients = Throttle(settings.daily_recipients, _DAY_S)
        self._messages = 0

    def an_id(self, number):
        return "08DE%012X" % number

    def refuse_ehlo(self, session, name):
        if session.wire.encrypted and session.tls_version in ("TLSv1", "TLSv1.1"):
            return self.farewell("old_tls")
        return None

    def login_verdict(self, session, user, right):
        if self.knobs.policy:
            return Reply(self.filled(_POLICIES[self.knobs.policy]), delay_s=self.knobs.login_delay_s)
        if not right:
            return Reply(self.text("login_bad"), delay_s=self.knobs.login_delay_s)
        return self.reply("login_ok")

    def rcpt(self, session, recipient):
        if not self._recipients.allows(self.clock.now()):
            return self.reply("recipient_quota")
        return super().rcpt(session, recipient)

    def content(self, session, message):
        self._messages += 1
        if session.emulator.open_now > self.knobs.concurrent_most:
            return self.reply("concurrent")
        stranger = self._stranger(session, message)
        if stranger is not None:
            return self.reply("send_as", login=session.login, sender=stranger)
        if self.knobs.temporary_every and self._messages % self.knobs.temporary_every == 0:
            return self.reply("temporary")
        if not self._day.allows(self.clock.now()):
            return self.reply("quota")
        if self._minute.allows(self.clock.now()):
            return super().content(session, message)
        if self.knobs.rate_mode == "refuse":
            return self.reply("concurrent")
        return dataclasses.replace(super().content(session, message), delay_s=self.knobs.rate_delay_s)

    def _stranger(self, session, message):
        """An address that this message claims to come from and the mailbox may not send as, or None."""
        own = {session.login.lower(), "", *(each.lower() for each in self.knobs.send_as.get(session.login, ()))}
        claimed = [session.transaction.sender.lower()] + message.from_addresses()
        return next((each for each in claimed if each not in own), None)
