"""The packages over their life: beside another mail server, in its place, upgraded with mail in the queue, removed, purged; in a
booted machine, and in a bare tree where no systemd runs."""
import glob
import os
import socket
import subprocess
import tempfile
import unittest

import machine
from case import CONFIGURATION, UNITS, SystemCase, install, main, package, timed
from load import Load
from machine import PATIENCE, Tree

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/peers/packages")
_SCRATCH = tempfile.TemporaryDirectory(prefix="mailchute-packages-")
_OTHER_SOCKET = "[Socket]\nListenStream=127.0.0.1:25\nAccept=yes\n[Install]\nWantedBy=sockets.target\n"
_OTHER_SERVICE = "[Service]\nExecStart=/bin/echo 220 other\nStandardOutput=socket\n"
# Where a machine's own life leaves traces, whatever is installed.
_ELSEWHERE = ("/proc/", "/sys/", "/run/", "/dev/", "/tmp/", "/srv/", "/root/", "/var/log/", "/var/cache/", "/var/lib/dpkg/", "/var/lib/apt/",
              "/var/lib/systemd/", "/var/backups/", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid", "/etc/subgid",
              "/etc/.pwd.lock")


def build(folder, control, files):
    """A package of the test's own; its path."""
    for path, text in files.items():
        full = folder + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(os.open(full, os.O_WRONLY | os.O_CREAT, 0o755), "w") as file:
            file.write(text)
    os.makedirs(folder + "/DEBIAN", exist_ok=True)
    with open(folder + "/DEBIAN/control", "w") as file:
        file.write(control)
    return _close(folder)


def newer(path, version):
    """The same package with a later version."""
    folder = tempfile.mkdtemp(dir=_SCRATCH.name)
    subprocess.run(["dpkg-deb", "--raw-extract", path, folder], check=True)
    with open(folder + "/DEBIAN/control") as file:
        lines = ["Version: " + version if line.startswith("Version:") else line for line in file.read().splitlines()]
    with open(folder + "/DEBIAN/control", "w") as file:
        file.write("\n".join(lines) + "\n")
    return _close(folder)


def _close(folder):
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, folder + ".deb"], check=True, stdout=subprocess.DEVNULL)
    return folder + ".deb"


def other_server():
    folder = tempfile.mkdtemp(dir=_SCRATCH.name)
    return build(folder, "Package: other-mta\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\n"
                 "Provides: mail-transport-agent\nConflicts: mail-transport-agent\nReplaces: mail-transport-agent\n"
                 "Description: another mail server\n", {"/usr/sbin/sendmail": "#!/bin/sh\necho other\n"})


def peer(name):
    """A package of Debian's, as tests/fetch_peers.sh got it."""
    found = glob.glob(os.path.join(PEERS, name + "_*.deb"))
    if len(found) != 1:
        raise AssertionError("no package %s in %s; next: tests/fetch_peers.sh" % (name, PEERS))
    return found[0]


def traces(tree):
    """Every path of a tree that a package could have made, and every user."""
    found = set(tree.read("/etc/passwd").splitlines()) | set(tree.read("/etc/group").splitlines())
    for folder, folders, names in os.walk(tree.path):
        here = folder[len(tree.path):]
        folders[:] = [each for each in folders if not (here + "/" + each + "/").startswith(_ELSEWHERE)]
        found |= {path for path in (here + "/" + name for name in folders + names) if not path.startswith(_ELSEWHERE)}
    return found


