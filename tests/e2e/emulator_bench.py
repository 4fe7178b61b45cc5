"""Asks an emulated provider line by line, over a bare socket: what it says is compared to the letter."""
import base64
import socket
import ssl
import tempfile
import unittest

from certificates import Certificates
from emulator import Emulator
from providers import BY_NAME

PASSWORD = "abcdefghijklmnop"
PATIENCE = 30


def b64(text):
    return base64.b64encode(text.encode()).decode()


def mail(sender, body="body", to="b@r.test", **fields):
    extra = "".join("%s: %s\r\n" % (name.replace("_", "-"), value) for name, value in fields.items())
    return "From: <%s>\r\nTo: <%s>\r\nSubject: hello\r\n%s\r\n%s\r\n" % (sender, to, extra, body)


class Talk:
    """One connection. Replies are text of single bytes, lines parted by CRLF, without the last CRLF; "" after the end."""

    def __init__(self, port, trust=None, host="localhost"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._trust, self._host = trust, host
        self._input = b""

    def secure(self):
        self._socket = self._trust.wrap_socket(self._socket, server_hostname=self._host, suppress_ragged_eofs=False)
        return self

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            line = self._line()
            if line is None:
                break
            lines.append(line)
        return "\r\n".join(lines)

    def send(self, text):
        self._socket.sendall(text.encode("utf-8", "surrogateescape"))

    def say(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def login(self, user, password=PASSWORD):
        """AUTH LOGIN; the last reply."""
        self.say("EHLO x.test")
        self.say("AUTH LOGIN")
        self.say(b64(user))
        return self.say(b64(password))

    def mail(self, sender, content, recipients=("b@r.test",)):
        """A whole message; the reply to the first command that was refused, or to the final dot."""
        for line in ["MAIL FROM:<%s>" % sender, *("RCPT TO:<%s>" % each for each in recipients), "DATA"]:
            said = self.say(line)
            if said[:1] not in ("2", "3"):
                return said
        self.send(content)
        return self.say(".")

    def rest(self):
        """Whatever comes until the end; and whether TLS was ended in order."""
        heard = self._input
        try:
            while data := self._socket.recv(65536):
                heard += data
        except (ssl.SSLError, ConnectionResetError):
            return heard, False
        return heard, True

    def close(self):
        self._socket.close()

    def _line(self):
        while b"\r\n" not in self._input:
            try:
                data = self._socket.recv(65536)
            except (ssl.SSLError, ConnectionResetError):
                data = b""
            if not data:
                return None
            self._input += data
        line, self._input = self._input.split(b"\r\n", 1)
        return line.decode("latin-1")


class Bench(unittest.TestCase):
    """Base of the emulator's tests: certificates made once a file, providers that end with the test."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="mailchute-emulator-")
        cls.certificates = Certificates(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def provider(self, name="qq", **knobs):
        knobs = {"provider": name, "users": {BY_NAME[name].user: PASSWORD}, **knobs}
        provider = Emulator(self.folder.name, certificates=self.certificates, **knobs)
        provider.start()
        self.addCleanup(provider.stop)
        return provider

    def talk(self, provider, greeting=True, starttls=True):
        """A connection, in TLS whatever the mode; the greeting is heard unless it is asked not to be."""
        trust = ssl.create_default_context(cafile=self.certificates.ca_file)
        # Some versions of Python take any end of a connection for an end of TLS, unless told not to.
        trust.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        talk = Talk(provider.port, trust)
        self.addCleanup(talk.close)
        if provider.knobs.mode == "tls":
            talk.secure()
        if greeting:
            talk.greeting = talk.reply()
        if provider.knobs.mode == "starttls" and starttls:
            talk.say("EHLO x.test")
            talk.say("STARTTLS")
            talk.secure()
        return talk

    def logged_in(self, provider):
        talk = self.talk(provider)
        said = talk.login(provider.provider.user)
        self.assertTrue(said.startswith("235"), said)
        return talk
