"""`completion`: the scripts in the shells that there are, each asked as if Tab had been pressed."""
import os
import subprocess
import unittest

from harness import BINARY, EndToEnd, plain_mail
from terminal import Terminal

SHELLS = ("bash", "zsh", "fish")


class Completion(EndToEnd):
    def setUp(self):
        super().setUp()
        provider = self.provider()
        provider.stop()
        self.relay = self.daemon(provider)
        self.bin = os.path.join(self.folder, "bin")
        os.mkdir(self.bin)
        os.symlink(os.path.abspath(BINARY), os.path.join(self.bin, "mailchute"))

    def test_bash_completes_commands_flags_states_upstreams_ids_and_files(self):
        self.relay.send(plain_mail())
        identity = self.relay.queue()[0]["id"]
        config = self.relay.config_path

        self.assertEqual(self.in_bash("mailchute", "que"), ["queue"])
        self.assertEqual(self.in_bash("mailchute", "queue", "re"), ["release", "remove", "retry"])
        self.assertEqual(self.in_bash("mailchute", "queue", "list", "--st"), ["--state"])
        self.assertEqual(self.in_bash("mailchute", "queue", "list", "--state", "unc"), ["uncertain"])
        self.assertEqual(self.in_bash("mailchute", "upstream", "resume", "--config", config, ""), ["main"])
        self.assertEqual(self.in_bash("mailchute", "queue", "show", "--config", config, identity[:4]), [identity])
        self.assertIn(os.path.join(self.folder, "mailchute.yaml"),
                      self.in_bash("mailchute", "check", "--config", os.path.join(self.folder, "mailch")))

    def test_the_other_shells_read_their_scripts(self):
        for shell in SHELLS[1:]:
            with self.subTest(shell):
                script = subprocess.run([BINARY, "completion", shell], capture_output=True, text=True, timeout=30)
                read = subprocess.run([shell, "-n"], input=script.stdout, capture_output=True, text=True, timeout=30)
                self.assertEqual((script.returncode, read.returncode, read.stderr), (0, 0, ""))

    def test_zsh_completes_what_is_typed(self):
        person = Terminal(["zsh", "-f", "-i"], {**self.environment(), "TERM": "dumb"})
        self.addCleanup(person.close)
        person.type("autoload -U compinit; compinit -u -D; source <(mailchute completion zsh); echo lo''aded")
        person.expect("\nloaded")

        person.press("I", after="mailchute queue li")
        person.expect("mailchute queue lis?.*st ")
        person.type("--config /nowhere.yaml; exit $?")

        self.assertEqual(person.wait(), 78)   # what stood there was a command that read its configuration

    def test_fish_completes(self):
        done = self.run_in(["fish", "--no-config", "-c", "mailchute completion fish | source; complete -C 'mailchute queue rel'"])
        self.assertTrue(done.stdout.startswith("release"), done.stdout + done.stderr)

    def test_a_wrong_shell_is_a_usage_error_and_nothing_to_complete_is_none(self):
        self.assertEqual(self.relay.process.poll(), None)
        self.assertEqual(self.run_in(["mailchute", "completion", "csh"]).returncode, 64)
        done = self.run_in(["mailchute", "completion", "words", "--", "upstream", "pause", "--config", "/nowhere.yaml", ""])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def in_bash(self, *typed):
        """What bash would offer behind these words."""
        words = " ".join("'%s'" % word for word in typed)
        script = ('source <(mailchute completion bash); COMP_WORDS=(%s); COMP_CWORD=%d; _mailchute; '
                  'printf "%%s\\n" "${COMPREPLY[@]}" | sort' % (words, len(typed) - 1))
        done = self.run_in(["bash", "--norc", "-c", script])
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def run_in(self, command):
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=self.environment(), stdin=subprocess.DEVNULL)

    def environment(self):
        return {**self.relay.environment(), "PATH": self.bin + ":" + os.environ["PATH"]}


if __name__ == "__main__":
    unittest.main()
