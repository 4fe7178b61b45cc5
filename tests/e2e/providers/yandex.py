"""Yandex: mail that looks like spam blocks the account for a day, and every try during it begins the day anew."""
import dataclasses

import knobs
from providers.generic import Generic
from throttle import Throttle


@dataclasses.dataclass
class YandexKnobs(knobs.Knobs):
    spam_words: tuple = ()
    daily: int = 500                     # recipients in 24 hours
    hold_s: float = 86400.0
    recipients_most: int = 35            # of one message


class Yandex(Generic):
    Knobs = YandexKnobs
    profile = "yandex"
    user = "relay@yandex.ru"
    host = "yandex.test"
    offers = ("8BITMIME", "PIPELINING", "SIZE 42991616", "DSN", "ENHANCEDSTATUSCODES")
    auth_lines = ("AUTH LOGIN PLAIN XOAUTH2",)
    sender_is_login = True
    texts = {
        **Generic.texts,
        "login_ok": "235 2.7.0 Authentication successful.",
        "login_bad": "535 5.7.8 Error: authentication failed: Invalid user or password!",
        "sender_mismatch": "553 5.7.1 Sender address rejected: not owned by auth user.",
        "recipients_most": "452 4.5.3 Error: too many recipients",       # guess
        "spam": "554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._account = Throttle(settings.daily, 86400, settings.hold_s, extends=True)

    def rcpt(self, session, recipient):
        if len(session.transaction.recipients) >= self.knobs.recipients_most:
            return self.reply("recipients_most")
        return super().rcpt(session, recipient)

    def content(self, session, message):
        if any(each in message.content for each in self.knobs.spam_words):
            self._account.close(self.clock.now())
            return self.reply("spam")
        if not all(self._account.allows(self.clock.now()) for _ in session.transaction.recipients):
            return self.reply("spam")
        return super().content(session, message)
