"""A disk that fails for real: the image lies in a file system that is too small for it.

There the first sync of what does not fit says no space or an error, and a later one says that all is well, with the data gone. So the
first failure must be the last word: nothing more is promised, and the process ends, for its next start to read what is on the disk.
"""
import os
import subprocess
import unittest

from application import Applications
from disk_image import DiskImage, own_mounts, run_mount
from harness import EndToEnd

IO_ERROR = 74
SMALL, LARGE = "12m", "400m"


class FailingDisk(EndToEnd):
    def setUp(self):
        own_mounts()
        super().setUp()
        self.below = os.path.join(self.folder, "below")
        os.mkdir(self.below)
        run_mount("-t", "tmpfs", "-o", "size=" + SMALL, "tmpfs", self.below)
        self.addCleanup(subprocess.run, ["umount", self.below], check=True)
        self.disk = DiskImage(self.below, 256 << 20)
        self.disk.mount()
        self.addCleanup(self.disk.unmount)

    def test_nothing_is_promised_on_a_disk_that_failed_once(self):
        provider = self.provider(keep_bytes=0)
        relay = self.daemon(provider, log={"level": "info"}, queue={"path": os.path.join(self.disk.place, "queue.db")})
        relay.command("upstream", "pause", "main")
        applications = Applications(relay, 4, 1)
        self.addCleanup(applications.stop)

        code = relay.wait_exit(60)
        applications.stop()
        self.assertEqual(code, IO_ERROR, relay.log()[-2000:])
        self.assertGreater(applications.count(), 10)

        self._give_it_room()
        relay.start()
        relay.command("upstream", "resume", "main")
        relay.until_empty(120)
        relay.stop()
        arrived = {each["token"] for each in provider.journal.all("message", accepted=True)}
        print("%d acknowledged, %d unanswered" % (applications.count(), len(applications.unanswered())))
        self.assertEqual(applications.acknowledged() - arrived, set(), "acknowledged and lost")
        self.assertEqual(arrived - applications.acknowledged() - applications.unanswered(), set(), "never sent")

    def _give_it_room(self):
        """What a person does: room for the image, and a check of the file system."""
        self.disk.unmount()
        run_mount("-o", "remount,size=" + LARGE, self.below)
        subprocess.run(["fsck." + self.disk.kind, "-fy", self.disk.image], capture_output=True)
        self.disk.mount()


if __name__ == "__main__":
    unittest.main(verbosity=2)
