"""Restarts in a row while mail keeps coming: the port is never shut, and what was answered with 250 arrives (P019).

The short form is for every day; `MAILCHUTE_RESTARTS=1000` is the long one.
"""
import collections
import os
import smtplib
import socket
import threading
import unittest

from harness import EndToEnd, plain_mail

RESTARTS = int(os.environ.get("MAILCHUTE_RESTARTS", "30"))
APPS = 3


class App(threading.Thread):
    """Sends one message after the other, each over a connection of its own; what was not taken is sent under a new name."""

    def __init__(self, relay, name, enough):
        super().__init__(daemon=True)
        self.relay, self.name, self.enough = relay, name, enough
        self.taken, self.turned_away, self.refused = [], 0, []

    def run(self):
        number = 0
        while not self.enough.is_set():
            token, number = "%s-%d" % (self.name, number), number + 1
            try:
                self.relay.send(plain_mail(X_Token=token))
                self.taken.append(token)
            except ConnectionRefusedError as error:
                self.refused.append(error)
            except (OSError, smtplib.SMTPException):
                self.turned_away += 1      # 421, or cut off: the daemon was just leaving


class Restarts(EndToEnd):
    def test_no_connection_is_refused_and_nothing_that_was_taken_is_lost(self):
        provider = self.provider(keep_bytes=0)
        daemon = self.daemon(provider, start=False, cooldown={"connect_first": "1s", "connect_max": "1s"})
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.addCleanup(listener.close)
        daemon.port = listener.getsockname()[1]
        daemon.set("listen", {"smtp": []})
        enough = threading.Event()
        apps = [App(daemon, "app%d" % number, enough) for number in range(APPS)]
        daemon.start_with_sockets(smtp=listener)
        for app in apps:
            app.start()

        for number in range(RESTARTS):
            served = sum(len(app.taken) for app in apps)
            daemon.until(lambda: sum(len(app.taken) for app in apps) > served, "mail that is taken")
            self.assertEqual(daemon.stop(), 0, "restart %d" % number)
            daemon.start_with_sockets(smtp=listener)
        enough.set()
        for app in apps:
            app.join(60)
            self.assertFalse(app.is_alive())

        daemon.until_empty(timeout=30 + RESTARTS)    # what has gathered meanwhile
        arrived = collections.Counter(each["token"] for each in provider.journal.all("message", accepted=True))
        taken = [token for app in apps for token in app.taken]
        self.assertEqual([app.refused for app in apps], [[]] * APPS)
        self.assertEqual([token for token in taken if token not in arrived], [], "lost")
        self.assertGreaterEqual(len(taken), RESTARTS)
        # A restart leaves nothing in doubt: a delivery under way is waited for.
        self.assertEqual([token for token in taken if arrived[token] > 1], [], "doubled")


if __name__ == "__main__":
    unittest.main()
