"""Tencent Cloud SES: one 554 for every failure, with the cause inside it as JSON."""
import dataclasses

import knobs
from providers.generic import Generic
from throttle import Throttle

_LINE_MAX = 2000
_BLAME = "554 5.0.0 Error: transaction failed, blame it on the weather: "


@dataclasses.dataclass
class TencentSESKnobs(knobs.Knobs):
    per_second: int = 20                 # messages
    unverified: tuple = ()               # senders
    content_max: int = 9 << 20           # beyond it the connection ends in mid content


class TencentSES(Generic):
    Knobs = TencentSESKnobs
    profile = "tencent-ses"
    user = "relay@ses.corp.test"
    host = "smtp.qcloudmail.com"
    offers = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING")    # guess: those of the library it seems to use
    sender_is_login = True
    texts = {
        **Generic.texts,
        "json": _BLAME + '##SES-response-json:{"Response":{"RequestId":"<id>","QcloudError":{"Error":{"Code":"<code>","Message":'
                         '"<words>"}}}}',
        "long_line": _BLAME + "smtp: too longer line in input stream",
    }

    def __init__(self, settings, clock):
        super().__init__(settings, clock)
        self._second = Throttle(settings.per_second, 1)

    def while_reading(self, message):
        return message.size > self.knobs.content_max

    def content(self, session, message):
        if message.longest_line >= _LINE_MAX:
            return self.farewell("long_line")
        if session.transaction.sender in self.knobs.unverified:
            return self.reply("json", code="FailedOperation.NotAuthenticatedSender", words="sender is not authenticated")
        if not self._second.allows(self.clock.now()):
            return self.reply("json", code="RequestLimitExceeded.SmtpRateLimit", words="rate limit")
        return super().content(session, message)
