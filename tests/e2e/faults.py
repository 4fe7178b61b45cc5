"""What goes wrong, as told by a script: at a stage, the n-th time, on one connection, or where a text matches."""
import base64
import collections
import threading

# What a fault does to the connection, in `then`. The first four say nothing, or not all, of the reply.
THEN = ("drop_before_reply", "drop_mid_reply", "reset", "hang", "tls_alert", "endless", "close")
_SILENT = THEN[:5]


class Fault:
    """One line of the script. `delay` is in our seconds; `bytes` is where drop_mid_reply cuts; `raw` is base64 and sent as
    it is; `overlong` bytes are added to the reply's last line; `record` false: the provider keeps nothing of a message
    whose reply is lost; `c` is the number of a connection; `after_bytes` is of BODY."""

    def __init__(self, at, nth=None, match=None, reply=None, then=None, delay=0.0, raw=None, bytes=0, record=True,
                 after_bytes=0, overlong=0, c=None):
        if then is not None and then not in THEN:
            raise ValueError("a fault cannot %r" % then)
        self.at, self.match, self.reply, self.then = at, match, reply, then
        self.delay, self.bytes, self.overlong, self.after_bytes = delay, bytes, overlong, after_bytes
        self.raw = base64.b64decode(raw) if raw else None
        self.silent = then in _SILENT
        self.lost = self.silent and not record
        self._nth, self._connections = _as_list(nth), _as_list(c)
        self._spent = False

    def applies(self, count, text, at_bytes, connection):
        return (not self._spent and (self._nth is None or count in self._nth)
                and (self._connections is None or connection in self._connections)
                and (self.match is None or self.match in text) and at_bytes >= self.after_bytes)

    def happens(self):
        """BODY is asked for with every piece of content, and goes wrong once."""
        self._spent = self.at == "BODY"
        return self


class Faults:
    """The script's faults and the counts they go by. Any thread."""

    def __init__(self):
        self._lock = threading.Lock()
        self.set([])

    def set(self, faults):
        """Replaces them; `nth` counts from now."""
        with self._lock:
            self._faults = [Fault(**each) for each in faults]
            self._counts = collections.Counter()

    def due(self, stage, text="", at_bytes=0, connection=None):
        """Counts the stage, and returns the first fault that applies to it, or None."""
        with self._lock:
            self._counts[stage] += 1
            for each in self._faults:
                if each.at == stage and each.applies(self._counts[stage], text, at_bytes, connection):
                    return each.happens()
        return None


def _as_list(value):
    return value if value is None or isinstance(value, list) else [value]
