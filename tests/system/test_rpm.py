"""The RPM, installed by rpm itself into a tree of Debian's that has the libraries: its scripts, its files, its life; then booted,
set up and used. What is not tried: dnf, dependencies by the names of another distribution, SELinux."""
import glob
import os
import subprocess

import machine
from case import SystemCase, main, timed
from machine import PATIENCE, Tree
from named_provider import SECRET as CODE
from named_provider import Provider

USER = "12345678@qq.com"
SETUP = "mailchute setup --provider qq --user %s --password-file /srv/code --root-to ops@example.com --send-test --no-input" % USER
# path, mode, owner, group: what is written down of them.
FILES = """/usr/sbin/mailchute 755 root root
/usr/lib/systemd/system/mailchute.service 644 root root
/usr/share/mailchute/providers/qq.yaml 644 root root
/etc/mailchute 755 root root
/etc/mailchute/conf.d 755 root root
/etc/mailchute/credentials 750 root mailchute
"""
STAT = ["stat", "--format=%n %a %U %G"] + [line.split()[0] for line in FILES.splitlines()]


def rpm(tree, *words):
    """rpm on a tree; what it and the package's scripts said. A script that fails is told as a warning."""
    done = subprocess.run(["rpm", "--root", tree.path, "--force-debian", "--nodeps", *words], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
    if done.returncode != 0 or "warning:" in done.stdout or "error:" in done.stdout:
        raise AssertionError("%s: exit %d\n%s" % (done.args, done.returncode, done.stdout))
    return done.stdout


def package():
    found = glob.glob(os.path.join(machine.PACKAGES, "mailchute-[0-9]*.rpm"))
    if len(found) != 1:
        raise AssertionError("one package wanted in %s, found %s" % (machine.PACKAGES, found))
    return found[0]


class InATree(SystemCase):
    @classmethod
    def boot(cls):
        return Tree()

    def test_it_is_installed_installed_over_itself_and_erased(self):
        with timed("rpm --install"):
            said = rpm(self.machine, "--install", package())
        self.assertIn("next: mailchute setup", said)
        self.assertEqual(self.machine.chroot(*STAT).stdout, FILES)
        self.assertEqual(self.machine.chroot("mailchute", "check", check=False).returncode, 78)
        self.machine.write("/var/lib/mailchute/queue.db", "as if")

        rpm(self.machine, "--upgrade", "--replacepkgs", package())
        self.assertEqual(self.machine.chroot(*STAT).stdout, FILES)
        rpm(self.machine, "--erase", "mailchute")

        self.assertEqual(self.machine.read("/var/lib/mailchute/queue.db"), "as if")
        left = self.machine.chroot("find", "/usr", "-name", "*mailchute*", check=False).stdout
        self.assertEqual(left, "")


class Booted(SystemCase):
    @classmethod
    def boot(cls):
        return super().boot(before=lambda tree: rpm(tree, "--install", package()))

    def test_setup_starts_it_and_mail_is_delivered(self):
        self.machine.write("/srv/code", CODE + "\n", 0o600)
        qq = self.enterContext(Provider(("qq", "smtp.qq.com", 465, USER), self.folder, self.machine.path)).emulator

        done = self.machine.shell(SETUP)
        self.send()

        self.assertIn("delivered: the provider has taken it", done.stdout)
        qq.journal.wait("message", count=2, accepted=True)
        self.assertEqual(self.machine.run(*STAT).stdout, FILES)


if __name__ == "__main__":
    main()
