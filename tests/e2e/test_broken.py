#!/usr/bin/env python3
"""`check` on configurations with mistakes, to the letter: place, line, caret, hint. broken/NAME.yaml and what is said of it,
broken/NAME.expected; the folder of the test is written as DIR.

usage: MAILCHUTE=path/to/mailchute test_broken.py [--write]. --write makes the expectations from what is said now: read the
difference before you commit it.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

from harness import BINARY, PROVIDERS

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "broken")


class Place:
    """A folder with what the configurations name: secrets, profiles, no aliases of the system's."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mailchute-broken-")
        self.path = os.path.realpath(self._folder.name)
        os.mkdir(os.path.join(self.path, "credentials"))
        for name, mode in (("good", 0o600), ("open", 0o644)):
            secret = os.path.join(self.path, "credentials", name)
            with open(secret, "w") as file:
                file.write("abcdefgh\n")
            os.chmod(secret, mode)
        open(os.path.join(self.path, "aliases"), "w").close()
        os.symlink(PROVIDERS, os.path.join(self.path, "providers"))

    def check(self, source):
        """What `check` says of it, and its exit status."""
        config = os.path.join(self.path, "mailchute.yaml")
        with open(source, "rb") as original, open(config, "wb") as copy:
            copy.write(original.read())
        environment = {"PATH": os.environ["PATH"], "HOME": self.path, "MAILCHUTE_HOSTNAME": "relay.test",
                       "MAILCHUTE_ALIASES_FILE": os.path.join(self.path, "aliases")}
        done = subprocess.run([BINARY, "check", "--config", config], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=30, env=environment)
        return (done.stdout + done.stderr).replace(self.path, "DIR"), done.returncode

    def close(self):
        self._folder.cleanup()


def cases():
    return sorted(glob.glob(os.path.join(CASES, "*.yaml")))


def expectation(source):
    return source[:-len("yaml")] + "expected"


class Broken(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.close)

    def test_each_mistake_is_told_to_the_letter(self):
        self.assertGreaterEqual(len(cases()), 40)
        for source in cases():
            with self.subTest(os.path.basename(source)):
                said, status = self.place.check(source)
                with open(expectation(source)) as file:
                    self.assertEqual(said, file.read())
                self.assertEqual(status, 78)

    def test_each_has_its_place_and_what_to_type_next(self):
        for source in cases():
            with self.subTest(os.path.basename(source)):
                said, _ = self.place.check(source)
                self.assertRegex(said, r"(?m)^DIR/\S+(:\d+:\d+)?: error: \S")
                self.assertRegex(said, r"(?m)^  hint: ")
                self.assertRegex(said, "mailchute (check|setup) --config")
                self.assertNotIn("abcdefgh", said)
                for number, shown in re.findall(r"(?m)^  (\d+) \| (.*)\n +\| +\^$", said):
                    with open(source, encoding="utf-8") as file:
                        self.assertLessEqual(int(number), len(file.read().split("\n")), shown)


def write():
    place = Place()
    for source in cases():
        with open(expectation(source), "w") as file:
            file.write(place.check(source)[0])
    place.close()


if __name__ == "__main__":
    write() if "--write" in sys.argv else unittest.main()
