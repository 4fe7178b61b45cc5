"""The conversations of tests/dialog, held with the real daemon over TCP and over the submit socket."""
import glob
import os
import subprocess
import sys
import unittest

from harness import EndToEnd

DIALOGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dialog")


# At the submit socket users may ask for their mail, whatever the server offers elsewhere.
OF_THE_PORT_ALONE = {"xqueue_not_offered.dialog"}


class Dialogs(EndToEnd):
    def hold(self, place, files):
        done = subprocess.run([sys.executable, "-B", os.path.join(DIALOGS, "run_tcp.py"), *place, *files],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(done.stdout.count(": held"), len(files) // 2, done.stdout)

    def test_every_conversation_that_needs_no_special_server(self):
        daemon = self.daemon(self.provider())
        files = sorted(glob.glob(os.path.join(DIALOGS, "*.dialog")))

        self.hold(("127.0.0.1", str(daemon.port)), files)
        self.hold(("unix", daemon.submit_path), [each for each in files if os.path.basename(each) not in OF_THE_PORT_ALONE])


if __name__ == "__main__":
    unittest.main()
