"""A file system in a file, which can lose its power. Root only; its mounts are in a mount namespace of this process's own and end with it."""
import ctypes
import fcntl
import os
import struct
import subprocess
import unittest

_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x00020000, 0x4000, 0x40000
_libc = ctypes.CDLL(None, use_errno=True)
# _IOR('X', 125, __u32): the file system goes down at once, and what is not on disk by then is gone.
_FS_IOC_SHUTDOWN = 0x8004587D
_NOTHING_FLUSHED = struct.pack("I", 2)


def own_mounts():
    """From here on what this process and its children mount is seen by nobody else. Skips the test where that cannot be."""
    if os.geteuid() != 0:
        raise unittest.SkipTest("only root mounts a disk")
    if _libc.unshare(_CLONE_NEWNS) != 0:
        raise unittest.SkipTest("no mount namespace of its own: %s" % os.strerror(ctypes.get_errno()))
    if _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        raise unittest.SkipTest("the root is no mount point, as in a bare chroot: what is mounted here would be seen outside")


def run_mount(*words):
    """Skips the test where the machine has no loop devices, or a container may not mount."""
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode != 0 and (not os.path.exists("/dev/loop-control") or "permi" in done.stderr):
        raise unittest.SkipTest("no disk to be had here: " + done.stderr.strip())
    done.check_returncode()


class DiskImage:
    """An ext4 of `size` bytes in `folder`/disk.img, mounted at `folder`/disk; another kind by MAILCHUTE_FILE_SYSTEM."""

    def __init__(self, folder, size):
        self.kind = os.environ.get("MAILCHUTE_FILE_SYSTEM", "ext4")
        self.image, self.place = os.path.join(folder, "disk.img"), os.path.join(folder, "disk")
        os.mkdir(self.place)
        with open(self.image, "wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs." + self.kind, "-q", self.image], check=True)

    def mount(self):
        run_mount("-o", "loop", self.image, self.place)

    def unmount(self):
        subprocess.run(["umount", self.place], check=True)

    def cut_power(self):
        """Every write fails from here on; the next mount finds what a disk would."""
        place = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(place, _FS_IOC_SHUTDOWN, _NOTHING_FLUSHED)
        finally:
            os.close(place)
