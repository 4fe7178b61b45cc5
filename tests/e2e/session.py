"""One conversation of the emulated provider, from greeting to end. Strict: what a client may not send is a violation
in the journal, whatever the reply. Runs on a thread of its own; what each provider makes of it stands in providers/."""
import ssl

from extensions import Extensions
from login import Login
from reply import Reply
from speech import Speech
from transaction import Transaction
from wire import Ended, Idle, Wire

_LINE_BYTES_MAX = 12288
_OF_MAIL = ("MAIL", "RCPT", "DATA", "BDAT", "RSET")
_VERBS = ("EHLO", "HELO", "STARTTLS", "AUTH", "NOOP", "QUIT") + _OF_MAIL


class Session:
    def __init__(self, emulator, connection, number):
        self.emulator, self.knobs, self.provider = emulator, emulator.knobs, emulator.provider
        self.number, self.journal = number, emulator.journal
        self.wire = Wire(connection, self.knobs.reply_chunking, self.knobs.coalesce, self.knobs.slow_read)
        self.speech = Speech(emulator, self.wire, number)
        self.extensions = Extensions(self)
        self.transaction = Transaction(self)
        self.login = self.password_said = self.tls_version = None
        self.refused_logins = 0
        self.greeted = self.said_quit = False

    def run(self):
        why, in_order = "script", False
        try:
            self._converse()
        except Idle:
            why = "idle"
        except (Ended, OSError) as error:
            why, in_order = str(error) or "script", getattr(error, "in_order", False)
        finally:
            self.journal.add("close", c=self.number, quit=self.said_quit, why=why, bytes_in=self.wire.bytes_in)
            self.wire.close(in_order and self.provider.close_notify and self.knobs.quit != "no_close_notify")

    def patience(self):
        """For how many of our seconds a client may say nothing."""
        return self.emulator.clock.ours(self.knobs.idle_s)

    def violation(self, what):
        self.journal.add("violation", c=self.number, what=what)

    def in_clear(self):
        """Not in TLS although this provider has it."""
        return not self.wire.encrypted and self.knobs.mode != "plain"

    def judged(self, hook, *facts):
        """Providers count across connections: they judge one at a time."""
        with self.emulator.lock:
            return hook(self, *facts)

    def _converse(self):
        if self.provider.mute:
            self.wire.listen_only()
        if self.knobs.mode == "tls":
            self._start_tls()
        greeting = self.judged(self.provider.greet)
        self.speech.answer("GREETING", greeting)
        while True:
            try:
                self._command(self.wire.line(self.patience()))
            except Idle:
                self._speak_of_idleness()

    def _speak_of_idleness(self):
        self.journal.add("idle", c=self.number)
        if self.knobs.idle_reply:
            self.speech.unasked(self.knobs.idle_reply)
        if self.knobs.idle_closes:
            raise Idle()

    def _command(self, line):
        verb = line.strip().split(b" ")[0].split(b":")[0].upper().decode("latin-1")
        self._look_at(line, verb)
        if verb not in _VERBS or (verb == "BDAT" and not self.extensions.offered("CHUNKING")):
            self.violation("unknown command %r" % line[:80])
            return self._answer("UNKNOWN", "unknown")
        refusal = self.judged(self.provider.before, verb)
        if refusal:
            return self.speech.answer(verb, refusal)
        actor = self.transaction if verb in _OF_MAIL else self
        getattr(actor, "on_" + verb.lower())(line[len(verb):].strip().decode("utf-8", "surrogateescape"))

    def _look_at(self, line, verb):
        """Journals a command, without its secrets, and what is wrong with its form or moment."""
        early = self.wire.waiting(self.knobs.lockstep_probe_s)
        words = line.split()
        shown = b"AUTH " + words[1] if verb == "AUTH" and len(words) > 1 else line.rstrip(b"\r\n")
        self.journal.add("command", c=self.number, verb=verb, line=shown.decode("latin-1"), tls=self.wire.encrypted,
                         early=early > 0)
        if not line.endswith(b"\r\n") or len(line) > _LINE_BYTES_MAX:
            self.violation("a command line that does not end with CRLF, or is too long: %r" % line[:80])
        pipelined = self.extensions.offered("PIPELINING") and verb in ("MAIL", "RCPT", "RSET")
        if early and not pipelined and verb != "BDAT":
            self.violation("%d bytes came before the reply to %s" % (early, verb))

    def on_ehlo(self, name):
        self.transaction.forget()
        self.journal.add("ehlo", c=self.number, name=name, tls=self.wire.encrypted)
        refusal = self.judged(self.provider.refuse_ehlo, name)
        if refusal:
            return self.speech.answer("EHLO", refusal, name)
        self.greeted = True
        lines = [self.provider.text("EHLO")] + self.extensions.lines()
        lines += [self.provider.ehlo_last] if self.provider.ehlo_last else []
        text = "\r\n".join("250%s%s" % ("-" if i < len(lines) - 1 else " ", each) for i, each in enumerate(lines))
        self.speech.answer("EHLO", Reply(text), name)

    def on_helo(self, _):
        self.greeted = True
        self._answer("HELO", "HELO")

    def on_starttls(self, _):
        if self.in_clear() and self.knobs.mode == "starttls":
            return self._upgrade()
        self.violation("STARTTLS where none was offered, or inside TLS")
        self._answer("UNKNOWN", "starttls_again" if self.wire.encrypted else "unknown")

    def _upgrade(self):
        if not self._answer("STARTTLS", "STARTTLS", self.knobs.starttls_inject.encode()):
            return
        self._start_tls()
        self.greeted = False
        self.login = None
        self.transaction.forget()

    def on_auth(self, argument):
        if self.in_clear():
            self.violation("AUTH in clear")
            return self._answer("AUTH", "must_starttls")
        if not self.greeted or self.login:
            return self._answer("AUTH", "second_login" if self.login else "bad_sequence")
        Login(self).run(argument)

    def on_noop(self, _):
        self._answer("NOOP", "NOOP")

    def on_quit(self, _):
        self.said_quit = True
        if self.knobs.quit == "garbage":
            self.wire.send(b"\0\0\0")
        elif self.knobs.quit == "raw_garbage":
            self.wire.send_raw(b"\0\0\0")
        elif self.knobs.quit != "none":
            self._answer("QUIT", "QUIT")
        raise Ended("QUIT", in_order=self.knobs.quit == "normal")

    def _answer(self, stage, name, extra=b""):
        return self.speech.answer(stage, self.provider.reply(name), extra=extra)

    def _start_tls(self):
        try:
            context = self.emulator.tls_context(lambda name: self.journal.add("sni", c=self.number, name=name))
            self.tls_version = self.wire.start_tls(context)
        except (ssl.SSLError, OSError) as error:
            self.journal.add("tls_failed", c=self.number, error=str(error))
            raise Ended("TLS: %s" % error) from error
        self.journal.add("tls", c=self.number, version=self.tls_version)
