"""Another user of the same machine: files that were put in the way, modes under any umask, the control socket, and what peers
can write into the log."""
import ctypes
import json
import os
import re
import socket
import stat
import struct
import subprocess
import threading
import unittest

from harness import BINARY, EndToEnd, plain_mail

EVIL = "x\x1b[2J\u202e\u0085 2026-01-01T00:00:00Z info 35EKAP0CKMFS delivered"


def kinds_of_file(folder):
    """What an attacker may put at a path: how it is made, and the file that must stay as it is."""
    victim = os.path.join(folder, "victim")
    return {"symlink": lambda path: os.symlink(victim, path), "hard link": lambda path: os.link(victim, path),
            "pipe": os.mkfifo, "folder": os.mkdir, "dangling symlink": lambda path: os.symlink(victim + "-new", path)}


class FilesInTheWay(EndToEnd):
    def attack(self, name, kinds, needs_queue=False):
        """Starts the daemon with each kind of file at `name`; it must refuse, say which, and touch nothing."""
        provider = self.provider()
        for kind in kinds:
            with self.subTest(kind):
                daemon = self.daemon(provider, start=False)
                victim, path = os.path.join(self.folder, "victim"), os.path.join(self.folder, name)
                with open(victim, "w") as file:
                    file.write("precious")
                if needs_queue:
                    daemon.start()
                    self.assertEqual(daemon.stop(), 0)
                self.remove(path)
                kinds_of_file(self.folder)[kind](path)
                before = os.lstat(path)

                daemon.start(wait=False)

                self.assertNotEqual(daemon.wait_exit(), 0, "it started with a %s at %s" % (kind, name))
                self.assertIn(name, daemon.log())
                self.assertRegex(daemon.log(), r"(?m)^mailchute: not started: .*; next: ")
                with open(victim) as file:
                    self.assertEqual(file.read(), "precious")
                self.assertFalse(os.path.exists(victim + "-new"), "it followed the link")
                self.assertEqual(os.lstat(path).st_ino, before.st_ino)
                for each in os.listdir(self.folder):
                    if each != "secret":
                        self.remove(os.path.join(self.folder, each))

    def remove(self, path):
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.unlink(path)

    def test_the_queue_is_never_somebody_elses_file(self):
        self.attack("queue.db", ("symlink", "hard link", "pipe", "folder", "dangling symlink"))

    def test_nor_is_its_log(self):
        self.attack("queue.db-wal", ("symlink", "hard link", "pipe", "folder", "dangling symlink"), needs_queue=True)

    def test_nor_is_its_lock(self):
        self.attack("queue.db.lock", ("symlink", "hard link", "pipe", "folder", "dangling symlink"))

    def test_a_socket_takes_no_other_files_place(self):
        for name in ("control.sock", "submit.sock"):
            self.attack(name, ("symlink", "hard link", "pipe", "folder", "dangling symlink"))


    def test_a_file_that_only_helps_is_done_without_and_nobodys_is_taken_for_it(self):
        daemon, victim = self.daemon(self.provider()), os.path.join(self.folder, "victim")
        helpers = [os.path.join(self.folder, name) for name in ("queue.db.ballast", "queue.db.sent", "control.sock.pid")]
        for kind, make in kinds_of_file(self.folder).items():
            with self.subTest(kind):
                daemon.kill()
                with open(victim, "w") as file:
                    file.write("precious")
                for each in helpers:
                    self.remove(each)
                    make(each)

                daemon.start()
                daemon.send(plain_mail())
                self.assertEqual(daemon.stop(), 0)

                with open(victim) as file:
                    self.assertEqual(file.read(), "precious")
                self.assertFalse(os.path.exists(victim + "-new"), "it followed the link")
                daemon.start()


