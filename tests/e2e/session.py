"""One conversation of the emulated provider, from greeting to end. Strict: what a client may not send is a violation
in the journal, whatever the reply. Runs on a thread of its own."""
import base64
import binascii
import re
import ssl

from message import Message
from wire import Ended, Idle, Wire

_LINE_BYTES_MAX = 12288
_PARAMETER_NEEDS = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "RET": "DSN", "ENVID": "DSN",
                    "NOTIFY": "DSN", "ORCPT": "DSN", "AUTH": "AUTH"}
_VERBS = ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT")


class Session:
    def __init__(self, emulator, connection, number):
        self.emulator, self.knobs, self.profile = emulator, emulator.knobs, emulator.profile
        self.number = number
        self.wire = Wire(connection, self.knobs.reply_chunking)
        self.journal = emulator.journal
        self.login = None
        self.refused_logins = 0
        self.messages = 0
        self.greeted = self.said_quit = False
        self._forget_transaction()

    def run(self):
        why = "script"
        try:
            if self.knobs.mode == "tls":
                self._start_tls()
            self._answer("GREETING", self.profile.greeting)
            while True:
                self._command(self.wire.line(self.knobs.idle_s))
        except Idle:
            self._speak_of_idleness()
        except (Ended, OSError) as error:
            why = str(error) or "script"
        finally:
            self.journal.add("close", c=self.number, quit=self.said_quit, why=why, bytes_in=self.wire.bytes_in)
            self.wire.close()

    # What a client says.

    def _command(self, line):
        verb = line.strip().split(b" ")[0].split(b":")[0].upper().decode("latin-1")
        early = self.wire.waiting(self.knobs.lockstep_probe_s)
        shown = "AUTH " + line.split()[1].decode("latin-1") if verb == "AUTH" and len(line.split()) > 1 \
            else line.rstrip(b"\r\n").decode("latin-1")
        self.journal.add("command", c=self.number, verb=verb, line=shown, tls=self.wire.encrypted, early=early > 0)
        if not line.endswith(b"\r\n") or len(line) > _LINE_BYTES_MAX:
            self._violation("a command line that does not end with CRLF, or is too long: %r" % line[:80])
        if early and not ("PIPELINING" in self._offered() and verb in ("MAIL", "RCPT", "RSET")):
            self._violation("%d bytes came before the reply to %s" % (early, verb))
        if verb not in _VERBS:
            self._violation("unknown command %r" % line[:80])
            return self._answer("UNKNOWN", self.profile.texts["unknown"])
        getattr(self, "_on_" + verb.lower())(line[len(verb):].strip().decode("utf-8", "surrogateescape"))

    def _on_ehlo(self, name):
        self._forget_transaction()
        self.greeted = True
        self.journal.add("ehlo", c=self.number, name=name, tls=self.wire.encrypted)
        lines = [self.profile.host] + self._offers_now()
        text = "\r\n".join("250%s%s" % ("-" if i < len(lines) - 1 else " ", each) for i, each in enumerate(lines))
        self._answer("EHLO", text)

    def _on_helo(self, _):
        self.greeted = True
        self._answer("HELO", self.profile.texts["HELO"])

    def _on_starttls(self, _):
        if self.knobs.mode != "starttls" or self.wire.encrypted:
            self._violation("STARTTLS where none was offered")
            return self._answer("UNKNOWN", self.profile.texts["unknown"])
        self._answer("STARTTLS", self.profile.texts["STARTTLS"], extra=self.knobs.starttls_inject.encode())
        self._start_tls()
        self.greeted = False
        self.login = None
        self._forget_transaction()

    def _on_auth(self, rest):
        texts = self.profile.texts
        if not self.wire.encrypted and self.knobs.mode != "plain":
            self._violation("AUTH in clear")
            return self._answer("AUTH", texts["must_starttls"])
        if not self.greeted or self.login:
            return self._answer("AUTH", texts["bad_sequence"])
        words = rest.split(" ")
        user, password = self._credential(words[0], words[1] if len(words) > 1 else None)
        if user is not None:
            self._verdict_of_login(words[0], user, password)

    def _on_mail(self, rest):
        path = re.fullmatch(r"FROM:<([^<>\s]*)>((?: [^ ]+)*)", rest, re.IGNORECASE)
        texts = self.profile.texts
        if not self.login and self.knobs.users:
            return self._answer("MAIL", texts["unauthenticated"], rest)
        if self.sender is not None or not self.greeted:
            return self._answer("MAIL", texts["bad_sequence"], rest)
        if not path or (not rest.isascii() and "SMTPUTF8" not in rest.upper()):
            self._violation("MAIL %r" % rest)
            return self._answer("MAIL", texts["bad_mail"], rest)
        if not self._parameters_offered(path[2]):
            return self._answer("MAIL", texts["bad_parameter"], rest)
        if self.profile.sender_is_login and path[1].lower() != (self.login or "").lower():
            return self._answer("MAIL", texts["sender_mismatch"], rest)
        if self._announced_size(path[2]) > self._size_max():
            return self._answer("MAIL", texts["too_large"], rest)
        if self._answer("MAIL", texts["MAIL"], rest):
            self.sender, self.mail_line = path[1], rest

    def _on_rcpt(self, rest):
        path = re.fullmatch(r"TO:<([^<>\s]+)>((?: [^ ]+)*)", rest, re.IGNORECASE)
        if self.sender is None:
            return self._answer("RCPT", self.profile.texts["bad_sequence"], rest)
        if not path or not self._parameters_offered(path[2]):
            self._violation("RCPT %r" % rest)
            return self._answer("RCPT", self.profile.texts["bad_parameter"], rest)
        reply = self.knobs.refuse_recipients.get(path[1], self.profile.texts["RCPT"])
        if self._answer("RCPT", reply, rest):
            self.recipients.append(path[1])
            self.rcpt_lines.append(rest)

    def _on_data(self, _):
        if not self.recipients:
            return self._answer("DATA", self.profile.texts["bad_sequence"])
        if not self._answer("DATA", self.profile.texts["DATA"]):
            return
        message = Message(self.knobs.keep_bytes)
        while not message.ended:
            message.feed(self.wire.take())
            self._fault_in_body(message.size)
        self.wire.put_back(message.rest)
        if message.rest and "PIPELINING" not in self._offered():
            self._violation("%d bytes came before the reply to the message" % len(message.rest))
        for each in message.violations:
            self._violation(each)
        self._verdict_of(message)
        self._forget_transaction()

    def _on_rset(self, _):
        self._forget_transaction()
        self._answer("RSET", self.profile.texts["RSET"])

    def _on_noop(self, _):
        self._answer("NOOP", self.profile.texts["NOOP"])

    def _on_quit(self, _):
        self.said_quit = True
        if self.knobs.quit == "garbage":
            self.wire.send(b"\0\0\0")
        elif self.knobs.quit == "normal":
            self._answer("QUIT", self.profile.texts["QUIT"])
        raise Ended("QUIT")

    # What this provider makes of it.

    def _credential(self, mechanism, initial):
        """The user and the password, or (None, None) after a refusal."""
        texts = self.profile.texts
        if mechanism == "LOGIN":
            user = initial if initial else self._ask(texts["prompt_user"])
            return self._decoded(user), self._decoded(self._ask(texts["prompt_password"]))
        if mechanism == "PLAIN" and self.knobs.plain == "ok" and (initial or not self.profile.plain_needs_initial):
            parts = (self._decoded(initial or self._ask(texts["prompt_plain"])) or "").split("\0")
            return (parts[1], parts[2]) if len(parts) == 3 else (None, None)
        self._answer("AUTH", texts["mechanism"], mechanism)
        return None, None

    def _ask(self, prompt):
        self._answer("PROMPT", prompt)
        return self.wire.line(self.knobs.idle_s).strip().decode("latin-1")

    def _decoded(self, word):
        try:
            return base64.b64decode(word, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            self._violation("a credential that is not base64")
            return None

    def _verdict_of_login(self, mechanism, user, password):
        ok = self.knobs.users.get(user) == password and self.emulator.login_allowed(user)
        self.journal.add("login", c=self.number, mechanism=mechanism, user=user, ok=ok, tls=self.wire.encrypted)
        if ok:
            if self._answer("AUTH", self.profile.texts["login_ok"], user):
                self.login = user
            return
        self.refused_logins += 1
        self._answer("AUTH", self.profile.texts["login_bad"], user)
        if self.profile.closes_on_second_refusal and self.refused_logins > 1:
            raise Ended("second refused login")

    def _verdict_of(self, message):
        self.messages += 1
        reply = self._judged(message)
        fault = self.emulator.fault("EOD", message.header)
        said = fault.reply if fault and fault.reply else reply
        accepted = said.startswith("2") and not (fault and fault.lost)
        self.journal.add("message", c=self.number, sender=self.sender, recipients=list(self.recipients),
                         mail_line=self.mail_line, rcpt_lines=list(self.rcpt_lines), login=self.login,
                         accepted=accepted, replied=not (fault and fault.silent), reply=said, **message.facts())
        self._say("EOD", reply, fault)
        if self.knobs.messages_per_connection and self.messages >= self.knobs.messages_per_connection:
            raise Ended("enough messages")

    def _judged(self, message):
        texts = self.profile.texts
        if message.size > self._size_max():
            return texts["too_large"]
        if self.profile.sender_is_login and message.from_addresses() != [(self.login or "").lower()]:
            return texts["bad_from"]
        if any(each in self.knobs.nonexistent for each in self.recipients):
            return texts["no_recipient"]
        return texts["EOD"]

    def _parameters_offered(self, text):
        for each in text.split():
            name = each.split("=")[0].upper()
            if _PARAMETER_NEEDS.get(name) not in self._offered():
                self._violation("parameter %s, which was not offered" % each)
                return False
        return True

    def _announced_size(self, parameters):
        found = re.search(r"SIZE=(\d+)", parameters, re.IGNORECASE)
        return int(found[1]) if found else 0

    def _size_max(self):
        for each in self._offers():
            if each.startswith("SIZE "):
                return int(each.split()[1])
        return 1 << 40

    def _offers(self):
        return self.profile.offers if self.knobs.extensions is None else self.knobs.extensions

    def _offers_now(self):
        offers = list(self._offers())
        if self.knobs.mode == "starttls" and not self.wire.encrypted and not self.knobs.starttls_strip:
            offers.append("STARTTLS")
        if self.knobs.users and (self.wire.encrypted or self.knobs.mode == "plain" or self.profile.auth_before_tls):
            offers += self.profile.auth_lines if self.knobs.auth_lines is None else self.knobs.auth_lines
        return offers

    def _offered(self):
        return [each.replace("=", " ").split()[0] for each in self._offers_now()]

    # What is said, and what goes wrong while saying it.

    def _answer(self, stage, reply, text="", extra=b""):
        """True if the reply was a good one."""
        return self._say(stage, reply, self.emulator.fault(stage, text), extra)

    def _say(self, stage, reply, fault, extra=b""):
        if fault:
            reply = fault.reply or reply
            fault.wait(self.emulator.stopping)
        data = fault.raw if fault and fault.raw else reply.encode("utf-8", "surrogateescape") + b"\r\n"
        self.journal.add("reply", c=self.number, stage=stage, reply=data.decode("latin-1").strip())
        if fault and fault.then == "drop_before_reply":
            raise Ended("dropped before the reply to " + stage)
        if fault and fault.then == "drop_mid_reply":
            self.wire.send(data[:fault.bytes])
            raise Ended("dropped in the middle of the reply to " + stage)
        if fault and fault.then == "reset":
            self.wire.reset()
            raise Ended("reset at " + stage)
        self.wire.send(data + extra)
        if fault and fault.then == "close":
            raise Ended("closed after the reply to " + stage)
        return reply[:1] in "23"

    def _fault_in_body(self, size):
        fault = self.emulator.fault("BODY", at_bytes=size)
        if fault:
            self._say("BODY", fault.reply or "421 4.3.2 Going down", fault)

    def _speak_of_idleness(self):
        self.journal.add("idle", c=self.number)
        if self.knobs.idle_reply:
            try:
                self.wire.send(self.knobs.idle_reply.encode() + b"\r\n")
            except OSError:
                pass

    def _start_tls(self):
        try:
            context = self.emulator.tls_context(lambda name: self.journal.add("sni", c=self.number, name=name))
            version = self.wire.start_tls(context)
        except (ssl.SSLError, OSError) as error:
            self.journal.add("tls_failed", c=self.number, error=str(error))
            raise Ended("TLS: %s" % error) from error
        self.journal.add("tls", c=self.number, version=version)

    def _violation(self, what):
        self.journal.add("violation", c=self.number, what=what)

    def _forget_transaction(self):
        self.sender = self.mail_line = None
        self.recipients, self.rcpt_lines = [], []


