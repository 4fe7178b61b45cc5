"""Where the `run` blocks of a page are typed: this machine in a mount and network namespace of its own, with the program and its
files as the package would leave them, /etc/mailchute and the queue empty, and the page's provider emulated under its real name.

Everything is a layer in memory: nothing of it reaches the machine, and all of it goes with the process. Root only.
"""
import glob
import os
import shutil
import subprocess
import tempfile

import machine
from markdown import ROOT
from named_provider import SECRET, Provider

LAYERED = ("/usr", "/etc", "/var/lib", "/run")
PATIENCE = machine.PATIENCE


class Stage:
    """Set once a process. `page` brings it to how a fresh installation looks, before each page."""

    def __init__(self, binary):
        self._binary = os.path.realpath(binary)
        machine.enter_own_network()
        self._folder = tempfile.mkdtemp(prefix="mailchute-docs-")
        _run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", self._folder)
        for each in LAYERED:
            self._layer(each)
        self.keyboard = os.path.join(self._folder, "keyboard")
        with open(self.keyboard, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        self._install()

    def close(self):
        """The layers go with the process; the empty folder below them does not."""
        _run("umount", "--lazy", self._folder)
        os.rmdir(self._folder)

    def _layer(self, path):
        upper, work = (os.path.join(self._folder, kind + path.replace("/", "-")) for kind in ("upper", "work"))
        os.mkdir(upper)
        os.mkdir(work)
        _run("mount", "-t", "overlay", "-o", "lowerdir=%s,upperdir=%s,workdir=%s" % (path, upper, work), "overlay", path)

    def _install(self):
        for old in ("/usr/share/mailchute", "/etc/aliases"):
            _remove(old)
        shutil.copy(self._binary, "/usr/sbin/mailchute")
        for link in ("/usr/sbin/sendmail", "/usr/bin/mailq", "/usr/bin/newaliases"):
            _remove(link)
            os.symlink("/usr/sbin/mailchute", link)
        shutil.copytree(os.path.join(ROOT, "config/providers"), "/usr/share/mailchute/providers")
        for kind in ("sysusers", "tmpfiles"):
            target = "/usr/lib/%s.d/mailchute.conf" % kind
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.join(ROOT, "systemd/mailchute." + kind), target)
        _run("systemd-sysusers", "mailchute.conf")

    def page(self, page):
        """Empty folders, and the provider that the page names; a context that ends with it."""
        for folder in ("/etc/mailchute", "/var/lib/mailchute", "/run/mailchute"):
            _remove(folder)
        _run("systemd-tmpfiles", "--create", "mailchute.conf")
        return Provider(page.provider, self._folder)

    def type(self, script):
        """Types it all into one shell, as root. What is read from the keyboard is another matter: markdown.typed()."""
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE * 2, cwd="/",
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self._folder, "LC_ALL": "C.UTF-8"})


def _remove(path):
    for each in glob.glob(path):
        if os.path.isdir(each) and not os.path.islink(each):
            shutil.rmtree(each)
        else:
            os.unlink(each)


def _run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError("%s: exit %d\n%s" % (words, done.returncode, done.stderr))
