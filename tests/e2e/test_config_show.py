"""`config show` and `aliases resolve`: what is in effect, where it came from, and where mail would go."""
import json
import os
import shutil
import subprocess
import unittest

from harness import BINARY, EndToEnd
from sendmail_case import USER, as_user


class ConfigShow(EndToEnd):
    def test_what_is_shown_is_a_configuration_that_means_the_same(self):
        daemon = self.daemon(self.provider(provider="qq"), start=False)

        shown = daemon.command("config", "show").stdout
        with open(os.path.join(self.folder, "shown.yaml"), "w") as file:
            file.write(shown)
        daemon.config_path = os.path.join(self.folder, "shown.yaml")

        self.assertEqual(daemon.command("config", "show").stdout, shown)
        self.assertIn("    header_from: login\n", shown)

    @unittest.skipIf(os.geteuid() != 0, "only root can become another user")
    def test_whoever_may_not_read_it_is_told_to_be_root(self):
        """Not to type `check`, which would say the same."""
        daemon = self.daemon(self.provider(provider="qq"), start=False)
        daemon.write_config()
        os.chmod(self.folder, 0o711)
        os.chmod(daemon.config_path, 0o600)
        program = shutil.copy(BINARY, os.path.join(self.folder, "mailchute"))
        done = subprocess.run([program, "config", "show", "--config", daemon.config_path], capture_output=True, text=True,
                              env=daemon.environment(), timeout=20, **as_user(USER))
        self.assertEqual((done.returncode, done.stdout), (77, ""))
        self.assertIn("next: the same as root", done.stderr)

    def test_origins_name_file_line_and_profile(self):
        daemon = self.daemon(self.provider(provider="qq"), start=False)
        daemon.write_config()

        shown = daemon.command("config", "show", "--origin").stdout

        self.assertRegex(shown, r'(?m)^root: "10001@qq.com"  # .*/mailchute.yaml:1$')
        self.assertRegex(shown, r"(?m)^    header_from: login  # profile .*/providers/qq.yaml:\d+$")
        self.assertRegex(shown, r"(?m)^  history: 30d  # default$")

    def test_as_json(self):
        daemon = self.daemon(self.provider(provider="qq"), start=False)

        report = json.loads(daemon.command("config", "show", "--json").stdout)

        self.assertEqual(report["schema"], 1)
        self.assertEqual(report["config"]["upstreams"]["main"]["max_connections"], 1)
        self.assertEqual(report["config"]["upstreams"]["main"]["auth"], ["login", "plain"])
        self.assertEqual(report["config"]["routes"], [{"from": "*", "to": "*", "via": ["main"]}])
        self.assertIs(report["config"]["listen"]["allow_nonloopback"], False)
        self.assertEqual(report["config"]["queue"]["lifetime"], "5d")
        self.assertEqual(report["origins"]["upstreams.main.header_from"]["kind"], "profile")
        self.assertEqual(report["origins"]["queue.lifetime"], {"kind": "default"})

    def test_a_configuration_with_a_mistake_shows_the_mistake(self):
        daemon = self.daemon(self.provider(), start=False)
        with open(daemon.config_path, "a") as file:
            file.write("rot: x\n")

        done = daemon.command("config", "show", check=False)

        self.assertEqual((done.returncode, done.stdout), (78, ""))
        self.assertIn('unknown key "rot"', done.stderr)
        self.assertIn("next: mailchute check", done.stderr)

    def test_aliases_are_resolved_to_ways(self):
        daemon = self.daemon(self.provider(provider="qq"), start=False, root="ops@example.com",
                             aliases={"www-data": "web@example.com"})

        text = daemon.command("aliases", "resolve", "www-data").stdout
        report = json.loads(daemon.command("aliases", "resolve", "root", "--json").stdout)

        self.assertIn("to web@example.com\n  by main (qq), as MAIL FROM:<10001@qq.com>, From: 10001@qq.com\n", text)
        self.assertEqual(report["targets"], [{"address": "ops@example.com", "ways": [
            {"upstream": "main", "provider": "qq", "mail_from": "10001@qq.com", "from": "10001@qq.com"}]}])
        self.assertEqual(daemon.command("aliases", "resolve", "a b", check=False).returncode, 67)


if __name__ == "__main__":
    unittest.main()
