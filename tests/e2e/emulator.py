#!/usr/bin/env python3
"""A mail provider on loopback that speaks like a real one and fails on request; Python's standard library only.

It shares no code with the daemon, so that a misreading of SMTP cannot be made twice and cancel out. In a test:

    with Emulator(folder, provider="qq", users={"10001@qq.com": "secret"}, time_scale=60) as provider:
        provider.set_faults([{"at": "EOD", "nth": [3], "then": "drop_before_reply"}])
        provider.journal.wait("message", count=5)

What it makes of a client stands in providers/, what may be turned in knobs.py, what may go wrong in faults.py. By hand:

    emulator.py --provider qq --port 2465 --user 10001@qq.com --password-file FILE [--script FILE]
"""
import argparse
import json
import signal
import socket
import ssl
import tempfile
import threading

import providers
from certificates import KINDS, Certificates
from clock import Clock
from faults import Faults
from journal import Journal
from session import Session
from wire import Ended


class Emulator:
    """Serves from start() to stop(), each connection on a thread of its own. `knobs` are those of the provider's Knobs."""

    def __init__(self, folder, journal_path=None, port=0, certificates=None, **knobs):
        kind = providers.BY_NAME[knobs.get("provider", "generic")]
        self.knobs = kind.Knobs(**knobs)
        self.clock = Clock(self.knobs.time_scale, self.knobs.now)
        self.provider = kind(self.knobs, self.clock)
        self.journal = Journal(journal_path, self.clock)
        self.certificates = certificates or Certificates(folder)
        self.port = port
        self.stopping = threading.Event()
        self.faults = Faults()
        self.open_now = self.open_most = 0   # connections
        self.lock = threading.RLock()
        self._connections, self._sessions = 0, {}
        self.heard_in_clear = []             # of every connection, what came outside TLS
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
        with self.lock:
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
        with self.lock:
            sessions = list(self._sessions.values())
        for each in sessions:
            each.wire.ask(speak)

    def set_faults(self, faults):
        """Replaces the faults; `nth` counts from now."""
        self.faults.set(faults)

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
            with self.lock:
                self._connections += 1
                number = self._connections
                self.open_now += 1
                self.open_most = max(self.open_most, self.open_now)
            self.journal.add("connect", c=number, peer="%s:%d" % peer, open=self.open_now)
            threading.Thread(target=self._converse, args=(connection, number), daemon=True).start()

    def _converse(self, connection, number):
        fault = self.faults.due("CONNECT", connection=number)
        session = Session(self, connection, number)
        self.heard_in_clear.append(session.wire.received_in_clear)
        with self.lock:
            self._sessions[number] = session
        try:
            if fault and fault.then == "hang":
                self.stopping.wait(fault.delay)
            if fault:
                session.wire.reset()
            else:
                session.run()
        finally:
            with self.lock:
                del self._sessions[number]
                self.open_now -= 1


def _cut(wire):
    wire.reset()
    raise Ended("cut")


def main():
    options = _options()
    script = json.load(open(options.script)) if options.script else {}
    faults = script.pop("faults", [])
    asked = {"provider": options.provider, "mode": options.mode, "certificate": options.certificate}
    knobs = {**{name: value for name, value in asked.items() if value is not None}, **script}
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
    parser.add_argument("--provider", choices=sorted(providers.BY_NAME), default="generic")
    parser.add_argument("--mode", choices=("tls", "starttls", "plain"), help="default: the provider's own")
    parser.add_argument("--certificate", choices=KINDS)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user")
    parser.add_argument("--password-file")
    parser.add_argument("--script", help="JSON: knobs and faults; SIGHUP reads the faults again")
    parser.add_argument("--journal", default=None, help="JSON lines of everything seen")
    return parser.parse_args()


if __name__ == "__main__":
    main()
