"""What the emulated provider saw, in order: one small dict an event, in memory and, if asked for, as JSON lines.

Tests wait for events here instead of sleeping. Any thread.
"""
import json
import threading
import time


class Journal:
    """`t` of an event is our time, `at` the provider's, both in seconds since 1970."""

    def __init__(self, path=None, clock=None):
        self._events = []
        self._changed = threading.Condition()
        self._file = open(path, "a", buffering=1) if path else None
        self._now = clock.now if clock else time.time

    def add(self, event, **facts):
        entry = {"event": event, "t": round(time.time(), 3), "at": round(self._now(), 3), **facts}
        with self._changed:
            self._events.append(entry)
            if self._file:
                self._file.write(json.dumps(entry) + "\n")
            self._changed.notify_all()
        return entry

    def all(self, event=None, **facts):
        """Every event of that kind whose members equal `facts`."""
        with self._changed:
            return [e for e in self._events if _matches(e, event, facts)]

    def count(self, event, **facts):
        return len(self.all(event, **facts))

    def wait(self, event, count=1, timeout=30, **facts):
        """Waits until `count` such events have happened and returns them; fails with the journal's end otherwise."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [e for e in self._events if _matches(e, event, facts)]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError("the provider saw %d of %d events %s %s; its journal ends:\n%s"
                                         % (len(found), count, event, facts, self._tail()))
                self._changed.wait(left)

    def _tail(self):
        return "\n".join(json.dumps(e)[:300] for e in self._events[-25:])


def _matches(entry, event, facts):
    return (event is None or entry["event"] == event) and all(entry.get(k) == v for k, v in facts.items())
