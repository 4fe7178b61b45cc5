"""The Dockerfile, read and followed step by step in a throw-away tree: the image's steps, its program as its user, its health
check. There is no Docker here; the tree has systemd in the place of the two standalone programs that a slim image gets."""
import glob
import json
import os
import re
import shlex
import shutil
import smtplib
import subprocess
import threading
import time

import machine
from case import CONFIGURATION, SECRET, USER, SystemCase, main
from harness import BRISK, PASSWORD, plain_mail, yaml
from machine import PATIENCE, Tree

DOCKERFILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/how-to/docker/Dockerfile")


def instructions():
    """(word, argument) of each instruction, lines that go on joined."""
    with open(DOCKERFILE) as file:
        text = re.sub(r"\\\n", " ", "".join(line for line in file if not line.startswith("#")))
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def argument(name):
    return [value for word, value in instructions() if word == name]


class Dockerfile(SystemCase):
    @classmethod
    def boot(cls):
        """No machine: a tree is enough, and nothing in it is booted."""
        tree = Tree()
        tree.write("/etc/hosts", "127.0.0.1 localhost\n")
        return tree

    def test_the_file_keeps_the_rules_that_a_linter_would_ask_for(self):
        words = [word for word, _ in instructions()]
        self.assertEqual(words[0], "FROM")
        self.assertRegex(argument("FROM")[0], r"^debian:bookworm", "an image with a version")
        self.assertNotIn("ADD", words)
        self.assertNotIn(argument("USER")[-1], ("root", "0"))
        self.assertGreater(words.index("USER"), words.index("RUN"), "root only builds")
        self.assertEqual(argument("VOLUME"), ["/var/lib/mailchute"])
        for name in ("ENTRYPOINT", "CMD"):
            self.assertIsInstance(json.loads(argument(name)[0]), list, "without a shell, so that signals arrive")
        run = " ".join(argument("RUN"))
        for wanted in ("--no-install-recommends", "rm -rf /var/lib/apt/lists/*", "apt-get update"):
            self.assertIn(wanted, run)
        self.assertNotIn("sudo", run)

    def test_its_steps_give_a_daemon_that_takes_and_delivers_mail(self):
        self.build()
        provider = self.provider()
        self.write_configuration(provider.port)
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", "w") as file:
            file.write("0")   # as Docker sets it in each network namespace
        daemon = subprocess.Popen(self.as_user(json.loads(argument("ENTRYPOINT")[0]) + json.loads(argument("CMD")[0])),
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, daemon)
        self.wait_until_healthy(daemon)

        with smtplib.SMTP("127.0.0.1", 25, timeout=PATIENCE) as client:
            client.sendmail("app@relay.test", ["b@r.test"], plain_mail())

        provider.journal.wait("message", accepted=True)
        owner = os.stat(self.machine.file("/var/lib/mailchute/queue.db")).st_uid
        self.assertEqual(owner, 997, "the number that compose.yaml names")
        daemon.terminate()
        self.assertEqual(daemon.wait(20), 0)
        self.assertNotEqual(self.health(), 0)

    def build(self):
        for source in glob.glob(os.path.join(machine.PACKAGES, argument("COPY")[0].split()[0])):
            shutil.copy(source, self.machine.file("/srv"))
        for step in argument("RUN"):
            # No network, and no slim image: its lists are not fetched, and systemd stands for its two small parts.
            step = step.replace("apt-get update", "true").replace("systemd-standalone-sysusers systemd-standalone-tmpfiles ", "")
            self.machine.chroot("sh", "-ec", step)

    def write_configuration(self, port):
        with open(self.certificates.ca_file) as file:
            self.machine.write("/etc/mailchute/ca.pem", file.read())
        self.machine.write(CONFIGURATION, yaml({"root": USER, "hostname": "relay.test", **BRISK, "queue": {"reserve": "1MiB"}, "upstreams": {
            "qq": {"provider": "qq", "host": "localhost", "port": port, "user": USER, "password_file": "credentials/qq",
                   "ca_file": "/etc/mailchute/ca.pem"}}}).lstrip("\n") + "\n")
        self.machine.write(SECRET, PASSWORD + "\n", 0o640)
        self.machine.chroot("chgrp", "mailchute", SECRET)

    def as_user(self, words):
        return ["chroot", "--userspec=" + argument("USER")[-1], self.machine.path, *words]

    def health(self):
        words = json.loads(argument("HEALTHCHECK")[0].split("CMD", 1)[1])
        return subprocess.run(self.as_user(words), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE).returncode

    def wait_until_healthy(self, daemon):
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while self.health() != 0:
            if daemon.poll() is not None or time.monotonic() > deadline:
                daemon.kill()
                self.fail("not healthy: %s\n%s" % (shlex.join(daemon.args), daemon.communicate()[1]))
            pause.wait(0.05)


if __name__ == "__main__":
    main()
