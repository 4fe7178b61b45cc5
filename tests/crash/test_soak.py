"""Many days in one: mail all the time, a provider with moods, strangers at the port, and a daemon that must not grow.

Nothing that was answered with 250 is lost, nothing comes twice that the history does not call in doubt, and memory, threads
and descriptors stay what they were. Forty seconds at forty messages a second is for every day; a real day at one a second is
`MAILCHUTE_SOAK_SECONDS=86400 MAILCHUTE_SOAK_RATE=1`. `MAILCHUTE_SEED=N` makes other weather.
"""
import collections
import os
import random
import socket
import struct
import threading
import time
import unittest

from application import Applications, in_doubt, queue_id
from harness import PASSWORD, SIGHUP, EndToEnd, plain_mail

SECONDS = float(os.environ.get("MAILCHUTE_SOAK_SECONDS", "40"))
RATE = float(os.environ.get("MAILCHUTE_SOAK_RATE", "40"))
SENDERS = 4
STEP = 2.0                      # seconds of one weather
BETWEEN_REFUSED_LOGINS = 1200   # seconds: fewer than the six an hour after which the account is spared
CACHES_FILL_S = 180             # at forty messages a second
GROWTH_KIB_A_MINUTE = 1
MOST_KIB = 12 * 1024            # of its own, caches filled


