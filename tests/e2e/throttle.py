"""How often something may happen, on a clock that the caller reads: in a moving window, or on a calendar day.

Not locked: the emulator asks under its own lock.
"""
import collections


class Throttle:
    """At most `most` in any `window_s`; one more closes it for `hold_s`. `most` 0 is no limit at all.

    With `extends` every try while it is closed begins the hold anew, as QQ's locks do. Without a hold it opens as soon as
    the window has room.
    """

    def __init__(self, most, window_s, hold_s=0.0, extends=False):
        self.most, self.window_s, self.hold_s, self.extends = most, window_s, hold_s, extends
        self._times = collections.deque()
        self._closed_until = 0.0

    def allows(self, now):
        """Counts this try if it may happen."""
        if not self.most:
            return True
        while self._times and now - self._times[0] >= self.window_s:
            self._times.popleft()
        closed = now < self._closed_until
        if closed and self.extends:
            self._closed_until = now + self.hold_s
        if closed:
            return False
        if len(self._times) >= self.most:
            self._closed_until = now + self.hold_s
            return False
        self._times.append(now)
        return True

    def close(self, now):
        """Closes it at once, for whatever reason."""
        self._closed_until = now + self.hold_s

    def closed(self, now):
        """Looks, and neither counts nor extends."""
        return now < self._closed_until


class Daily:
    """At most `most` on a calendar day that begins at midnight `hours_east` of Greenwich. 0 is no limit."""

    def __init__(self, most, hours_east=0):
        self.most, self._offset_s = most, hours_east * 3600
        self._day, self._count = None, 0

    def allows(self, now, count=1):
        day = int((now + self._offset_s) // 86400)
        if day != self._day:
            self._day, self._count = day, 0
        if self.most and self._count + count > self.most:
            return False
        self._count += count
        return True