@unittest.skipUnless(os.geteuid() == 0, "only root can be several users")
class TheWayToTheQueue(EndToEnd):
    """The daemon is an ordinary user's; the folder that its queue's folder lies in is not always."""
    DAEMON, ATTACKER = 64031, 64032
    SWAPS = int(os.environ.get("MAILCHUTE_SWAPS", "15"))   # the long form: 10000

    def setUp(self):
        super().setUp()
        os.chown(self.folder, self.DAEMON, self.DAEMON)
        self.between = os.path.join(self.folder, "between")
        self.state, self.victim = os.path.join(self.between, "state"), os.path.join(self.folder, "victim")
        self.decoy = os.path.join(self.between, "decoy")
        os.mkdir(self.between)
        for each in (self.state, self.victim):
            os.mkdir(each, 0o700)
            os.chown(each, self.DAEMON, self.DAEMON)
        self.provider_side = self.provider(mode="plain", users={})

    def relay(self, folder):
        relay = self.daemon(self.provider_side, start=False, queue={"path": os.path.join(folder, "queue.db")})
        os.chown(relay.config_path, self.DAEMON, self.DAEMON)
        return relay

    def start(self, relay, **arguments):
        def become():
            os.setgroups([])
            os.setgid(self.DAEMON)
            os.setuid(self.DAEMON)
        return relay.start(preexec_fn=become, **arguments)

    def refused(self, relay, place):
        self.start(relay, wait=False)
        self.assertEqual(relay.wait_exit(), 77, relay.log())
        self.assertIn("refusing the way to the queue: " + place, relay.log())
        self.assertEqual(os.listdir(self.victim), [])

    def test_l011_a_folder_that_is_swapped_for_a_link_is_never_followed(self):
        os.symlink(self.victim, self.decoy)
        os.chown(self.between, self.ATTACKER, self.ATTACKER)
        relay = self.relay(self.state)
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        over = threading.Event()

        def swap():
            while not over.is_set():
                # AT_FDCWD, RENAME_EXCHANGE: there is always something at both names.
                exchange(-100, self.state.encode(), -100, self.decoy.encode(), 2)
        attacker = threading.Thread(target=swap)
        attacker.start()
        try:
            for _ in range(self.SWAPS):
                self.refused(relay, self.between)
        finally:
            over.set()
            attacker.join()

    def test_a_folder_that_everybody_may_write_is_named(self):
        os.chmod(self.between, 0o777)
        self.refused(self.relay(self.state), self.between)

    def test_a_link_of_another_user_is_not_followed_and_roots_is(self):
        os.chmod(self.between, 0o1777)
        os.symlink(self.victim, self.decoy)
        os.chown(self.decoy, self.ATTACKER, self.ATTACKER, follow_symlinks=False)
        self.refused(self.relay(self.decoy), self.decoy)

        os.chown(self.decoy, 0, 0, follow_symlinks=False)
        os.unlink(os.path.join(self.folder, "providers"))
        relay = self.relay(self.decoy)
        self.start(relay)
        relay.send(plain_mail())
        self.provider_side.journal.wait("message", accepted=True)
        self.assertIn("queue.db", os.listdir(self.victim))


class Modes(EndToEnd):
    def test_files_and_sockets_have_their_modes_under_any_umask(self):
        for mask in (0o000, 0o077, 0o777):
            with self.subTest(oct(mask)):
                daemon = self.daemon(self.provider(), start=False)
                daemon.start(preexec_fn=lambda: os.umask(mask))
                daemon.send(plain_mail())

                modes = {name: stat.S_IMODE(os.lstat(os.path.join(self.folder, name)).st_mode) for name in os.listdir(self.folder)
                         if name.startswith(("queue.db", "control", "submit"))}
                self.assertGreaterEqual(set(modes), {"queue.db", "queue.db-wal", "queue.db.lock", "control.sock", "submit.sock"})
                self.assertEqual((modes.pop("control.sock"), modes.pop("submit.sock")), (0o660, 0o666))
                self.assertEqual(modes.pop("control.sock.pid"), 0o644)   # so that everybody can see whether the daemon runs
                self.assertEqual({name: mode for name, mode in modes.items() if mode != 0o600}, {})
                self.assertEqual(daemon.stop(), 0)
                os.unlink(os.path.join(self.folder, "providers"))

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_another_user_sees_nothing_of_the_process(self):
        daemon = self.daemon(self.provider())
        for name in ("mem", "environ", "maps", "fd/0"):
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "head", "-c", "1",
                                   "/proc/%d/%s" % (daemon.process.pid, name)], capture_output=True, text=True)
            self.assertIn("Permission denied", done.stderr, name)


