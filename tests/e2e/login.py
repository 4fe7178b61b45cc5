"""AUTH on the emulated provider: LOGIN, PLAIN and XOAUTH2, prompt by prompt, up to the provider's verdict."""
import base64
import binascii
import re

from reply import Reply
from wire import Ended

_XOAUTH2 = re.compile(r"user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01")


class Login:
    """One AUTH command of `session`. A credential is journalled by its user's name alone."""

    def __init__(self, session):
        self._session, self._provider = session, session.provider
        self._speech, self._wire = session.speech, session.wire

    def run(self, argument):
        words = argument.split(" ")
        mechanism = words[0] if self._provider.mechanism_case_matters else words[0].upper()
        initial = words[1] if len(words) > 1 else None
        if mechanism not in self._provider.mechanisms:
            return self._refuse("mechanism", mechanism)
        return {"LOGIN": self._login, "PLAIN": self._plain, "XOAUTH2": self._xoauth2}[mechanism](initial)

    def _login(self, initial):
        user = self._decoded(initial or self._ask("prompt_user"))
        password = self._decoded(self._ask("prompt_password"))
        if user is not None and password is not None:
            self._judge("LOGIN", user, password, self._session.knobs.users)

    def _plain(self, initial):
        if not initial and self._provider.plain_needs_initial:
            return self._refuse("mechanism", "PLAIN")
        parts = (self._decoded(initial or self._ask("prompt_plain")) or "").split("\0")
        refusal = getattr(self._provider, "plain_refusal", None)
        if refusal:
            self._note("PLAIN", parts[1] if len(parts) == 3 else None, False)
            return self._speech.answer("AUTH", Reply(refusal), "PLAIN")
        if len(parts) != 3:
            return self._refuse("mechanism", "PLAIN")
        return self._judge("PLAIN", parts[1], parts[2], self._session.knobs.users)

    def _xoauth2(self, initial):
        parts = _XOAUTH2.fullmatch(self._decoded(initial or self._ask("prompt_plain")) or "")
        if not parts:
            return self._refuse("xoauth2_malformed", "XOAUTH2")
        right = self._session.knobs.tokens.get(parts[1]) == parts[2]
        if not right and self._provider.texts["xoauth2_challenge"] and self._ask("xoauth2_challenge") != "":
            return self._refuse("cancelled", "XOAUTH2")
        return self._judge("XOAUTH2", parts[1], parts[2], self._session.knobs.tokens)

    def _judge(self, mechanism, user, secret, known):
        session = self._session
        session.password_said = secret
        with session.emulator.lock:
            reply = self._provider.login_verdict(session, user, known.get(user) == secret)
        self._note(mechanism, user, reply.good)
        if self._speech.answer("AUTH", reply, user):
            session.login = user
        elif not reply.good:
            self._count_refusal()

    def _count_refusal(self):
        self._session.refused_logins += 1
        if self._session.refused_logins == self._provider.closes_on_refusal:
            raise Ended("refused logins", in_order=True)

    def _note(self, mechanism, user, ok):
        self._session.journal.add("login", c=self._session.number, mechanism=mechanism, user=user, ok=ok,
                                  tls=self._wire.encrypted)

    def _refuse(self, name, mechanism):
        self._speech.answer("AUTH", self._provider.reply(name), mechanism)

    def _ask(self, prompt):
        self._speech.answer("PROMPT", self._provider.reply(prompt))
        return self._wire.line(self._session.patience()).strip().decode("latin-1")

    def _decoded(self, word):
        try:
            return base64.b64decode(word, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            self._session.violation("a credential that is not base64")
            return None
