"""A configuration that was broken under a running daemon hides neither the daemon nor its queue."""
import json
import os
import re
import subprocess
import unittest

from harness import BINARY, EndToEnd, plain_mail

GOES_ON = r"mailchute.yaml is broken \(line 2: .*\); the daemon goes on with what it read at \d\d:\d\d; next: mailchute check"


class BrokenFile(EndToEnd):
    def setUp(self):
        super().setUp()
        self.mail = self.provider(users={"10001@qq.com": "the-right-one"})
        self.relay = self.daemon(self.mail)
        self.relay.send(plain_mail())
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] == "down", "a refused login")
        self.relay.until(lambda: self.relay.queue()[0]["state"] == "queued", "a message that only waits")
        self.id = self.relay.queue()[0]["id"]
        with open(self.relay.config_path, "w") as file:
            file.write("root: a@b.test\n\tupstreams: x\n")

    def typed(self, *words):
        """Where nothing of the file can be read, the default places count: here those that the environment names."""
        places = {"MAILCHUTE_LISTEN_CONTROL": self.relay.control_path, "MAILCHUTE_QUEUE_PATH": self.relay.settings["queue"]["path"]}
        return subprocess.run([BINARY, *words, "--config", self.relay.config_path], stdin=subprocess.DEVNULL, text=True,
                              timeout=60, capture_output=True, env={**self.relay.environment(), **places})

    def test_every_command_that_looks_finds_the_daemon(self):
        for words, expected in ((("status",), r"up \d+s"), (("queue", "list"), self.id), (("queue", "show", self.id), "waits: main: auth"),
                                (("upstream", "list"), "main .*login refused"), (("explain", "main"), "main"), (("explain", self.id), "main")):
            with self.subTest(words):
                done = self.typed(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertRegex(done.stdout, expected)
                self.assertRegex(done.stderr, GOES_ON)

    def test_what_is_in_the_queue_can_be_changed(self):
        for words in (("queue", "hold", self.id), ("queue", "release", self.id)):
            done = self.typed(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stderr, GOES_ON)

    def test_doctor_looks_at_the_daemon_all_the_same(self):
        checks = {each["check"]: each for each in json.loads(self.typed("doctor", "--json").stdout)["checks"]}
        self.assertEqual(checks["configuration"]["state"], "fail")
        self.assertEqual(checks["daemon"]["state"], "warn")
        self.assertRegex(checks["daemon"]["found"], "goes on with what it read")
        self.assertRegex(checks["process"]["found"], "user|runs as root")
        self.assertEqual(checks["queue"]["state"], "ok")

    def test_what_was_not_looked_at_is_never_ok(self):
        self.relay.stop()
        checks = {each["check"]: each for each in json.loads(self.typed("doctor", "--json").stdout)["checks"]}
        for name in ("process", "reloaded", "new mail", "alerts"):
            self.assertEqual((checks[name]["state"], checks[name]["found"]), ("skip", "not looked at: the daemon does not run"))

    def test_without_a_daemon_the_queue_is_shown_and_not_written(self):
        self.relay.stop()
        listed = self.typed("queue", "list")
        self.assertIn(self.id, listed.stdout)
        self.assertRegex(listed.stderr, "is broken .* and no daemon runs: it would not start; next: mailchute check")
        self.assertEqual(self.typed("queue", "hold", self.id).returncode, 78)

    def test_where_neither_is_to_be_found_the_file_is_named(self):
        self.relay.stop()
        os.unlink(self.relay.settings["queue"]["path"])
        done = self.typed("status")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"mailchute.yaml cannot be used \(line 2: .*next: mailchute check")
        self.assertFalse(re.search("(?m)^ok", done.stdout))


if __name__ == "__main__":
    unittest.main()
