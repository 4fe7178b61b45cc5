"""`credential set`: a secret typed unseen or taken from a file, stored for nobody but the service, and told to the daemon."""
import os
import shutil
import signal
import stat
import subprocess
import unittest

from harness import BINARY, PASSWORD, EndToEnd, plain_mail
from terminal import Terminal

GROUP_HAS_SERVICE = subprocess.run(["getent", "passwd", "mailchute"], capture_output=True).returncode == 0


class Credential(EndToEnd):
    def setUp(self):
        super().setUp()
        self.mail = self.provider(provider="qq")
        self.relay = self.daemon(self.mail, {"password_file": "credentials/main"}, start=False)
        self.path = os.path.join(self.folder, "credentials", "main")

    def set(self, *words, input=None, check=True):
        done = subprocess.run([BINARY, "credential", "set", "main", *words, "--config", self.relay.config_path], text=True,
                              input=input, capture_output=True, env=self.relay.environment(), timeout=60)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done

    def terminal(self, before=(), **environment):
        terminal = Terminal([*before, BINARY, "credential", "set", "main", "--config", self.relay.config_path],
                            {**self.relay.environment(), **environment})
        self.addCleanup(terminal.close)
        return terminal

    def stored(self):
        with open(self.path) as file:
            return file.read()

    def assert_nothing_made(self):
        self.assertFalse(os.path.exists(self.path))
        folder = os.path.dirname(self.path)
        self.assertEqual(os.listdir(folder) if os.path.exists(folder) else [], [])

    def test_out_of_standard_input_with_mode_and_folder(self):
        done = self.set("--file", "-", input=PASSWORD + "\n")

        self.assertEqual(self.stored(), PASSWORD + "\n")
        wanted = 0o640 if os.geteuid() == 0 and GROUP_HAS_SERVICE else 0o600
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), wanted)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(self.path)).st_mode), 0o750 if wanted == 0o640 else 0o700)
        self.assertIn("no daemon runs", done.stderr)
        self.assertIn("next: mailchute upstream test main --config", done.stderr)

    def test_out_of_a_file_and_blanks_that_are_decoration_go(self):
        path = os.path.join(self.folder, "given")
        with open(path, "w") as file:
            file.write("abcd efgh ijkl mnop\r\n")

        self.set("--file", path)

        self.assertEqual(self.stored(), "abcdefghijklmnop\n")

    def test_exactly_one_newline_goes_where_blanks_belong_to_it(self):
        self.relay.settings["upstreams"]["main"]["provider"] = "custom"
        self.relay.settings["upstreams"]["main"]["envelope_sender"] = "login"
        self.relay.write_config()

        done = self.set("--file", "-", input="p w\n\n")

        self.assertEqual(self.stored(), "p w\n\n")
        self.assertIn("begins or ends with a blank", done.stderr)

    def test_what_is_no_secret_is_refused_and_nothing_is_made(self):
        for text, code, reason in (("", 66, "it is empty"), ("\n", 66, "it is empty"), ("a\0b\n", 65, "a NUL byte"),
                                   ("x" * 20000, 65, "too long")):
            with self.subTest(reason=reason):
                done = self.set("--file", "-", input=text, check=False)
                self.assertEqual(done.returncode, code)
                self.assertIn(reason, done.stderr)
                self.assert_nothing_made()
        self.assertEqual(self.set("--file", "/nowhere", check=False).returncode, 66)
        self.assertEqual(self.set("--file", self.folder, check=False).returncode, 65)

    def test_links_in_the_way_are_refused(self):
        victim = os.path.join(self.folder, "victim")
        with open(victim, "w") as file:
            file.write("victim")
        os.chmod(victim, 0o600)
        os.mkdir(os.path.dirname(self.path), 0o700)
        os.symlink(victim, self.path)
        done = self.set("--file", "-", input=PASSWORD, check=False)
        self.assertEqual(done.returncode, 73)
        self.assertIn("symbolic link", done.stderr)
        self.assertNotIn("journalctl", done.stderr)

        os.unlink(self.path)
        os.link(victim, self.path)
        self.assertEqual(self.set("--file", "-", input=PASSWORD, check=False).returncode, 73)
        with open(victim) as file:
            self.assertEqual(file.read(), "victim")
        self.assertEqual(os.listdir(os.path.dirname(self.path)), ["main"])

    def test_nobody_to_ask_says_what_to_type(self):
        done = self.set(input="", check=False)

        self.assertEqual(done.returncode, 66)
        self.assertIn("next: mailchute credential set main --file FILE", done.stderr)

    def test_a_person_types_it_unseen(self):
        terminal = self.terminal()
        terminal.expect("In QQ Mail's web pages")
        terminal.expect(r"authorization code of 10001@qq.com \(not shown\): ")
        self.assertFalse(terminal.echoes())
        terminal.type(PASSWORD)

        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.stored(), PASSWORD + "\n")
        self.assertNotIn(PASSWORD, terminal.shown)
        self.assertTrue(terminal.echoes())

    def test_a_chinese_terminal_is_asked_in_chinese(self):
        terminal = self.terminal(LANG="zh_CN.UTF-8", LC_ALL="")
        terminal.expect("授权码")
        terminal.expect("10001@qq.com 的授权码（输入时不显示）：")
        terminal.type(PASSWORD)
        self.assertEqual(terminal.wait(), 0)

    def test_an_interrupt_leaves_the_terminal_as_it_was_and_nothing_behind(self):
        for key, number in (("C", signal.SIGINT), ("\\", signal.SIGQUIT)):
            with self.subTest(key=key):
                terminal = self.terminal()
                terminal.expect("not shown")
                terminal.press(key, after="half a sec")
                self.assertEqual(terminal.wait(), -number)
                self.assertTrue(terminal.echoes())
                self.assert_nothing_made()

    def test_the_end_of_input_is_no_secret(self):
        terminal = self.terminal()
        terminal.expect("not shown")
        terminal.press("D")
        self.assertEqual(terminal.wait(), 66)
        self.assertNotIn("systemctl start", terminal.shown)
        self.assertTrue(terminal.echoes())
        self.assert_nothing_made()

    def test_a_stop_gives_the_terminal_back_and_asks_again(self):
        # A shell with job control between us and it: nobody else may stop a process.
        script = 'set -m; "$@"; echo "status $?, $(stty -a | grep -ow -- "-*echo")"; fg >/dev/null; exit $?'
        terminal = self.terminal(before=["bash", "-c", script, "bash"])
        terminal.expect("not shown")
        terminal.press("Z")
        terminal.expect("status 148, echo\n")
        terminal.expect("not shown")
        terminal.type(PASSWORD)
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.stored(), PASSWORD + "\n")

    def test_a_running_daemon_takes_it_at_once(self):
        self.set("--file", "-", input="wrong-password-here")
        self.relay.start()
        self.relay.send(plain_mail())
        self.mail.journal.wait("login", ok=False)
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] != "ok", "a pause")

        done = self.set("--file", "-", input=PASSWORD)

        self.mail.journal.wait("message", accepted=True)
        self.assertIn("the daemon reads it at its next login", done.stderr)

    def test_a_daemon_that_reads_another_configuration_is_not_said_to_have_it(self):
        self.set("--file", "-", input=PASSWORD)
        self.relay.start()
        own = self.relay.config_path
        self.relay.config_path = shutil.copy(own, os.path.join(self.folder, "other.yaml"))

        done = self.set("--file", "-", input=PASSWORD)

        self.assertIn("the daemon that runs reads %s; next: " % own, done.stderr)

    def test_an_upstream_that_asks_a_program_is_told_so(self):
        main = self.relay.settings["upstreams"]["main"]
        del main["password_file"]
        main["password_command"] = ["/bin/cat", "/dev/null"]
        self.relay.write_config()

        done = self.set("--file", "-", input=PASSWORD, check=False)

        self.assertEqual(done.returncode, 78)
        self.assertIn("gets its secret from /bin/cat", done.stderr)


if __name__ == "__main__":
    unittest.main()
