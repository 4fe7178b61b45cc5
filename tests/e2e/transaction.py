"""MAIL, RCPT, DATA, BDAT and RSET on the emulated provider: one message from its envelope to the provider's verdict."""
import re

from message import Message
from reply import Reply
from wire import Ended


class Transaction:
    """What stands between MAIL and the end of a message. `taken` counts the messages of the connection."""

    def __init__(self, session):
        self._session, self._provider, self._knobs = session, session.provider, session.knobs
        self._wire, self._speech, self._extensions = session.wire, session.speech, session.extensions
        self.taken = 0
        self.forget()

    def forget(self):
        self.sender = self._mail_line = self._chunks = None
        self.recipients, self._rcpt_lines = [], []

    def on_mail(self, argument):
        refusal = self._refusal_of_mail(argument)
        if refusal:
            return self._answer("MAIL", self._provider.reply(refusal), argument)
        sender = re.match(r"FROM:<([^<>\s]*)>", argument, re.IGNORECASE)[1]
        if self._answer("MAIL", self._session.judged(self._provider.mail, sender), argument):
            self.sender, self._mail_line = sender, argument

    def _refusal_of_mail(self, argument):
        """What the protocol has against it, by the name of its text; or None."""
        path = re.fullmatch(r"FROM:<([^<>\s]*)>((?: [^ ]+)*)", argument, re.IGNORECASE)
        session = self._session
        if session.in_clear() and self._provider.must_starttls_first:
            return "must_starttls"
        if not session.login and (self._knobs.users or self._knobs.tokens):
            return "unauthenticated"
        if self.sender is not None or not session.greeted:
            return "second_mail" if session.greeted else "bad_sequence"
        if not path or (not argument.isascii() and "SMTPUTF8" not in argument.upper()):
            session.violation("MAIL %r" % argument)
            return "bad_mail"
        if self._forbidden(path[2]):
            return "bad_parameter"
        return "too_large_announced" if _announced_size(path[2]) > self._extensions.size_max() else None

    def on_rcpt(self, argument):
        path = re.fullmatch(r"TO:<([^<>\s]+)>((?: [^ ]+)*)", argument, re.IGNORECASE)
        if self.sender is None:
            return self._answer("RCPT", self._provider.reply("bad_sequence"), argument)
        if not path:
            self._session.violation("RCPT %r" % argument)
            return self._answer("RCPT", self._provider.reply("bad_rcpt"), argument)
        if self._forbidden(path[2]):
            return self._answer("RCPT", self._provider.reply("bad_parameter"), argument)
        if self._answer("RCPT", self._session.judged(self._provider.rcpt, path[1]), argument):
            self.recipients.append(path[1])
            self._rcpt_lines.append(argument)

    def on_data(self, _):
        if not self.recipients:
            return self._answer("DATA", self._provider.reply("bad_sequence"))
        if not self._answer("DATA", self._provider.reply("DATA")):
            return
        message = Message(self._knobs.keep_bytes)
        while not message.ended:
            message.feed(self._wire.take())
            self._maybe_end_early(message)
        self._wire.put_back(message.rest)
        if message.rest and not self._extensions.offered("PIPELINING"):
            self._session.violation("%d bytes came before the reply to the message" % len(message.rest))
        self._settle(message)

    def on_bdat(self, argument):
        size, *last = argument.upper().split()
        self._chunks = self._chunks or Message(self._knobs.keep_bytes, chunked=True)
        left = int(size)
        while left:
            data = self._wire.take(left)
            left -= len(data)
            self._chunks.feed(data)
            self._maybe_end_early(self._chunks)
        if not self.recipients:
            return self._answer("BDAT", self._provider.reply("bad_sequence"))
        if last != ["LAST"]:
            return self._answer("BDAT", self._provider.reply("BDAT"))
        self._chunks.end_of_chunks()
        self._settle(self._chunks)

    def on_rset(self, _):
        self.forget()
        self._answer("RSET", self._provider.reply("RSET"))

    def _maybe_end_early(self, message):
        if self._provider.while_reading(message):
            raise Ended("enough of this content")
        fault = self._speech.fault("BODY", at_bytes=message.size)
        if fault:
            self._speech.say("BODY", Reply("421 4.3.2 Going down"), fault)

    def _settle(self, message):
        session = self._session
        for each in message.violations:
            session.violation(each)
        reply = session.judged(self._provider.content, message)
        self.taken += 1
        fault = self._speech.fault("EOD", message.header)
        said = fault.reply if fault and fault.reply else reply.text
        session.journal.add("message", c=session.number, sender=self.sender, recipients=list(self.recipients),
                            mail_line=self._mail_line, rcpt_lines=list(self._rcpt_lines), login=session.login,
                            accepted=said.startswith("2") and not (fault and fault.lost),
                            replied=not (fault and fault.silent), reply=said, **message.facts())
        self.forget()
        self._speech.say("EOD", reply, fault)
        if self._knobs.messages_per_connection and self.taken >= self._knobs.messages_per_connection:
            raise Ended("enough messages", in_order=True)

    def _forbidden(self, parameters):
        each = self._extensions.not_offered(parameters)
        if each:
            self._session.violation("parameter %s, which was not offered" % each)
        return each

    def _answer(self, stage, reply, text=""):
        return self._speech.answer(stage, reply, text)


def _announced_size(parameters):
    found = re.search(r"SIZE=(\d+)", parameters, re.IGNORECASE)
    return int(found[1]) if found else 0
