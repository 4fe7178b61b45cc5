"""The conversations of tests/dialog, held with the real daemon over TCP."""
import glob
import os
import subprocess
import sys
import unittest

from harness import EndToEnd

DIALOGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dialog")


class Dialogs(EndToEnd):
    def test_every_conversation_that_needs_no_special_server(self):
        daemon = self.daemon(self.provider())
        files = sorted(glob.glob(os.path.join(DIALOGS, "*.dialog")))

        done = subprocess.run([sys.executable, "-B", os.path.join(DIALOGS, "run_tcp.py"), "127.0.0.1", str(daemon.port), *files],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(done.stdout.count(": held"), len(files) // 2, done.stdout)


if __name__ == "__main__":
    unittest.main()
