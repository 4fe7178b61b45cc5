"""A daemon that was stopped stays stopped: whoever only looks does not connect to the socket that systemd keeps for it."""
import contextlib
import os
import socket
import threading
import unittest

from harness import PASSWORD, EndToEnd, plain_mail

LOOKS = [("status",), ("status", "--json"), ("queue", "list"), ("upstream", "list"), ("upstream", "test", "main"),
         ("explain", "main"), ("doctor",), ("config", "show"), ("aliases", "resolve", "root"), ("reload",)]


class SystemdStandIn:
    """Holds a listening socket as systemd does for a service that does not run, and counts who knocks."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(16)
        self.knocks = 0
        self._knocked = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.knocks += 1
                self._knocked.set()
                connection.close()

    def wait(self):
        return self._knocked.wait(30)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.listener.close()


class Stopped(EndToEnd):
    def setUp(self):
        super().setUp()
        self.mail = self.provider(users={"10001@qq.com": "the-right-one"})
        self.relay = self.daemon(self.mail)
        self.relay.send(plain_mail())
        self.mail.journal.wait("login", ok=False)
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] == "down", "a refused login")
        self.id = self.relay.queue()[0]["id"]
        self.relay.stop()
        self.systemd = SystemdStandIn(self.relay.control_path)
        self.addCleanup(self.systemd.close)

    def test_looking_wakes_nobody(self):
        for words in LOOKS:
            with self.subTest(words):
                done = self.relay.command(*words, check=False)
                self.assertEqual(self.systemd.knocks, 0, done.stderr)
        self.assertEqual(self.mail.journal.count("login"), 1)

    def test_what_the_queue_remembers_is_shown(self):
        status = self.relay.command("status", check=False)
        self.assertEqual(status.returncode, 69)
        self.assertRegex(status.stdout, "not running; as the queue remembers it")
        self.assertRegex(status.stdout, "1 message to 1 recipient")
        self.assertRegex(status.stderr, "the daemon is not running; next: systemctl start mailchute")
        self.assertRegex(self.relay.command("upstream", "list", check=False).stdout, "main .*login refused")
        self.assertEqual(len(self.relay.queue()), 1)
        self.assertIn("the daemon does not run: nothing is sent until it is started", self.relay.command("explain", self.id).stdout.lower())
        self.assertEqual(self.systemd.knocks, 0)

    def test_a_secret_is_stored_for_the_next_start(self):
        path = os.path.join(self.folder, "new")
        with open(path, "w") as file:
            file.write(PASSWORD + "\n")

        done = self.relay.command("credential", "set", "main", "--file", path)

        self.assertIn("no daemon runs; it reads the secret when it starts", done.stderr)
        self.assertEqual(self.systemd.knocks, 0)

    def test_who_changes_something_may_wake_the_daemon(self):
        self.relay.command("queue", "retry", self.id, check=False)
        self.assertTrue(self.systemd.wait())

    def test_a_daemon_that_systemd_has_started_is_asked(self):
        self.systemd.close()
        os.unlink(self.relay.control_path)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listener.close)
        listener.bind(self.relay.control_path)
        listener.listen(16)

        self.relay.start_with_sockets(control=listener)
        self.assertEqual(self.relay.command("status").returncode, 0)
        self.relay.kill()

        # The socket is open still, as systemd keeps it; what the killed daemon left behind deceives nobody.
        self.assertTrue(os.path.exists(self.relay.control_path + ".pid"))
        self.assertEqual(self.relay.command("status", check=False).returncode, 69)


if __name__ == "__main__":
    unittest.main()
