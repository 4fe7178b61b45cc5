#!/usr/bin/env python3
"""Holds .dialog conversations with a running server: run_tcp.py HOST PORT FILES, or run_tcp.py unix PATH FILES

README.md beside this file has the language. Conversations that set options or speak for the store are left out, and what only memory can
see (messages, content, sender, recipients) is not looked at. Exit status 1 when one went otherwise, 64 for wrong usage.
"""

import fnmatch
import re
import socket
import sys

PATIENCE_SECONDS = 20  # For a reply; generous, since a wrong server fails by silence and a slow one must not.
SILENCE_SECONDS = 0.2  # How long nothing must come where nothing is due.
MEMORY_ONLY = {"option", "answer"}
UNSEEN = {"messages", "content", "sender", "recipients", "whole"}
ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
TOKEN = re.compile(
    r"\{(?P<run>\\x[0-9a-fA-F]{2}|\\[rnt0\\]|[^\\])\*(?P<count>[0-9]+)\}|(?P<byte>\\x[0-9a-fA-F]{2}|\\[rnt0\\])|(?P<text>.)", re.S)


class Otherwise(Exception):
    """The server did something that the conversation does not say."""


def byte_of(escape):
    if len(escape) == 1:
        return escape.encode()
    if escape.startswith("\\x"):
        return bytes([int(escape[2:], 16)])
    return ESCAPES[escape[1]]


def unescaped(text):
    out = b""
    for token in TOKEN.finditer(text):
        if token["run"]:
            out += byte_of(token["run"]) * int(token["count"])
        else:
            out += byte_of(token["byte"] or token["text"])
    return out


def read_steps(path):
    """The file's lines as (number, word, rest), with repetitions written out."""
    steps, block, times = [], 0, 0
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "repeat":
                block, times = len(steps), int(rest)
            elif word == "end":
                steps += steps[block:] * (times - 1)
            elif word and not word.startswith("#"):
                steps.append((number, word, rest))
    return steps


def connected(host, port):
    if host != "unix":
        return socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE_SECONDS)
    client.connect(port)
    return client


class Connection:
    def __init__(self, host, port):
        self.socket = connected(host, port)
        self.heard = b""
        self.ended = False
        self.burst = b""
        self.reply = []

    def flush(self):
        burst, self.burst = self.burst, b""
        if not burst:
            return
        try:
            self.socket.sendall(burst)
        except OSError:
            self.ended = True  # What was said before the close is still to be read.

    def listen(self, seconds):
        """Waits for more bytes; False when none came in time or will ever come."""
        self.socket.settimeout(seconds)
        try:
            more = self.socket.recv(65536)
        except socket.timeout:
            return False
        except OSError:
            more = b""
        self.ended = self.ended or not more
        self.heard += more
        return bool(more)

    def take_line(self):
        while b"\r\n" not in self.heard:
            if not self.listen(PATIENCE_SECONDS):
                raise Otherwise("the connection ended" if self.ended else "no reply came")
        line, self.heard = self.heard.split(b"\r\n", 1)
        if not re.match(rb"[2-5][0-9]{2}[ -]", line) or len(line) > 510:
            raise Otherwise(f"not a reply: {line!r}")
        return line.decode("ascii", "backslashreplace")

    def expect_reply(self, code, pattern):
        self.flush()
        self.reply = [self.take_line()]
        while self.reply[-1][3] == "-":
            self.reply.append(self.take_line())
        wrong = [line for line in self.reply if not line.startswith(code)]
        if wrong:
            raise Otherwise(f"the server said {wrong[0]!r}")
        # Only `*` is special in our patterns.
        literal = pattern.replace("[", "[[]").replace("?", "[?]")
        if not fnmatch.fnmatchcase(self.reply[-1][4:].lower(), literal.lower()):
            raise Otherwise(f"the server said {self.reply[-1]!r}")

    def expect_last_words(self, code, pattern):
        try:
            self.expect_reply(code, pattern)
        except Otherwise:
            # A close with bytes of ours unread takes the last words with it.
            if not self.ended or self.heard:
                raise

    def expect_line(self, text):
        if text not in [line[4:] for line in self.reply]:
            raise Otherwise("the reply has no such line")

    def expect_close(self):
        self.flush()
        while self.listen(PATIENCE_SECONDS):
            pass
        if self.heard:
            raise Otherwise(f"the server also said {self.heard!r}")
        if not self.ended:
            raise Otherwise("the connection is still open")

    def expect_silence(self):
        self.flush()
        if self.heard or self.listen(SILENCE_SECONDS):
            raise Otherwise(f"the server also said {self.heard!r}")
        if self.ended:
            raise Otherwise("the connection ended")

    def hang_up(self):
        self.flush()
        self.socket.shutdown(socket.SHUT_WR)


def carry_out(connection, word, rest):
    if word == "->":
        connection.burst += unescaped(rest) + b"\r\n"
    elif word == "=>":
        connection.burst += unescaped(rest)
    elif word in ("<-", "<?"):
        code, _, pattern = rest.partition(" ")
        (connection.expect_reply if word == "<-" else connection.expect_last_words)(code, pattern)
    elif word == "<+":
        connection.expect_line(rest)
    elif word == "<.":
        connection.expect_close() if rest == "closed" else connection.expect_silence()
    elif word == "hang-up":
        connection.hang_up()
    elif word not in UNSEEN:
        raise Otherwise("not of the language")


def hold(host, port, path):
    """True when it was held, False when only memory can hold it."""
    steps = read_steps(path)
    if any(word in MEMORY_ONLY for _, word, _ in steps):
        return False
    connection = Connection(host, port)
    with connection.socket:
        for number, word, rest in steps:
            try:
                carry_out(connection, word, rest)
            except Otherwise as why:
                raise Otherwise(f"{path}:{number}: {why}") from None
        connection.flush()
    return True


def main(arguments):
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 64
    host, port, *files = arguments
    failed = 0
    for path in files:
        try:
            held = hold(host, port, path)
            print(f"{path}: {'held' if held else 'left out, memory only'}")
        except Otherwise as why:
            failed += 1
            print(why, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
