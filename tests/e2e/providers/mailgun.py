"""Mailgun: logins offered in clear, a prompt that is not base64, and a 421 that waits for a person."""
import dataclasses

import knobs
from providers.generic import Generic


@dataclasses.dataclass
class MailgunKnobs(knobs.Knobs):
    activated: bool = True               # the account


class Mailgun(Generic):
    Knobs = MailgunKnobs
    profile = "mailgun"
    user = "postmaster@mg.corp.test"
    host = "mailgun.test"
    offers = ("SIZE 52428800", "8BITMIME", "SMTPUTF8", "PIPELINING")
    auth_before_tls = True
    texts = {
        **Generic.texts,
        "GREETING": "220 Mailgun Influx ready",
        "STARTTLS": "220 Go ahead",
        "prompt_plain": "334 Go ahead",
        "unauthenticated": "550 5.7.1 Relaying denied",
        "activate": "421 Domain <domain> is not allowed to send: Please activate your Mailgun account. Check your inbox or log in "
                    "to your control panel to resend the activation email.",
        "QUIT": "221 See you later. Yours truly, Mailgun",
    }

    def mail(self, session, sender):
        if not self.knobs.activated:
            return self.reply("activate", domain=session.login.split("@")[-1])
        return super().mail(session, sender)
