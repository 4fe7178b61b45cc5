"""Control groups of a machine's own. systemd-nspawn makes its groups below those of whoever starts it, under the same names each time:
two machines side by side would share them, and each systemd takes away what it believes to be its own."""
import os
import re
import secrets
import threading
import time


class ControlGroups:
    """One new group in each hierarchy that systemd looks at, of the same name in all, for nspawn goes by one of them.
    `enter` is called by the process that is to be in them."""

    def __init__(self):
        self._folders, name = [], "mailchute-" + secrets.token_hex(6)
        for parent in _own_groups():
            try:
                os.mkdir(os.path.join(parent, name))
                self._folders.append(os.path.join(parent, name))
            except OSError:   # a hierarchy that may not be changed; nspawn says so itself if it cannot do without
                pass

    def enter(self):
        for folder in self._folders:
            with open(os.path.join(folder, "cgroup.procs"), "w") as file:
                file.write("0")

    def close(self):
        """Once nothing runs in them. The kernel may take a moment to be done with what has ended."""
        deadline, pause = time.monotonic() + 5, threading.Event()
        while not all([_removed(each) for each in self._folders]) and time.monotonic() < deadline:
            pause.wait(0.02)


def _removed(top):
    for folder, _, _ in os.walk(top, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True


def _own_groups():
    """The folders of this process's groups: of the unified hierarchy, and of systemd's among the old ones."""
    mounted = {}
    with open("/proc/self/mountinfo") as file:
        for line in file:
            found = re.match(r"\d+ \d+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)", line)
            if found and (found[3] == "cgroup2" or "name=systemd" in found[4].split(",")):
                mounted["" if found[3] == "cgroup2" else "name=systemd"] = found[2] if found[1] == "/" else None
    with open("/proc/self/cgroup") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if mounted.get(controllers):
                yield mounted[controllers] + path.rstrip("/")
