"""Base of the system tests: a booted machine with mailchute installed from its package, and a provider like QQ Mail."""
import glob
import json
import os
import smtplib
import sys
import tempfile
import time
import unittest

import machine
from certificates import Certificates
from emulator import Emulator
from harness import BRISK, PASSWORD, login_at, plain_mail, yaml
from machine import Machine

USER = login_at("qq")
CONFIGURATION = "/etc/mailchute/mailchute.yaml"
SECRET = "/etc/mailchute/credentials/qq"
# Answers as a mail server does, for as long as it runs.
OTHER_SERVER = ("use IO::Socket::INET; $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1:25', Listen => 5) or die; "
                "while ($c = $s->accept) { print $c \"220 other ESMTP\\r\\n\"; close $c }")
UNITS = ("mailchute.service", "mailchute.socket", "mailchute-submit.socket", "mailchute-control.socket")


def package(name):
    """The path of a package of ours, as CPack made it."""
    found = glob.glob(os.path.join(machine.PACKAGES, name + "_*.deb"))
    if len(found) != 1:
        raise AssertionError("one package %s wanted in %s, found %s" % (name, machine.PACKAGES, found))
    return found[0]


def install(tree, *paths, check=True, run=None):
    """Installs package files with apt, which finds what they depend on in place; apt's CompletedProcess."""
    brought = [tree.bring(each) for each in paths]
    return (run or tree.run)("apt-get", "install", "--yes", "--quiet", "--no-install-recommends",
                             "--option=Dpkg::Use-Pty=0", *brought, check=check)


class SystemCase(unittest.TestCase):
    """One machine a class, booted once, or one a test; what takes long is told."""
    one_machine = True

    @classmethod
    def setUpClass(cls):
        machine.enter_own_network()
        folder = tempfile.TemporaryDirectory(prefix="mailchute-system-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = Certificates(folder.name)
        cls.folder = folder.name
        if cls.one_machine:
            cls.machine = cls.boot()
            cls.addClassCleanup(cls.machine.close)

    @staticmethod
    def boot(**how):
        with timed("a machine boots"):
            booted = Machine(**how)
        booted.write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 relay.test relay\n")
        return booted

    def setUp(self):
        if not self.one_machine:
            self.machine = self.boot()
            self.addCleanup(self.machine.close)
        self._began = time.monotonic()

    def tearDown(self):
        print("%6.1f s  %s" % (time.monotonic() - self._began, self.id().split(".")[-1]), flush=True)

    def end(self, daemon):
        """A process that a test has started by hand."""
        if daemon.poll() is None:
            daemon.kill()
        daemon.wait()
        daemon.stderr.close()

    def provider(self, **knobs):
        started = Emulator(self.folder, certificates=self.certificates, **{"provider": "qq", "users": {USER: PASSWORD}, **knobs})
        started.start()
        self.addCleanup(started.stop)
        return started

    def configure(self, port, profile="qq", **settings):
        """The configuration and the secret, as `mailchute setup` would leave them."""
        with open(self.certificates.ca_file) as file:
            self.machine.write("/etc/mailchute/ca.pem", file.read())
        self.machine.write(CONFIGURATION, yaml({
            "root": USER, "hostname": "relay.test", **BRISK, "queue": {"reserve": "1MiB"},
            "upstreams": {"qq": {"provider": profile, "host": "localhost", "port": port, "user": USER,
                                 "password_file": "credentials/qq", "ca_file": "/etc/mailchute/ca.pem", "rate": "1000/s",
                                 "quota": {"messages": "100000/day", "recipients": "100000/day"}}}, **settings}).lstrip("\n") + "\n")
        self.set_secret(PASSWORD)

    def set_secret(self, text):
        self.machine.write(SECRET, text + "\n", 0o640)
        self.machine.run("chgrp", "mailchute", SECRET)

    def send(self, subject="hello", **smtp):
        """One message over SMTP; returns the reply to it."""
        with smtplib.SMTP("127.0.0.1", 25, local_hostname="app.test", timeout=machine.PATIENCE, **smtp) as client:
            client.ehlo()
            for code, text in (client.mail("app@relay.test"), client.rcpt("b@r.test")):
                if code != 250:
                    raise smtplib.SMTPResponseException(code, text)
            code, text = client.data(plain_mail(subject, X_Token=subject))
            if code != 250:
                raise smtplib.SMTPResponseException(code, text)
            return text.decode()

    def start_other_server(self):
        """Another program takes port 25 of the machine; `systemctl stop other-server` ends it."""
        self.machine.write("/srv/other-server", OTHER_SERVER)
        self.machine.run("systemd-run", "--quiet", "--unit=other-server", "perl", "/srv/other-server")
        self.addCleanup(self.machine.run, "systemctl", "stop", "other-server", check=False)
        listening = "grep -q ' 0100007F:0019 00000000:0000 0A ' /proc/net/tcp"
        self.machine.until(lambda: self.machine.shell(listening, check=False).returncode == 0, "another server at the port")

    def queue(self):
        done = self.machine.run("mailchute", "queue", "list", "--json", check=False)
        if done.returncode not in (0, 1):
            raise AssertionError("queue list: exit %d\n%s" % (done.returncode, done.stderr))
        return json.loads(done.stdout)["messages"] if done.stdout.strip() else []


class InstalledCase(SystemCase):
    """The same with both packages installed; each test leaves it as if nothing had happened: the units down, the queue empty."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with timed("the packages are installed"):
            install(cls.machine, package("mailchute"), package("mailchute-mta"))

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget)

    def forget(self):
        self.machine.run("systemctl", "stop", *UNITS)
        self.machine.run("systemctl", "reset-failed", *UNITS, check=False)
        self.machine.shell("rm -rf /var/lib/mailchute/* /etc/systemd/system/mailchute.service.d")
        self.machine.run("systemctl", "daemon-reload")


def main():
    """Runs the test file; exit code 77, and why, where none of it can be run."""
    if machine.why_not():
        print("skipped: " + machine.why_not())
        sys.exit(77)
    unittest.main()


class timed:
    """Says how long something took."""

    def __init__(self, what):
        self._what = what

    def __enter__(self):
        self._began = time.monotonic()

    def __exit__(self, *_):
        print("%6.1f s  %s" % (time.monotonic() - self._began, self._what), flush=True)
