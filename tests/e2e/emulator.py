#!/usr/bin/env python3
"""A mail provider on loopback that speaks like a real one and fails on request; Python's standard library only.

It shares no code with the daemon, so that a misreading of SMTP cannot be made twice and cancel out. In a test:

    with Emulator(folder, provider="qq", users={"10001@qq.com": "secret"}) as provider:
        provider.set_faults([{"at": "EOD", "nth": [3], "then": "drop_before_reply"}])
        provider.journal.wait("message", count=5)

By hand: emulator.py --provider qq --port 2465 --user 10001@qq.com --password-file FILE [--script FILE]
"""
import argparse
import base64
import collections
import dataclasses
import json
import signal
import socket
import ssl
import tempfile
import threading
import time

import profiles
from certificates import KINDS, Certificates
from journal import Journal
from session import Session
from wire import Ended


@dataclasses.dataclass
class Knobs:
    """What a script may turn; the names are those of the JSON script."""
    provider: str = "generic"
    mode: str = "tls"                    # tls | starttls | plain
    users: dict = dataclasses.field(default_factory=dict)
    certificate: str = "good"            # one of certificates.KINDS
    tls_max: str = "1.3"
    extensions: list = None              # instead of the profile's EHLO lines, without AUTH and STARTTLS
    auth_lines: list = None              # instead of the profile's
    plain: str = "ok"                    # ok | refuse
    refuse_recipients: dict = dataclasses.field(default_factory=dict)   # address -> reply at RCPT
    nonexistent: list = dataclasses.field(default_factory=list)         # the whole message is refused after the dot
    reply_chunking: str = None           # "bytes:1": replies go out in pieces of that size
    lockstep_probe_s: float = 0.0        # waited before each reply, to catch what comes too early
    quit: str = "normal"                 # normal | none | garbage
    idle_s: float = None                 # silence after which this side ends the connection
    idle_reply: str = ""                 # said then, unasked
    messages_per_connection: int = 0     # 0: any
    logins_per_window: int = 0           # 0: any; more are refused until the window has passed without an attempt
    window_s: float = 900.0
    starttls_strip: bool = False
    starttls_inject: str = ""            # sent in clear, in one piece with the reply to STARTTLS
    keep_bytes: int = 65536              # contents up to this size stand in the journal


class Fault:
    """One thing that goes wrong: at a stage, the n-th time, or where the text matches."""

    def __init__(self, at, nth=None, match=None, reply=None, then=None, delay=0.0, raw=None, bytes=0, record=True,
                 after_bytes=0):
        self.at, self.nth, self.match = at, nth, match
        self.reply, self.then, self.delay, self.bytes = reply, then, delay, bytes
        self.raw = base64.b64decode(raw) if raw else None
        self.after_bytes = after_bytes
        self.silent = then in ("drop_before_reply", "drop_mid_reply", "reset")
        self.lost = self.silent and not record   # the provider keeps nothing of it
        self.spent = False

    def applies(self, count, text, at_bytes):
        if self.spent:
            return False
        if self.nth is not None and count not in (self.nth if isinstance(self.nth, list) else [self.nth]):
            return False
        return (self.match is None or self.match in text) and at_bytes >= self.after_bytes

    def wait(self, stopping):
        if self.delay:
            stopping.wait(self.delay)


