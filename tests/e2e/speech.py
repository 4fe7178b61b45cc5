"""What the emulated provider says on one connection, and what goes wrong while it says it. On the connection's thread."""
import dataclasses

from wire import Ended

# An alert of TLS in clear: fatal, internal error. Amid encrypted records it ends any TLS connection.
_ALERT = b"\x15\x03\x03\x00\x02\x02\x50"
_ENDLESS_PIECE = b"250-and another line\r\n" * 200


class Speech:
    def __init__(self, emulator, wire, number):
        self._faults, self._journal = emulator.faults, emulator.journal
        self._clock, self._stopping = emulator.clock, emulator.stopping
        self._wire, self._number = wire, number

    def answer(self, stage, reply, text="", extra=b""):
        """Says it, or what the script has instead; `text` is what a fault may match. True if it was a good reply."""
        return self.say(stage, reply, self.fault(stage, text), extra)

    def fault(self, stage, text="", at_bytes=0):
        return self._faults.due(stage, text, at_bytes, self._number)

    def say(self, stage, reply, fault, extra=b""):
        self._stopping.wait(self._clock.ours(reply.delay_s) + (fault.delay if fault else 0))
        if fault and fault.reply:
            reply = dataclasses.replace(reply, text=fault.reply)
        data = reply.text.encode("utf-8", "surrogateescape") + b"x" * (fault.overlong if fault else 0)
        data = fault.raw if fault and fault.raw else data + b"\r\n" if data else b""
        self._journal.add("reply", c=self._number, stage=stage, reply=data.decode("latin-1").strip()[:2000])
        if fault and fault.then and fault.then != "close":
            self._fail(stage, data, fault)
        self._wire.send(data + extra)
        if reply.close or (fault and fault.then == "close"):
            raise Ended("closed after the reply to " + stage, in_order=True)
        return reply.good

    def unasked(self, text):
        """Said without a question; the peer may be gone."""
        try:
            self._wire.send(text.encode() + b"\r\n")
            self._wire.flush()
        except OSError:
            pass

    def _fail(self, stage, data, fault):
        if fault.then == "drop_mid_reply":
            self._wire.send(data[:fault.bytes])
        if fault.then == "reset":
            self._wire.reset()
        if fault.then == "tls_alert":
            self._wire.send_raw(_ALERT)
        if fault.then == "hang":
            self._wire.listen_only()
        while fault.then == "endless":
            self._wire.send(_ENDLESS_PIECE)
            self._wire.flush()
        raise Ended("%s at %s" % (fault.then, stage))
