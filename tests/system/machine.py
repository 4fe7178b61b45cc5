"""A machine with a real systemd, for as long as a test case lasts: systemd-nspawn over a throw-away layer on the root that
make_root.sh made, in a network of its own that has nothing but loopback.

The test itself, its clients and the emulated provider are in that network too: enter_own_network() comes first.
"""
import ctypes
import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from control_groups import ControlGroups

ROOT = os.environ.get("MAILCHUTE_SYSTEM_ROOT", "")
PACKAGES = os.environ.get("MAILCHUTE_PACKAGES", "")
PATIENCE = 60 * float(os.environ.get("MAILCHUTE_TEST_PATIENCE", "1"))
_CLONE_NEWNS, _CLONE_NEWNET, _MS_REC, _MS_PRIVATE = 0x00020000, 0x40000000, 0x4000, 0x40000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why there can be no machine here; empty where there can. Where root is, there must be one, but for a bare chroot."""
    if os.geteuid() != 0:
        return "only root can boot a machine: run the tests as root, or look at CI"
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return "the root is no mount point, as in a bare chroot: mounts would be seen outside; take a container"
    if not os.path.isdir("/sys/fs/cgroup"):
        return "/sys is not mounted, as in a bare chroot: nothing boots without; take a container"
    return ""


_entered = []


def enter_own_network():
    """From here on this process has a network and mounts of its own; both go with it. Once a process, before it has threads."""
    if _entered:
        return
    _entered.append(True)
    _check(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET))
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


class Tree:
    """A throw-away copy of the root. `path` is where it lies."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="mailchute-system-")
        self.path = os.path.join(self._folder, "root")
        self._mounted = []
        os.mkdir(self.path)
        # Memory, so that nothing waits for a disk and nothing is left of it.
        self._mount("tmpfs", self._folder + "/", "tmpfs", b"mode=0755")
        layers = {name: os.path.join(self._folder, name) for name in ("upper", "work", "root")}
        for each in layers.values():
            os.makedirs(each, exist_ok=True)
        options = "lowerdir=%s,upperdir=%s,workdir=%s" % (os.path.realpath(ROOT), layers["upper"], layers["work"])
        try:
            self._mount("overlay", self.path, "overlay", options.encode())
        except OSError:   # a file system that cannot be a lower layer
            subprocess.run(["cp", "-a", os.path.realpath(ROOT) + "/.", self.path], check=True)

    def close(self):
        for each in reversed(self._mounted):
            _check(_libc.umount2(each.encode(), 2))   # MNT_DETACH
        shutil.rmtree(self._folder, ignore_errors=True)

    def _mount(self, source, target, kind, options):
        _check(_libc.mount(source.encode(), target.encode(), kind.encode(), 0, options))
        self._mounted.append(target.rstrip("/"))

    def file(self, path):
        """Where a path of the machine lies for us."""
        return self.path + path

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.file(path)), exist_ok=True)
        with open(os.open(self.file(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)

    def read(self, path):
        with open(self.file(path), errors="replace") as file:
            return file.read()

    def bring(self, source):
        """Copies a file of ours to /srv, and returns its path there."""
        shutil.copy(source, self.file("/srv"))
        return "/srv/" + os.path.basename(source)

    def chroot(self, *words, check=True, **popen):
        """Runs a command in the tree without a running systemd."""
        return _run(["chroot", self.path, *words], check, **popen)


class Machine(Tree):
    """The same, booted. `leader` is its first process, as we see it; `before` is done to the tree before it boots."""

    def __init__(self, before=lambda tree: None):
        super().__init__()
        before(self)
        self._notice = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notice.bind(os.path.join(self._folder, "notice"))
        self._console = open(os.path.join(self._folder, "console"), "w+b")
        self._groups = ControlGroups()
        self._process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--notify-ready=yes", "--console=pipe",
             "--machine=mailchute-test", "--directory", self.path, "--boot"],
            stdin=subprocess.DEVNULL, stdout=self._console, stderr=self._console, start_new_session=True,
            preexec_fn=self._groups.enter,
            env={**os.environ, "NOTIFY_SOCKET": os.path.join(self._folder, "notice")})
        self.leader = self._wait_until_booted()

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()   # nspawn asks the machine to halt
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._groups.close()
        self._console.close()
        self._notice.close()
        super().close()

    def run(self, *words, check=True, **popen):
        """Runs a command in the machine, as root of it; what it logged is told with a failure."""
        done = _run(["nsenter", "--target", str(self.leader), "--all", "--", *words], False, **popen)
        if check and done.returncode != 0:
            raise AssertionError("%s: exit %d\n%s%s\n%s" % (words, done.returncode, done.stdout, done.stderr, self.journal("--lines=40")))
        return done

    def shell(self, script, check=True, **popen):
        return self.run("sh", "-c", script, check=check, **popen)

    def value(self, unit, name):
        """One property of a unit, as systemctl shows it."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def pid(self, unit="mailchute.service"):
        """The daemon's process id within the machine; 0 when it does not run."""
        return int(self.value(unit, "MainPID"))

    def journal(self, *words):
        """What has been logged until now, all of it: without a sync the last lines may still be on their way."""
        self.run("journalctl", "--sync", check=False)
        return self.run("journalctl", "--no-pager", "--output=cat", "--lines=100", *words).stdout

    def until(self, condition, what, timeout=PATIENCE):
        """Asks again and again; for what has no event that could be waited for."""
        deadline, pause = time.monotonic() + timeout, threading.Event()
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError("in vain: %s\n%s" % (what, self.journal("--lines=40")))
            pause.wait(0.05)

    def _wait_until_booted(self):
        deadline, said = time.monotonic() + PATIENCE, ""
        self._notice.settimeout(0.5)
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                said += self._notice.recv(4096).decode() + "\n"
            except socket.timeout:
                continue
            leader = re.search(r"X_NSPAWN_LEADER_PID=(\d+)", said)
            if leader and "READY=1" in said.split("\n"):
                return int(leader[1])
        self._console.seek(0)
        raise AssertionError("the machine does not boot; nspawn said:\n%s\n%s" %
                             (said, self._console.read().decode(errors="replace")))


def _run(words, check, **popen):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=PATIENCE * 2,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
                          **popen)
    if check and done.returncode != 0:
        raise AssertionError("%s: exit %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr))
    return done


def _check(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


