"""Runs the real daemon for a test: its own folder, its own ports on loopback, ended by its process id.

Nothing here sleeps: a test waits for the daemon's readiness notice, for a line of its log, for an event in the
emulated provider's journal, or for an answer of one of the daemon's own commands.
"""
import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from certificates import Certificates
from emulator import Emulator
from providers import BY_NAME

BINARY = os.environ.get("MAILCHUTE", "mailchute")
PROVIDERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config/providers")
USER, PASSWORD = "10001@qq.com", "abcdefgh-not-in-any-log"
PATIENCE = 30 * float(os.environ.get("MAILCHUTE_TEST_PATIENCE", "1"))
# Everything that waits in real life waits a blink in a test.
BRISK = {"retry": {"first": "1s", "max": "2s", "factor": 2, "jitter": 0},
         "cooldown": {"login_first": "30s", "login_max": "1m", "connect_first": "1s", "connect_max": "2s"}}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def yaml(value, depth=0):
    """Our configuration as block YAML; every word quoted, so that none is read as something else."""
    if isinstance(value, dict) and value:
        return "".join("\n%s%s:%s" % ("  " * depth, key, yaml(each, depth + 1)) for key, each in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "".join("\n%s- %s" % ("  " * depth, json.dumps(each)) for each in value)
    return " " + json.dumps(value)


def login_at(provider):
    """The user of our tests at an emulated provider."""
    return USER if provider == "generic" else BY_NAME[provider].user


class Daemon:
    """`mailchute run` with a configuration written from a dict."""

    def __init__(self, folder, upstreams=None, **settings):
        self.folder = folder
        self.port = free_port()
        self.config_path = os.path.join(folder, "mailchute.yaml")
        self.control_path = os.path.join(folder, "control.sock")
        self.submit_path = os.path.join(folder, "submit.sock")
        self.log_path = os.path.join(folder, "daemon.log")
        self.process = None
        self.settings = {
            "root": USER, "hostname": "relay.test", "mail_domain": "s.test",
            "listen": {"smtp": ["127.0.0.1:%d" % self.port], "submit": self.submit_path,
                       "control": self.control_path},
            "queue": {"path": os.path.join(folder, "queue.db"), "reserve": "1MiB"},
            **BRISK, "log": {"level": "debug"}, "upstreams": upstreams or {}}
        for key, value in settings.items():
            self.set(key, value)
        os.symlink(PROVIDERS, os.path.join(folder, "providers"))
        self.write_config()

    def set(self, key, value):
        """Maps are merged one deep, so that a test names only what it changes."""
        old = self.settings.get(key)
        merge = isinstance(old, dict) and isinstance(value, dict) and key != "upstreams"
        self.settings[key] = {**old, **value} if merge else value

    def write_config(self):
        """At once, as editors do it: a daemon that reads meanwhile reads the old one or the new one."""
        with open(self.config_path + ".new", "w") as file:
            file.write(yaml(self.settings).lstrip("\n") + "\n")
        os.replace(self.config_path + ".new", self.config_path)

    def secret(self, name, text):
        """Writes a secret with the mode that the daemon asks for, and returns its path."""
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text + "\n")
        return path

    def start(self, wait=True, **popen):
        self.write_config()
        environment = self.environment()
        notice = self._notice_socket(environment)
        self._log = open(self.log_path, "ab")
        self.process = subprocess.Popen([BINARY, "run", "--config", self.config_path], env=environment,
                                        stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, **popen)
        if wait:
            self._until_ready(notice)
        notice.close()
        return self

    def start_with_sockets(self, **sockets):
        """Started with listening sockets by name, as systemd passes them."""
        self.write_config()
        environment = self.environment()
        notice = self._notice_socket(environment)
        self._log = open(self.log_path, "ab")
        passed = ["%s=FD:%d" % (name, each.fileno()) for name, each in sockets.items()]
        launcher = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch_with_sockets.py")
        self.process = subprocess.Popen(
            [sys.executable, launcher, *passed, "--", BINARY, "run", "--config", self.config_path], env=environment,
            pass_fds=[each.fileno() for each in sockets.values()], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        self._until_ready(notice)
        notice.close()
        return self

    def environment(self):
        """Ours without the names that the daemon would take for its keys."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MAILCHUTE")}
        return {**kept, "HOME": self.folder, "MAILCHUTE_ALLOW_ROOT": "1", "TZ": NOON}

    def stop(self, patience=20):
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self._reap(patience)

    def kill(self):
        """kill -9: the daemon gets no chance to tidy up."""
        self.process.kill()
        return self._reap(20)

    def wait_exit(self, patience=20):
        """The exit code of a daemon that ends by itself."""
        return self._reap(patience)

    def signal(self, number):
        self.process.send_signal(number)

    def log(self):
        with open(self.log_path, "r", errors="replace") as file:
            return file.read()

    def wait_log(self, pattern, count=1, timeout=PATIENCE):
        """Waits until the log holds `count` matches."""
        return self.until(lambda: len(re.findall(pattern, self.log(), re.MULTILINE)) >= count,
                          "%d of %r in the log, which ends:\n%s" % (count, pattern, self.log()[-3000:]), timeout)

    def until(self, condition, what, timeout=PATIENCE):
        """Asks again and again; for what has no event that could be waited for."""
        deadline = time.monotonic() + timeout
        pause = threading.Event()
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError("in vain: %s\nlog ends:\n%s" % (what, self.log()[-3000:]))
            pause.wait(0.05)

    def smtp(self, **arguments):
        """A connected client of Python's own."""
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="app.test", timeout=PATIENCE, **arguments)

    def raw(self):
        """A bare connection, greeting not yet read."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def send(self, content, sender="a@s.test", recipients=("b@r.test",), options=(), rcpt_options=()):
        """One message; returns the reply to it."""
        with self.smtp() as client:
            client.ehlo()
            _expect(250, client.mail(sender, list(options)))
            for each in recipients:
                _expect(250, client.rcpt(each, list(rcpt_options)))
            return _expect(250, client.data(content))

    def send_beyond_ascii(self, recipient):
        """One message to an address that needs SMTPUTF8."""
        with self.smtp() as client:
            client.ehlo()
            _expect(250, client.mail("a@s.test", ["SMTPUTF8"]))
            client.command_encoding = "utf-8"
            _expect(250, client.rcpt(recipient))
            _expect(250, client.data(plain_mail().encode()))

    def command(self, *words, check=True):
        """One of the daemon's commands; its CompletedProcess."""
        done = subprocess.run([BINARY, *words, "--config", self.config_path], stdin=subprocess.DEVNULL, text=True,
                              timeout=60, capture_output=True, env=self.environment())
        if check and done.returncode != 0:
            raise AssertionError("%s: exit %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr))
        return done

    def queue(self, *filters):
        """The messages of `queue list --json`."""
        done = self.command("queue", "list", "--json", *filters, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError("queue list: exit %d\n%s" % (done.returncode, done.stderr))
        return json.loads(done.stdout)["messages"] if done.stdout.strip() else []

    def status(self):
        return json.loads(self.command("status", "--json").stdout)

    def leave_alone(self):
        """Nothing is tried until `upstream resume`: a message that is just being tried is neither held nor removed."""
        self.command("upstream", "pause", "main")
        self.until(lambda: all(each["state"] != "sending" for each in self.queue()), "mail that only waits")

    def until_empty(self, timeout=PATIENCE):
        self.until(lambda: not self.queue(), "an empty queue", timeout)

    def memory_kib(self, field="VmRSS"):
        """VmRSS or, for the most there ever was, VmHWM."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(r"^%s:\s+(\d+)" % field, file.read(), re.MULTILINE)[1])

    def proc(self, name):
        """A file of the process's, as bytes. The daemon is not dumpable: only root may look."""
        try:
            with open("/proc/%d/%s" % (self.process.pid, name), "rb") as file:
                return file.read()
        except PermissionError:
            raise unittest.SkipTest("only root sees /proc/PID/%s of the daemon" % name)

    def descriptors(self):
        """Number -> what it is."""
        folder = "/proc/%d/fd" % self.process.pid
        found = {}
        try:
            for number in os.listdir(folder):
                try:
                    found[int(number)] = os.readlink(os.path.join(folder, number))
                except FileNotFoundError:
                    continue  # closed while we looked
        except PermissionError:
            raise unittest.SkipTest("only root sees the daemon's descriptors")
        return found

    def _notice_socket(self, environment):
        notice = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder, "notice.sock")
        if os.path.exists(path):
            os.unlink(path)
        notice.bind(path)
        os.chmod(path, 0o777)  # whoever the daemon is to be
        notice.settimeout(0.2)
        environment["NOTIFY_SOCKET"] = path
        return notice

    def _until_ready(self, notice):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if b"READY=1" in notice.recv(4096).split(b"\n"):
                    return
            except socket.timeout:
                pass
            if self.process.poll() is not None:
                raise AssertionError("the daemon ended with %d:\n%s" % (self.process.returncode, self.log()[-3000:]))
        raise AssertionError("the daemon never said READY=1; its log:\n%s" % self.log()[-3000:])

    def _reap(self, patience):
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the daemon did not end in %d s; its log:\n%s" % (patience, self.log()[-3000:]))
        finally:
            self._log.close()
        return code


class EndToEnd(unittest.TestCase):
    """Base of the test cases: a folder, certificates made once a file, providers and daemons that end with the test."""

    @classmethod
    def setUpClass(cls):
        cls._shared = tempfile.TemporaryDirectory(prefix="mailchute-e2e-")
        cls.certificates = Certificates(cls._shared.name)

    @classmethod
    def tearDownClass(cls):
        cls._shared.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mailchute-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def provider(self, **knobs):
        """An emulated provider with one user, of its own kind; `users={}` for one without login."""
        knobs = {"provider": "generic", **knobs}
        knobs.setdefault("users", {login_at(knobs["provider"]): PASSWORD})
        provider = Emulator(self.folder, certificates=self.certificates, **knobs)
        provider.start()
        self.addCleanup(provider.stop)
        return provider

    def upstream(self, provider, **settings):
        """The daemon's view of an emulated provider. No login where the provider is in clear."""
        # The profiles' own pace is for real providers: a test would wait for it.
        told = {"host": "localhost", "port": provider.port, "rate": "1000/s",
                "quota": {"messages": "100000/day", "recipients": "100000/day"}}
        if os.path.exists(os.path.join(PROVIDERS, "%s.yaml" % provider.provider.profile)):
            told["provider"] = provider.provider.profile
        if provider.knobs.mode == "plain":
            return {**told, "host": "127.0.0.1", "tls": "none", **settings}
        path = os.path.join(self.folder, "secret")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(PASSWORD + "\n")
        user = next(iter(provider.knobs.users), USER)
        return {**told, "tls": "implicit" if provider.knobs.mode == "tls" else "starttls", "user": user,
                "password_file": path, "ca_file": self.certificates.ca_file, **settings}

    def daemon(self, provider=None, upstream=None, start=True, **settings):
        """A daemon in front of `provider`; ended, and its leaving checked, with the test."""
        upstreams = settings.pop("upstreams", None) or {"main": self.upstream(provider, **(upstream or {}))}
        daemon = Daemon(self.folder, upstreams, **settings)
        self.addCleanup(self._end, daemon)
        return daemon.start() if start else daemon

    def _end(self, daemon):
        if daemon.process is not None and daemon.process.returncode is None:
            code = daemon.stop()
            self.assertEqual(code, 0, "the daemon's exit code; its log ends:\n" + daemon.log()[-3000:])


def plain_mail(subject="hello", sender="a@s.test", body="body\r\n", **fields):
    """A small message with CRLF ends; extra fields by keyword, `_` for `-`."""
    extra = "".join("%s: %s\r\n" % (name.replace("_", "-"), value) for name, value in fields.items())
    return "From: <%s>\r\nTo: <b@r.test>\r\nSubject: %s\r\n%s\r\n%s" % (sender, subject, extra, body)


def _expect(code, answer):
    if answer[0] != code:
        raise smtplib.SMTPResponseException(*answer)
    return answer[1].decode()


SIGHUP = signal.SIGHUP

# A local zone in which it is noon now: no test meets the end of a day, and local time is not UTC.
NOON = "<noon>%+d" % (time.gmtime().tm_hour - 12)
