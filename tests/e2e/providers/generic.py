"""A plain, correct server, and what every other provider is a deviation from.

The hooks are called under the emulator's lock, in the order of a conversation; each returns the Reply. What the protocol
itself forbids, session.py has refused before.
"""
import knobs
from reply import Reply


class Generic:
    Knobs = knobs.Knobs
    profile = None                       # the daemon's profile of this provider; None: custom
    user = "relay@corp.test"             # a login as this provider has them
    host = "provider.test"
    offers = ("PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8")
    ehlo_last = None                     # a last line of EHLO that is no extension
    auth_lines = ("AUTH PLAIN LOGIN",)
    mechanisms = ("LOGIN", "PLAIN")      # those that it understands
    mechanism_case_matters = False
    plain_needs_initial = False
    auth_before_tls = False
    offers_starttls_in_tls = False
    must_starttls_first = False          # for MAIL too, not for AUTH alone
    needs_hello = False
    sender_is_login = False
    closes_on_refusal = 0                # after that many refused logins on a connection; 0: never
    close_notify = True
    mute = False                         # takes the connection and never speaks
    texts = {
        "GREETING": "220 <host> ESMTP",
        "HELO": "250 <host>",
        "EHLO": "<host>",
        "STARTTLS": "220 2.0.0 Ready to start TLS",
        "starttls_again": "503 5.5.1 TLS is on already",
        "must_starttls": "530 5.7.0 Must issue a STARTTLS command first",
        "need_hello": "503 5.5.1 Send hello first",
        "prompt_user": "334 VXNlcm5hbWU6",
        "prompt_password": "334 UGFzc3dvcmQ6",
        "prompt_plain": "334 ",
        "login_ok": "235 2.7.0 Authentication successful",
        "login_bad": "535 5.7.8 Authentication credentials invalid",
        "mechanism": "504 5.5.4 Unrecognized authentication type",
        "xoauth2_malformed": "501 5.5.2 Cannot decode response",
        "xoauth2_challenge": None,       # what an expired token is told before it is refused
        "cancelled": "501 5.7.0 Authentication cancelled",
        "second_login": "503 5.5.1 Already authenticated",
        "unauthenticated": "530 5.7.0 Authentication required",
        "MAIL": "250 2.1.0 Sender ok",
        "second_mail": "503 5.5.1 Sender already specified",
        "bad_mail": "501 5.5.4 Syntax error in parameters",
        "bad_parameter": "555 5.5.4 Unsupported option",
        "sender_mismatch": "553 5.7.1 Sender address rejected: not owned by user",
        "RCPT": "250 2.1.5 Recipient ok",
        "bad_rcpt": "501 5.1.3 Bad recipient address syntax",
        "bad_sequence": "503 5.5.1 Bad sequence of commands",
        "DATA": "354 End data with <CR><LF>.<CR><LF>",
        "BDAT": "250 2.0.0 OK",
        "EOD": "250 2.0.0 Ok: queued",
        "bad_from": "550 5.7.1 From header not allowed",
        "no_recipient": "550 5.1.1 No such user",
        "too_large_announced": "552 5.3.4 Message too big",
        "too_large": "552 5.3.4 Message too big",
        "crowded": "421 4.7.0 Too many connections",
        "enough_messages": None,         # said to the MAIL after the last; None: closed without a word after the last
        "RSET": "250 2.0.0 Ok",
        "NOOP": "250 2.0.0 Ok",
        "QUIT": "221 2.0.0 Bye",
        "unknown": "502 5.5.2 Command not recognized",
    }

    def __init__(self, settings, clock):
        self.knobs, self.clock = settings, clock
        self._ids = 0

    def text(self, name, /, **facts):
        return self.filled(self.texts[name], **facts)

    def filled(self, words, /, **facts):
        """The wording with its <host>, <id>, <unixtime> and what else is given put in."""
        self._ids += 1
        facts = {"host": self.host, "id": self.an_id(self._ids), "unixtime": int(self.clock.now()), **facts}
        for key, value in facts.items():
            words = words.replace("<%s>" % key, str(value))
        return words

    def reply(self, name, /, **facts):
        return Reply(self.text(name, **facts))

    def farewell(self, name, /, **facts):
        return Reply(self.text(name, **facts), close=True)

    def an_id(self, number):
        """The shape of this provider's ids."""
        return "%06X" % number

    def greet(self, session):
        if self.knobs.connections_most and session.emulator.open_now > self.knobs.connections_most:
            return self.farewell("crowded")
        return self.reply("GREETING")

    def before(self, session, verb):
        """A refusal whatever the command's argument, or None."""
        if self.needs_hello and not session.greeted and verb not in ("EHLO", "HELO", "QUIT"):
            return self.reply("need_hello")
        return None

    def refuse_ehlo(self, session, name):
        """A refusal for the client's name, or None."""
        return None

    def login_verdict(self, session, user, right):
        """`right`: the credential is the one that the knobs name."""
        return self.reply("login_ok" if right else "login_bad")

    def mail(self, session, sender):
        if self.sender_is_login and sender.lower() != (session.login or "").lower():
            return self.reply("sender_mismatch", sender=sender, login=session.login)
        return self.reply("MAIL")

    def rcpt(self, session, recipient):
        if recipient in self.knobs.refuse_recipients:
            return Reply(self.knobs.refuse_recipients[recipient])
        return self.reply("RCPT")

    def content(self, session, message):
        """The verdict on a whole message."""
        if message.size > session.extensions.size_max():
            return self.reply("too_large")
        if any(each in self.knobs.nonexistent for each in session.transaction.recipients):
            return self.reply("no_recipient")
        return self.reply("EOD")

    def while_reading(self, message):
        """True: the connection ends in the middle of this content."""
        return False