class Packages(SystemCase):
    """Each test has a machine of its own: a package's life is what it is about."""

    one_machine = False

    def apt(self, *words):
        return self.machine.run("apt-get", "--yes", "--quiet", "--option=Dpkg::Use-Pty=0", *words)

    def is_enabled(self, unit):
        return self.machine.run("systemctl", "is-enabled", unit, check=False).stdout.strip()

    def test_it_stands_beside_another_server_and_starts_nothing(self):
        install(self.machine, other_server())
        self.machine.write("/etc/systemd/system/other-mta.socket", _OTHER_SOCKET)
        self.machine.write("/etc/systemd/system/other-mta@.service", _OTHER_SERVICE)
        self.machine.run("systemctl", "enable", "--now", "other-mta.socket")

        said = install(self.machine, package("mailchute"))

        self.assertIn("mailchute setup", said.stderr)
        self.assertEqual(self.machine.run("sendmail").stdout, "other\n")
        for unit in UNITS:
            self.assertEqual((self.is_enabled(unit), self.machine.value(unit, "ActiveState")), ("disabled", "inactive"), unit)
        with socket.create_connection(("127.0.0.1", 25), 20) as client:
            self.assertEqual(client.recv(100), b"220 other\n")

    def test_the_other_package_takes_the_place_of_another_server(self):
        install(self.machine, other_server())

        install(self.machine, package("mailchute"), package("mailchute-mta"))

        self.assertNotIn("install ok installed", self.machine.shell("dpkg-query -W -f '${Status}' other-mta", check=False).stdout)
        for name in ("/usr/sbin/sendmail", "/usr/lib/sendmail", "/usr/bin/mailq", "/usr/bin/newaliases"):
            self.assertEqual(self.machine.run("realpath", name).stdout, "/usr/sbin/mailchute\n")
        for unit in UNITS:
            self.assertEqual(self.is_enabled(unit), "enabled", unit)

    def test_it_takes_the_place_of_a_real_server_and_gives_it_back(self):
        install(self.machine, peer("nullmailer"))
        provider = self.provider()
        install(self.machine, package("mailchute"))
        self.configure(provider.port)

        install(self.machine, package("mailchute-mta"))

        self.assertEqual(self.is_installed("nullmailer"), False)
        self.assertEqual(self.units(), {("enabled", "active")})
        self.hand_in()
        provider.journal.wait("message", accepted=True)

        install(self.machine, peer("nullmailer"))

        self.assertEqual((self.is_installed("mailchute-mta"), self.is_installed("mailchute")), (False, True))
        self.assertEqual(self.machine.run("realpath", "/usr/sbin/sendmail").stdout, "/usr/sbin/sendmail\n")
        self.assertEqual({enabled for enabled, _ in self.units()}, {"disabled"})
        self.machine.run("systemctl", "start", "mailchute")   # what is left of ours still works, and takes the port again
        self.send()
        provider.journal.wait("message", count=2, accepted=True)

        install(self.machine, package("mailchute-mta"))

        self.assertEqual(self.is_installed("nullmailer"), False)
        self.assertEqual(self.units(), {("enabled", "active")})
        self.hand_in()
        provider.journal.wait("message", count=3, accepted=True)

    def hand_in(self):
        self.machine.shell("printf 'Subject: by sendmail\\n\\nhello\\n' | sendmail root")

    def is_installed(self, name):
        status = self.machine.run("dpkg-query", "--show", "--showformat=${db:Status-Status}", name, check=False).stdout
        return status == "installed"

    def units(self):
        return {(self.is_enabled(unit), self.machine.value(unit, "ActiveState")) for unit in UNITS}

    def test_a_port_that_is_taken_is_left_to_whoever_has_it(self):
        provider = self.provider()
        with socket.create_server(("127.0.0.1", 25)):
            install(self.machine, package("mailchute"))
            self.configure(provider.port)
            said = install(self.machine, package("mailchute-mta"))

            self.assertRegex(said.stderr, "port 25 of this host is taken by another program(.|\n)*systemctl restart mailchute")
            self.hand_in()
            provider.journal.wait("message", accepted=True)
        self.machine.run("systemctl", "restart", "mailchute")

        self.send()
        provider.journal.wait("message", count=2, accepted=True)

    def test_an_upgrade_keeps_the_queue_and_refuses_no_connection(self):
        provider = self.provider(provider="generic")   # QQ would not like so many logins
        install(self.machine, package("mailchute"))
        self.configure(provider.port, profile="custom")
        install(self.machine, package("mailchute-mta"))
        provider.stop()
        for number in range(20):
            self.send("queued-%d" % number)
        before = self.machine.pid()

        with Load("upgrade", threads=2) as load:
            load.wait_for(5, PATIENCE)
            with timed("the upgrade"):
                install(self.machine, newer(package("mailchute"), "9.0"), newer(package("mailchute-mta"), "9.0"))
            load.wait_for(5, PATIENCE)
        provider.start()

        self.assertEqual(load.refused, [])
        self.assertNotEqual(self.machine.pid(), before)
        self.assertEqual(self.machine.shell("dpkg-query -W -f '${Version}' mailchute").stdout, "9.0")
        self.machine.run("mailchute", "upstream", "resume", "qq")
        self.machine.until(lambda: not self.queue(), "an empty queue")
        arrived = {each["token"] for each in provider.journal.all("message", accepted=True)}
        self.assertEqual(({"queued-%d" % number for number in range(20)} | set(load.accepted)) - arrived, set())

    def test_a_removal_keeps_the_mail_and_a_purge_leaves_nothing(self):
        before = traces(self.machine)
        provider = self.provider()
        install(self.machine, package("mailchute"))
        self.configure(provider.port)
        install(self.machine, package("mailchute-mta"))
        provider.stop()
        self.send("kept")
        self.machine.until(self.queue, "a message in the queue")

        self.apt("remove", "mailchute", "mailchute-mta")

        with self.assertRaises(ConnectionRefusedError):
            self.send()
        self.assertTrue(os.path.exists(self.machine.file("/var/lib/mailchute/queue.db")))
        self.assertTrue(os.path.exists(self.machine.file(CONFIGURATION)))

        install(self.machine, package("mailchute"), package("mailchute-mta"))
        provider.start()
        self.machine.run("systemctl", "start", "mailchute.service")
        provider.journal.wait("message", accepted=True, token="kept")
        self.machine.shell("mkdir -p /etc/systemd/system/mailchute.service.d && echo '[Service]' >/etc/systemd/system/mailchute.service.d/override.conf")
        self.apt("purge", "mailchute", "mailchute-mta")

        self.assertEqual(traces(self.machine) - before, set())
        self.assertEqual(self.machine.run("systemctl", "list-units", "--all", "--no-legend", "mailchute*").stdout.strip(), "")
        self.assertNotEqual(self.machine.run("test", "-e", "/run/mailchute", check=False).returncode, 0)


class BareTree(unittest.TestCase):
    """No systemd runs, as while an image is made."""

    def setUp(self):
        machine.enter_own_network()
        self.tree = Tree()
        self.addCleanup(self.tree.close)

    def test_the_packages_live_their_life_without_a_running_systemd(self):
        before = traces(self.tree)
        with timed("installed in a bare tree"):
            install(self.tree, package("mailchute"), package("mailchute-mta"), run=self.tree.chroot)
        self.assertIn("mailchute:", self.tree.read("/etc/passwd"))
        self.assertEqual(self.tree.chroot("mailchute", "check", check=False).returncode, 78)
        self.tree.write("/var/lib/mailchute/queue.db", "as if")

        install(self.tree, newer(package("mailchute"), "9.0"), run=self.tree.chroot)
        self.tree.chroot("apt-get", "--yes", "--quiet", "remove", "mailchute", "mailchute-mta")
        self.assertEqual(self.tree.read("/var/lib/mailchute/queue.db"), "as if")
        self.tree.chroot("apt-get", "--yes", "--quiet", "purge", "mailchute", "mailchute-mta")

        self.assertEqual(traces(self.tree) - before, set())


if __name__ == "__main__":
    main()
