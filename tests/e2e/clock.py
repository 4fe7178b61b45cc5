"""The emulated provider's own clock: it may run faster than ours, and be set, so that hours of a provider's patience fit
into a test. Any thread.
"""
import datetime
import threading
import time


class Clock:
    """Times are seconds since 1970. `scale` 60: one of our seconds is a minute here."""

    def __init__(self, scale=1.0, now=None):
        self.scale = scale
        self._lock = threading.Lock()
        self.set(time.time() if now is None else now)

    def now(self):
        with self._lock:
            return self._base + (time.monotonic() - self._since) * self.scale

    def set(self, now):
        """A number, or ISO 8601 text with its offset: "2026-11-23T23:59:00+08:00"."""
        if isinstance(now, str):
            now = datetime.datetime.fromisoformat(now).timestamp()
        with self._lock:
            self._base, self._since = now, time.monotonic()

    def advance(self, seconds):
        """Waits already under way end as they would have; windows and quotas see the new time at once."""
        with self._lock:
            self._base += seconds

    def ours(self, seconds):
        """How many of our seconds pass while `seconds` pass here; None stays None."""
        return None if seconds is None else seconds / self.scale