class ControlSocket(EndToEnd):
    def connect(self, daemon):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(20)
        client.connect(daemon.control_path)
        self.addCleanup(client.close)
        return client

    def ask(self, daemon, request):
        """What the socket answers to these bytes; empty when it hangs up."""
        client = self.connect(daemon)
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while True:
                part = client.recv(65536)
                if not part:
                    return answer
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            return b""

    def test_what_is_malformed_is_refused_and_harms_nothing(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        before = len(daemon.descriptors())
        for request in (b"", b"\n", b"\0" * 5000, b"GET", b"GET /v1/status\r\n\r\n", b"GET /v1/status HTTP/9.9\r\n\r\n",
                        b"POST /v1/queue/hold HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                        b"POST /v1/queue/hold HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\nx",
                        b"POST /v1/queue/hold HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{]",
                        b"POST /v1/queue/hold HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n[[[[[[[",
                        b"POST /v1/queue/hold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
                        b"GET /v1/status HTTP/1.1\r\nX: " + b"b" * 1_000_000 + b"\r\n\r\n",
                        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"EHLO x\r\n", b"\x16\x03\x01\x02\x00\x01" * 50):
            answer = self.ask(daemon, request)
            self.assertNotIn(b" 200 ", answer[:20], request[:60])
            self.assertNotIn(b"root:", answer)

        big = b"x" * (8 << 20)
        answer = self.ask(daemon, b"POST /v1/queue/hold HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(big) + big)
        self.assertTrue(answer == b"" or b" 413 " in answer[:20], answer[:200])
        self.assertEqual(daemon.status()["queue"]["messages"], 0)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until(lambda: len(daemon.descriptors()) <= before + 4, "as few descriptors as before")

    def test_connections_that_say_nothing_are_bounded_and_go(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        before, memory = len(daemon.descriptors()), daemon.memory_kib()
        idle = []
        for _ in range(400):   # more than are served at once
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            client.setblocking(False)
            idle.append(client)
            try:
                client.connect(daemon.control_path)
            except BlockingIOError:   # the system's queue is full
                break
        self.addCleanup(lambda: [each.close() for each in idle])

        daemon.send(plain_mail())   # mail goes on
        provider.journal.wait("message", accepted=True)

        self.assertLess(len(daemon.descriptors()), before + 300)
        self.assertLess(daemon.memory_kib(), memory + 32 * 1024)
        self.assertIn("queue", daemon.status())   # waits its turn, and comes to it: each that says nothing is cut off
        for each in idle:
            each.close()
        daemon.until(lambda: len(daemon.descriptors()) <= before + 4, "as few descriptors as before")


class LogInjection(EndToEnd):
    def speak(self, daemon):
        """One message and some refusals with evil in every place, bytes that are no text among them."""
        evil = EVIL.encode()
        with daemon.raw() as client, client.makefile("rb") as replies:
            replies.readline()
            for line in (b"EHLO " + evil, b"EHLO app", b"MAIL FROM:<" + evil + b"@s.test>", b"VRFY \xff\xfe" + evil, b"MAIL FROM:<a@s.test>",
                         b"RCPT TO:<\"" + evil.replace(b"\x1b", b"") + b"\"@r.test>", b"RCPT TO:<b@r.test>", b"DATA"):
                client.sendall(line + b"\r\n")
                while replies.readline()[3:4] == b"-":
                    pass
            client.sendall(b"Subject: " + evil + b"\r\n\r\nbody\r\n.\r\n")
            replies.readline()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def evil_daemon(self, **settings):
        provider = self.provider()
        provider.set_faults([{"at": "RCPT", "nth": [1], "reply": "550 5.1.1 no\x1b[31m \u202e such user " + "y" * 3000}])
        daemon = self.daemon(provider, **settings)
        self.speak(daemon)
        daemon.wait_log("failed")
        return daemon

    def test_each_event_is_one_line_of_text_with_nothing_in_it_that_a_terminal_obeys(self):
        daemon = self.evil_daemon()
        with open(daemon.log_path, "rb") as file:
            lines = file.read().decode().split("\n")[:-1]

        for line in lines:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info|warning|error) ")
            self.assertLessEqual(len(line.encode()), 2048)
            self.assertIsNone(re.search("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", line), line)
        self.assertEqual(sum(" delivered " in line.split("reply=")[0] and "35EKAP0CKMFS" in line[:50] for line in lines), 0)

    def test_each_event_is_one_object_of_json(self):
        daemon = self.evil_daemon(log={"level": "debug", "format": "json"})
        with open(daemon.log_path, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]

        failed = [each for each in events if each["event"] == "failed"]
        self.assertEqual((failed[0]["code"], failed[0]["enhanced"], failed[0]["attempt"]), ("550", "5.1.1", "1"))
        self.assertEqual([each for each in events if each.get("id") == "35EKAP0CKMFS"], [])


class Sandbox(EndToEnd):
    def test_it_listens_for_this_machine_alone(self):
        for address in ("0.0.0.0:0", "[::]:0"):
            done = subprocess.run([BINARY, "sandbox", "--listen", address], capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (64, ""))
            self.assertIn("for this machine alone", done.stderr)
            self.assertIn("next: mailchute sandbox --help", done.stderr)


class Backups(EndToEnd):
    def test_a_backup_follows_no_link_and_takes_no_files_place(self):
        daemon = self.daemon(self.provider())
        victim = os.path.join(self.folder, "victim")
        for kind, make in kinds_of_file(self.folder).items():
            with self.subTest(kind):
                with open(victim, "w") as file:
                    file.write("precious")
                path = os.path.join(self.folder, "copy-" + kind.replace(" ", "-"))
                make(path)

                done = daemon.command("backup", path, check=False)

                self.assertNotEqual(done.returncode, 0)
                with open(victim) as file:
                    self.assertEqual(file.read(), "precious")
                self.assertFalse(os.path.exists(victim + "-new"))


if __name__ == "__main__":
    unittest.main()
