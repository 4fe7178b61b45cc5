"""What was answered with 250 is still there when the power comes back, however often it goes.

Applications send and the provider takes while the power goes at any moment. Each time the daemon must start unaided on what the
disk kept. Nothing acknowledged may be lost; nothing may reach the provider twice, except what was on its way when the power went.

The short form is for every day; MAILCHUTE_CUTS=1000 is the long one, MAILCHUTE_SEED another way through it.
"""
import collections
import os
import random
import signal
import sqlite3
import threading
import time
import unittest

from application import Applications
from disk_image import DiskImage, own_mounts
from harness import EndToEnd

CUTS = int(os.environ.get("MAILCHUTE_CUTS", "15"))
SENDERS = 4
CONNECTIONS = 2


class PowerCut(EndToEnd):
    def setUp(self):
        own_mounts()
        super().setUp()
        self.disk = DiskImage(self.folder, 320 << 20)
        self.disk.mount()
        self.addCleanup(self.disk.unmount)

    def test_nothing_that_was_acknowledged_is_lost(self):
        seed = int(os.environ.get("MAILCHUTE_SEED", "1"))
        chance = random.Random(seed)
        provider = self.provider(keep_bytes=0)
        relay = self.daemon(provider, {"max_connections": CONNECTIONS}, log={"level": "info"},
                            queue={"path": os.path.join(self.disk.place, "queue.db"), "history": "1d"})
        applications = Applications(relay, SENDERS, seed)
        self.addCleanup(applications.stop)

        for _ in range(CUTS):
            self._wait_for_more(applications, chance.randrange(5, 60))
            self._cut(relay)
        self._wait_for_more(applications, 5)
        applications.stop()
        self._deliver_the_rest(relay)

        self._account(provider, relay, applications)

    def _wait_for_more(self, applications, count):
        wanted = applications.count() + count
        deadline = time.monotonic() + 60
        while applications.count() < wanted:
            self.assertLess(time.monotonic(), deadline, "nothing is taken any more")
            threading.Event().wait(0.001)

    def _cut(self, relay):
        """Whatever was answered was answered before: the daemon stands still when the power goes."""
        relay.signal(signal.SIGSTOP)
        relay.until(lambda: self._stands_still(relay.process.pid), "a process that stands still")
        self.disk.cut_power()
        relay.kill()
        self.disk.unmount()
        self.disk.mount()
        relay.start()

    @staticmethod
    def _stands_still(pid):
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/stat" % (pid, thread)) as file:
                if file.read().rsplit(")", 1)[1].split()[0] != "T":
                    return False
        return True

    def _deliver_the_rest(self, relay):
        relay.until(lambda: all(each["state"] == "held" for each in relay.queue()), "nothing left but held mail", 300 + CUTS)
        if relay.queue():
            relay.command("queue", "release", "--all", "--yes")    # in doubt twice: for a person to decide
        relay.until_empty(timeout=300)
        self.assertEqual(relay.stop(), 0)

    def _account(self, provider, relay, applications):
        copies = collections.Counter(each["token"] for each in provider.journal.all("message", accepted=True))
        acknowledged, unanswered = applications.acknowledged(), applications.unanswered()
        extra = sum(count - 1 for count in copies.values())
        print("%s: %d acknowledged, %d unanswered, %d cuts, %d extra copies"
              % (self.disk.kind, len(acknowledged), len(unanswered), CUTS, extra))

        self.assertEqual(acknowledged - set(copies), set(), "acknowledged and lost")
        self.assertEqual(set(copies) - acknowledged - unanswered, set(), "never sent")
        self.assertLessEqual(extra, CUTS * CONNECTIONS, "more copies than messages that were on their way")
        with sqlite3.connect(relay.settings["queue"]["path"]) as queue:
            self.assertEqual(queue.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        queue.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
