"""One connection of the emulated provider: lines in, replies out, in clear or in TLS.

Reads and writes happen on the connection's own thread only; another thread asks for something by `ask()`.
"""
import os
import select
import socket
import ssl
import struct
import threading

READ_BYTES = 65536
KEPT_BYTES = 1 << 20


class Ended(Exception):
    """The peer has gone, or the script says that it shall; in order, if TLS is to say good-bye too."""

    def __init__(self, why, in_order=False):
        super().__init__(why)
        self.in_order = in_order


class Idle(Exception):
    """Nothing came for as long as this provider waits."""


class Wire:
    """`chunking` "bytes:N" sends in pieces of N; `coalesce` holds replies back while commands wait; `slow_read` reads so many
    bytes in a hundredth of a second, through a small window."""

    def __init__(self, connection, chunking=None, coalesce=False, slow_read=0):
        self._socket = connection
        self._chunk = int(chunking.split(":")[1]) if chunking else 0
        self._coalesce, self._held = coalesce, bytearray()
        self._slow_read, self._pause = slow_read, threading.Event()
        if slow_read:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, slow_read)
        self._input = bytearray()
        self._asked, self._ask = socket.socketpair()
        self._requests = []
        self.received_in_clear = bytearray()
        self.bytes_in = 0

    @property
    def encrypted(self):
        return isinstance(self._socket, ssl.SSLSocket)

    def start_tls(self, context):
        """Plaintext that came with the STARTTLS line is dropped, as a careful server does."""
        self._input.clear()
        self._socket = context.wrap_socket(self._socket, server_side=True)
        return self._socket.version()

    def ask(self, request):
        """Any thread: `request(wire)` runs on the connection's thread while it waits for input."""
        self._requests.append(request)
        self._ask.send(b"!")

    def line(self, patience=None):
        """The next line with its end; Ended when the peer has gone, Idle after `patience` seconds of silence."""
        while b"\n" not in self._input:
            self._fill(patience)
        end = self._input.index(b"\n") + 1
        line = bytes(self._input[:end])
        del self._input[:end]
        return line

    def take(self, most=None):
        """Whatever has come, at least one byte."""
        if not self._input:
            self._fill(None)
        taken = bytes(self._input[:most])
        del self._input[:len(taken)]
        return taken

    def listen_only(self):
        """Until the peer has gone."""
        while True:
            self.take()

    def put_back(self, data):
        self._input[:0] = data

    def waiting(self, seconds=0.0):
        """How many bytes have come early, after waiting that long for the first of them."""
        if not self._input and self._readable(seconds):
            self._receive()
        return len(self._input)

    def send(self, data):
        self._held += data
        if not self._coalesce:
            self.flush()

    def flush(self):
        data, self._held = bytes(self._held), bytearray()
        step = self._chunk or len(data)
        for at in range(0, len(data), step or 1):
            self._socket.sendall(data[at:at + step])

    def send_raw(self, data):
        """Past TLS, onto the bare connection."""
        os.write(self._socket.fileno(), data)

    def close(self, notify=False):
        """Ends the connection; `notify`: TLS is ended first."""
        try:
            self.flush()
            if notify and self.encrypted:
                self._socket.settimeout(0)   # the peer's own good-bye is not waited for
                self._socket.unwrap()
        except (OSError, ValueError):
            pass
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._release()

    def reset(self):
        """Ends it with a RST."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self._release()

    def _release(self):
        for each in (self._socket, self._asked, self._ask):
            each.close()

    def _fill(self, patience):
        self.flush()
        if not self._readable(patience):
            raise Idle()
        self._receive()

    def _readable(self, patience):
        while True:
            if self.encrypted and self._socket.pending():
                return True
            ready = select.select([self._socket, self._asked], [], [], patience)[0]
            if self._asked in ready:
                self._asked.recv(1)
                self._requests.pop(0)(self)
            elif not ready:
                return False
            if self._socket in ready:
                return True

    def _receive(self):
        if self._slow_read:
            self._pause.wait(0.01)
        try:
            data = self._socket.recv(self._slow_read or READ_BYTES)
        except (ssl.SSLError, OSError) as error:
            raise Ended(str(error)) from error
        if not data:
            raise Ended("end of input")
        self.bytes_in += len(data)
        if not self.encrypted and len(self.received_in_clear) < KEPT_BYTES:
            self.received_in_clear += data
        self._input += data