class Soak(EndToEnd):
    def test_it_does_not_grow_and_loses_nothing(self):
        self.chance = random.Random(int(os.environ.get("MAILCHUTE_SEED", "1")))
        self.provider_ = self.provider(keep_bytes=0)
        unlimited = {"messages": "100000000/day", "recipients": "100000000/day"}
        self.relay = self.daemon(self.provider_, {"max_connections": 3, "messages_per_connection": 50, "idle_close": "2s",
                                                  "quota": unlimited},
                                 cooldown={"connect_first": "1s", "connect_max": "1s"}, log={"level": "warning"})
        self.relay.send(plain_mail(X_Token="first"))
        self.relay.until_empty()    # what is opened once is open now
        descriptors, threads = self._descriptors(), self._threads()

        self._assert_no_growth(self._live())
        self._clear_up()
        self._account()
        self.relay.until(lambda: self._descriptors() <= descriptors, "the descriptors of before")
        self.assertLessEqual(self._threads(), threads + 4, "libuv's pool is the only one")

    def _live(self):
        """Weather after weather until the time is over; (seconds, KiB of its own) after each."""
        self.applications = Applications(self.relay, SENDERS, self.chance.randrange(1 << 30), pause=SENDERS / RATE)
        began, samples, refuse_at = time.monotonic(), [], min(SECONDS / 2, BETWEEN_REFUSED_LOGINS)
        clock = threading.Event()
        while time.monotonic() - began < SECONDS:
            if time.monotonic() - began > refuse_at:
                refuse_at += BETWEEN_REFUSED_LOGINS
                self._refuse_a_login()
            self.chance.choice(self.WEATHER)(self)
            self._disturb()
            clock.wait(STEP)
            samples.append((time.monotonic() - began, self.relay.memory_kib("RssAnon")))
        self.applications.stop()
        return samples

    def _calm(self):
        self.provider_.set_faults([])

    def _busy(self):
        self.provider_.set_faults([{"at": "EOD", "nth": list(range(1, 200, 3)), "reply": "451 4.3.0 try again later"}])

    def _forgetful(self):
        self.provider_.set_faults([{"at": "EOD", "nth": self.chance.randrange(1, 9), "then": "drop_before_reply"}])

    def _rude(self):
        self.provider_.set_faults([{"at": "RCPT", "nth": list(range(2, 100, 7)), "then": "reset"},
                                   {"at": "MAIL", "nth": list(range(5, 100, 7)), "then": "drop_mid_reply", "bytes": 2}])

    def _slow(self):
        self.provider_.set_faults([{"at": "EOD", "delay": 0.2}])

    def _outage(self):
        self.provider_.stop()
        threading.Event().wait(STEP)
        self.provider_.start()

    def _cut(self):
        self.provider_.cut_all()

    def _reload(self):
        self.relay.signal(SIGHUP)

    WEATHER = (_calm, _calm, _busy, _forgetful, _rude, _slow, _outage, _cut, _reload)

    def _refuse_a_login(self):
        """The code is revoked; a person mends it a little later."""
        self.provider_.knobs.users = {user: PASSWORD + "2" for user in self.provider_.knobs.users}
        refused = self.provider_.journal.count("login", ok=False)
        self.provider_.cut_all()
        self.provider_.journal.wait("login", refused + 1, ok=False)
        self.provider_.knobs.users = {user: PASSWORD for user in self.provider_.knobs.users}
        self.relay.command("upstream", "resume", "main")

    def _disturb(self):
        """Who comes to a port: somebody who hangs up, a browser, half a message; and a person who looks."""
        for said in (b"", b"GET / HTTP/1.1\r\n\r\n", b"HELO x\r\nMAIL FROM:<a@s.test>\r\nRCPT TO:<b@r.test>\r\nDATA\r\nhalf"):
            with socket.create_connection(("127.0.0.1", self.relay.port), 5) as stranger:
                stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                stranger.sendall(said)
        self.relay.command(*self.chance.choice([("status", "--json"), ("queue", "list", "--json"), ("doctor", "--json")]), check=False)

    def _clear_up(self):
        self.provider_.set_faults([])
        self.relay.until(lambda: all(each["state"] == "held" for each in self.relay.queue()), "nothing left but held mail", 180)
        if self.relay.queue():
            self.relay.command("queue", "release", "--all", "--yes")    # in doubt twice: for a person to decide
        self.relay.until_empty(timeout=180)

    def _account(self):
        copies = collections.defaultdict(list)
        for each in self.provider_.journal.all("message", accepted=True):
            copies[each["token"]].append(each)
        del copies["first"]
        doubled = [token for token, each in copies.items() if len(each) > 1]
        acknowledged, unanswered = self.applications.acknowledged(), self.applications.unanswered()
        print("%d acknowledged, %d unanswered, %d came twice" % (len(acknowledged), len(unanswered), len(doubled)))

        self.assertGreater(len(acknowledged), SECONDS * RATE / 4)
        self.assertEqual([token for token in acknowledged if token not in copies], [], "acknowledged and lost")
        self.assertEqual(set(copies) - acknowledged - unanswered, set(), "never sent")
        self.assertEqual([token for token in doubled if not in_doubt(self.relay, queue_id(copies[token][0]))], [],
                         "doubled without a mark")
        self.assertEqual(self.provider_.journal.all("violation"), [])

    def _descriptors(self):
        return len(self.relay.descriptors())

    def _threads(self):
        return len(os.listdir("/proc/%d/task" % self.relay.process.pid))

    def _assert_no_growth(self, samples):
        """By the straight line through what comes once the caches are full; a run that ends before has a ceiling alone."""
        peak = max(kib for _, kib in samples)
        print("at most %d KiB of its own" % peak)
        self.assertLess(peak, MOST_KIB, samples)
        late = [each for each in samples if each[0] > max(CACHES_FILL_S, SECONDS / 3)]
        if len(late) * STEP < CACHES_FILL_S:
            return
        growth = 60 * _slope(late)
        print("%.2f KiB a minute over %.0f minutes" % (growth, (late[-1][0] - late[0][0]) / 60))
        self.assertLess(growth, GROWTH_KIB_A_MINUTE, samples)


def _slope(points):
    """KiB a second, by least squares."""
    count = len(points)
    mean_x, mean_y = (sum(each) / count for each in zip(*points))
    return (sum((x - mean_x) * (y - mean_y) for x, y in points)
            / sum((x - mean_x) ** 2 for x, _ in points))


if __name__ == "__main__":
    unittest.main(verbosity=2)
