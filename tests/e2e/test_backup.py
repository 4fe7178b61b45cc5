"""`backup`: a whole queue in a file of one's own, whatever the daemon is doing meanwhile."""
import json
import os
import sqlite3
import stat
import threading
import unittest

from harness import EndToEnd, plain_mail


class Backup(EndToEnd):
    def setUp(self):
        super().setUp()
        self.upstream_side = self.provider()
        self.upstream_side.stop()
        self.relay = self.daemon(self.upstream_side)
        self.copy = os.path.join(self.folder, "copy.db")

    def test_a_copy_made_under_load_is_whole(self):
        stop = threading.Event()
        senders = [threading.Thread(target=self._send_until, args=(stop,)) for _ in range(3)]
        for each in senders:
            each.start()
        try:
            self.relay.until(lambda: len(self.relay.queue()) > 20, "a queue of some length")
            copies = [self._backup("copy%d.db" % n) for n in range(4)]
        finally:
            stop.set()
            for each in senders:
                each.join()

        counts = [self._look_into(path) for path in copies]
        self.assertEqual(counts, sorted(counts))
        self.assertGreater(counts[0], 20)

    def test_a_copy_takes_the_place_of_the_queue(self):
        for n in range(5):
            self.relay.send(plain_mail(subject="mail %d" % n))
        told = json.loads(self.relay.command("backup", self.copy, "--json").stdout)
        self.relay.stop()
        for name in ("queue.db", "queue.db-wal", "queue.db-shm", "queue.db.lock", "queue.db.sent"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                os.unlink(path)
        os.rename(self.copy, os.path.join(self.folder, "queue.db"))

        self.upstream_side.start()
        self.relay.start()

        self.assertEqual((told["schema"], told["messages"]), (1, 5))
        self.upstream_side.journal.wait("message", count=5, accepted=True)
        self.relay.until_empty()

    def test_it_works_with_the_daemon_down(self):
        self.relay.send(plain_mail())
        self.relay.stop()

        done = self.relay.command("backup", self.copy)

        self.assertIn("1 message waiting", done.stdout)
        self.assertEqual(self._look_into(self.copy), 1)
        self.assertEqual(stat.S_IMODE(os.stat(self.copy).st_mode), 0o600)
        self.relay.start()

    def test_nothing_is_overwritten_and_no_link_followed(self):
        with open(self.copy, "w") as file:
            file.write("somebody's")
        link, target = os.path.join(self.folder, "link"), os.path.join(self.folder, "target")
        os.symlink(target, link)

        for path in (self.copy, link):
            done = self.relay.command("backup", path, check=False)
            self.assertEqual(done.returncode, 73, done.stderr)
            self.assertIn("next: mailchute backup", done.stderr)

        with open(self.copy) as file:
            self.assertEqual(file.read(), "somebody's")
        self.assertFalse(os.path.lexists(target))

    def test_nothing_is_left_of_one_that_cannot_be_made(self):
        before = set(os.listdir(self.folder))
        done = self.relay.command("backup", os.path.join(self.folder, "missing", "copy.db"), check=False)
        self.assertEqual(done.returncode, 73)
        self.assertEqual(self.relay.command("backup", check=False).returncode, 64)
        self.assertEqual(set(os.listdir(self.folder)) - before, set())

    def _send_until(self, stop):
        with self.relay.smtp() as client:
            while not stop.is_set():
                client.sendmail("a@s.test", ["b@r.test"], plain_mail(body="x" * 20000 + "\r\n"))

    def _backup(self, name):
        path = os.path.join(self.folder, name)
        self.relay.command("backup", path)
        return path

    def _look_into(self, path):
        """By SQLite's own means: whole, and how many messages."""
        with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as copy:
            self.assertEqual(copy.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(copy.execute("PRAGMA foreign_key_check").fetchall(), [])
            count = copy.execute("SELECT count(*) FROM message").fetchone()[0]
            self.assertEqual(copy.execute("SELECT count(DISTINCT message) FROM recipient").fetchone()[0], count)
        return count


if __name__ == "__main__":
    unittest.main()