class Emulator:
    """Serves from start() to stop(), each connection on a thread of its own."""

    def __init__(self, folder, journal_path=None, port=0, certificates=None, **knobs):
        self.knobs = Knobs(**knobs)
        self.profile = profiles.BY_NAME[self.knobs.provider]()
        self.journal = Journal(journal_path)
        self.certificates = certificates or Certificates(folder)
        self.port = port
        self.stopping = threading.Event()
        self.open_now = self.open_most = 0
        self._lock = threading.Lock()
        self._faults, self._counts = [], collections.Counter()
        self._connections, self._sessions = 0, {}
        self.heard_in_clear = []             # of every connection, what came outside TLS
        self._logins, self._locked_until = collections.defaultdict(list), {}
        self._listener = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Listens, on the same port as before if there was one."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def stop(self):
        """An outage: connections are refused from now on and those that stand are cut. start() ends it."""
        if self._listener:
            # shutdown() wakes the thread in accept(); close() alone would leave the port listening until it returns.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut_all()

    def cut_all(self):
        """Cuts every connection with a reset."""
        with self._lock:
            sessions = list(self._sessions.values())
        for each in sessions:
            try:
                each.wire.ask(_cut)
            except OSError:
                pass

    def say_to_all(self, data, close=True):
        """Says something unasked on every connection that waits for a command, and closes it."""
        def speak(wire):
            wire.send(data)
            if close:
                raise Ended("said to all")
        with self._lock:
            sessions = list(self._sessions.values())
        for each in sessions:
            each.wire.ask(speak)

    def set_faults(self, faults):
        """Replaces the faults; `nth` counts from now."""
        with self._lock:
            self._faults = [Fault(**each) for each in faults]
            self._counts.clear()

    def fault(self, stage, text="", at_bytes=0):
        """Counts the stage and returns the first fault that applies to it, or None."""
        with self._lock:
            self._counts[stage] += 1
            for each in self._faults:
                if each.at == stage and each.applies(self._counts[stage], text, at_bytes):
                    each.spent = stage == "BODY"   # asked for with every piece of content, it happens once
                    return each
        return None

    def login_allowed(self, user):
        """A login too many locks the account; each try while it is locked locks it anew."""
        if not self.knobs.logins_per_window:
            return True
        now = time.monotonic()
        with self._lock:
            recent = [t for t in self._logins[user] if now - t < self.knobs.window_s]
            locked = self._locked_until.get(user, 0) > now or len(recent) >= self.knobs.logins_per_window
            if locked:
                self._locked_until[user] = now + self.knobs.window_s
            else:
                recent.append(now)
            self._logins[user] = recent
            return not locked

    def tls_context(self, on_name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = {"1.3": ssl.TLSVersion.TLSv1_3, "1.2": ssl.TLSVersion.TLSv1_2,
                                   "1.1": ssl.TLSVersion.TLSv1_1}[self.knobs.tls_max]
        if self.knobs.tls_max == "1.1":
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(*self.certificates.pair(self.knobs.certificate))
        context.sni_callback = lambda _socket, name, _context: on_name(name) and None
        return context

    def _serve(self, listener):
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections += 1
                number = self._connections
                self.open_now += 1
                self.open_most = max(self.open_most, self.open_now)
            self.journal.add("connect", c=number, peer="%s:%d" % peer)
            threading.Thread(target=self._converse, args=(connection, number), daemon=True).start()

    def _converse(self, connection, number):
        fault = self.fault("CONNECT")
        session = Session(self, connection, number)
        self.heard_in_clear.append(session.wire.received_in_clear)
        with self._lock:
            self._sessions[number] = session
        try:
            if fault and fault.then == "hang":
                self.stopping.wait(fault.delay)
            if fault:
                session.wire.reset()
            else:
                session.run()
        finally:
            with self._lock:
                del self._sessions[number]
                self.open_now -= 1


def _cut(wire):
    wire.reset()
    raise Ended("cut")


def main():
    options = _options()
    script = json.load(open(options.script)) if options.script else {}
    faults = script.pop("faults", [])
    knobs = {"provider": options.provider, "mode": options.mode, "certificate": options.certificate, **script}
    if options.user:
        knobs.setdefault("users", {})[options.user] = open(options.password_file).read().rstrip("\n")
    with tempfile.TemporaryDirectory(prefix="emulator-") as folder:
        provider = Emulator(folder, options.journal, options.port, **knobs)
        provider.set_faults(faults)
        provider.start()
        print("listening 127.0.0.1:%d\nca_file %s" % (provider.port, provider.certificates.ca_file), flush=True)
        signal.signal(signal.SIGHUP, lambda *_: provider.set_faults(json.load(open(options.script)).get("faults", [])))
        signal.signal(signal.SIGTERM, lambda *_: provider.stopping.set())
        try:
            while not provider.stopping.wait(3600):
                pass
        except KeyboardInterrupt:
            pass
        provider.stop()


def _options():
    parser = argparse.ArgumentParser(description="A mail provider on loopback that fails on request.")
    parser.add_argument("--provider", choices=sorted(profiles.BY_NAME), default="generic")
    parser.add_argument("--mode", choices=("tls", "starttls", "plain"), default="tls")
    parser.add_argument("--certificate", choices=KINDS, default="good")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password-file")
    parser.add_argument("--script", help="JSON: knobs and faults; SIGHUP reads the faults again")
    parser.add_argument("--journal", default=None, help="JSON lines of everything seen")
    return parser.parse_args()


if __name__ == "__main__":
    main()
