"""`setup`: four questions or a scripted twin; tried live before anything is written, and written whole or not at all."""
import os
import signal
import stat
import subprocess
import unittest

from harness import BINARY, PASSWORD, PROVIDERS, Daemon, EndToEnd, free_port
from terminal import Terminal

WRONG = "wrong-password-here"
ROOT = "ops@example.com"


class Setup(EndToEnd):
    def setUp(self):
        super().setUp()
        self.mail = self.provider(provider="qq")
        self.path = os.path.join(self.folder, "mailchute.yaml")
        self.secret_path = os.path.join(self.folder, "credentials", "qq")
        os.symlink(PROVIDERS, os.path.join(self.folder, "providers"))

    def environment(self, **more):
        """Ours without a locale and without keys of the daemon's; sockets and queue beside the configuration."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("MAILCHUTE", "LC_", "LANG", "XDG_"))}
        return {**kept, "HOME": self.folder, "MAILCHUTE_QUEUE_PATH": os.path.join(self.folder, "queue.db"),
                "MAILCHUTE_LISTEN_CONTROL": os.path.join(self.folder, "control.sock"),
                "MAILCHUTE_LISTEN_SUBMIT": os.path.join(self.folder, "submit.sock"), **more}

    def server(self, port=None):
        """The emulated provider in place of the real one."""
        return ["--host", "localhost", "--port", str(port or self.mail.port), "--tls", "implicit",
                "--ca-file", self.certificates.ca_file]

    def setup(self, *words, secret=PASSWORD, user="10001@qq.com", root=ROOT, server=None, check=True):
        given = ["--password-file", "-"] if secret is not None else []
        done = subprocess.run([BINARY, "setup", "--provider", "qq", "--user", user, *(["--root-to", root] if root else []), "--no-input", *given,
                               *(self.server() if server is None else server), *words, "--config", self.path],
                              input=(secret or "") + "\n", text=True, capture_output=True, timeout=60, env=self.environment())
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done

    def move_qq_here(self, port, other_port=587):
        """A profile of QQ's whose server is on this machine."""
        folder = os.path.join(self.folder, "providers")
        os.unlink(folder)
        os.mkdir(folder)
        with open(os.path.join(PROVIDERS, "qq.yaml")) as file:
            profile = file.read()
        for old, new in (("host: smtp.qq.com", "host: localhost"), ("port: 465", "port: %d" % port),
                         ("port: 587", "port: %d" % other_port)):
            self.assertEqual(profile.count(old), 1)
            profile = profile.replace(old, new)
        with open(os.path.join(folder, "qq.yaml"), "w") as file:
            file.write(profile)

    def person(self, *words, **environment):
        terminal = Terminal([BINARY, "setup", *words, "--config", self.path], self.environment(**environment))
        self.addCleanup(terminal.close)
        return terminal

    def text(self):
        with open(self.path) as file:
            return file.read()

    def write(self, text):
        with open(self.path, "w") as file:
            file.write(text)

    def stored(self):
        with open(self.secret_path) as file:
            return file.read()

    def assert_nothing_written(self, before=("providers",)):
        self.assertEqual(sorted(os.listdir(self.folder)), sorted([*before, *self.emulators_own()]))

    def emulators_own(self):
        """What the test itself keeps in the folder."""
        return [name for name in os.listdir(self.folder) if name.endswith((".journal", ".pem", ".key", ".cnf"))]

    # The scripted twin.

    def test_a_new_configuration_that_the_daemon_runs_with(self):
        done = self.setup()

        self.assertIn("auth      ok", done.stdout)
        self.assertIn("+ root: ops@example.com  # setup\n", done.stdout)
        self.assertIn("next: mailchute run --config", done.stderr)
        self.assertEqual(self.stored(), PASSWORD + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.secret_path).st_mode) & 0o137, 0)
        checked = subprocess.run([BINARY, "check", "--config", self.path], capture_output=True, text=True, env=self.environment())
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertEqual(self.mail.journal.count("login"), 1)
        self.assertEqual(self.mail.journal.count("message"), 0)

    def test_the_same_again_changes_nothing_and_costs_no_login(self):
        self.setup()
        before = os.stat(self.path), os.stat(self.secret_path)

        done = self.setup()
        without_secret = self.setup(secret=None)

        self.assertIn("nothing to change", done.stdout)
        self.assertIn("nothing to change", without_secret.stdout)
        self.assertEqual([(s.st_ino, s.st_mtime_ns) for s in before],
                         [(s.st_ino, s.st_mtime_ns) for s in (os.stat(self.path), os.stat(self.secret_path))])
        self.assertEqual(self.mail.journal.count("login"), 1)

    def test_another_answer_shows_what_changes_and_keeps_comments(self):
        self.setup()
        self.write("# mine\n" + self.text() + "retry: { first: 2m }  # mine too\n")

        done = self.setup(root="other@example.com")

        self.assertIn("- root: ops@example.com  # setup\n+ root: other@example.com  # setup\n", done.stdout)
        text = self.text()
        self.assertTrue(text.startswith("# mine\n"))
        self.assertTrue(text.endswith("retry: { first: 2m }  # mine too\n"))
        self.assertIn("root: other@example.com", text)

    def test_who_reads_roots_mail_stays_where_nobody_says_otherwise(self):
        self.setup()
        self.assertIn("nothing to change", self.setup(root=None).stdout)
        self.assertIn("root: %s  # setup" % ROOT, self.text())

    def test_a_refused_login_leaves_nothing_and_is_tried_once(self):
        done = self.setup(secret=WRONG, check=False)
        self.assertIn("next: mailchute setup --config %s, again" % self.path, done.stderr)

        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, "auth +FAILED .*535 Login fail")
        self.assertIn("QQ refused the login", done.stdout)
        self.assertIn("nothing was written", done.stderr)
        self.assertEqual(self.mail.journal.count("login"), 1)
        self.assert_nothing_written()

    def test_a_server_that_is_not_there_or_not_who_it_should_be_leaves_nothing(self):
        for server, stage in ((["--host", "localhost", "--port", str(free_port()), "--ca-file", self.certificates.ca_file], "connect"),
                              (["--host", "localhost", "--port", str(self.mail.port)], "tls")):
            with self.subTest(stage=stage):
                done = self.setup(server=server, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stdout, stage + " +FAILED")
                if stage == "tls":
                    self.assertRegex(done.stderr, r"not trusted: see that the clock is right \(date\).*--ca-file FILE")
                self.assert_nothing_written()
        self.assertEqual(self.mail.journal.count("login"), 0)

    def test_what_a_person_wrote_is_not_touched_without_force(self):
        mine = "root: me@example.com\n# about the log\nlog: { level: info }\n"
        self.write(mine)

        done = self.setup(check=False)

        self.assertEqual(done.returncode, 73)
        self.assertIn("line 1 has root, which setup did not write", done.stderr)
        self.assertIn("--force", done.stderr)
        self.assertEqual(self.text(), mine)
        self.assertFalse(os.path.exists(self.secret_path))
        self.assertEqual(self.mail.journal.count("login"), 0)

        self.setup("--force")
        self.assertIn("#before setup# root: me@example.com\n# about the log\n", self.text())
        self.assertIn("log: { level: info }\n", self.text())

    def test_what_is_overridden_elsewhere_is_told_before_a_login(self):
        os.mkdir(os.path.join(self.folder, "conf.d"))
        with open(os.path.join(self.folder, "conf.d", "10.yaml"), "w") as file:
            file.write("root: boss@example.com\n")

        done = self.setup(check=False)

        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, "root is set in .*conf.d/10.yaml")
        self.assertEqual(self.mail.journal.count("login"), 0)

    def test_links_in_the_way_are_refused_and_nothing_is_left(self):
        victim = os.path.join(self.folder, "victim")
        with open(victim, "w") as file:
            file.write("")
        os.chmod(victim, 0o600)
        os.symlink(victim, self.path)
        self.assertEqual(self.setup(check=False).returncode, 73)
        self.assertFalse(os.path.exists(self.secret_path))

        os.unlink(self.path)
        os.mkdir(os.path.dirname(self.secret_path), 0o700)
        os.symlink(victim, self.secret_path)
        self.assertEqual(self.setup(check=False).returncode, 73)
        self.assertFalse(os.path.exists(self.path))
        self.assertEqual(os.stat(victim).st_size, 0)

    def test_a_whole_message_when_the_daemon_runs(self):
        self.setup()
        self.running()

        done = self.setup("--send-test", root="b@r.test")

        self.assertRegex(done.stdout, r"accepted   [0-9A-Z]{12} for b@r.test\n")
        self.assertRegex(done.stdout, r"attempt 1  qq 127.0.0.1:\d+ TLSv1.\d \S+, \S+\n  final_dot: 250 ")
        self.assertIn("delivered: the provider has taken it", done.stdout)
        message = self.mail.journal.wait("message", accepted=True)[0]
        self.assertEqual(message["recipients"], ["b@r.test"])

    def test_a_daemon_that_reads_another_configuration_is_not_said_to_go_by_it(self):
        self.setup()
        self.running()
        self.path = os.path.join(self.folder, "other.yaml")

        done = self.setup()

        self.assertIn("no daemon runs with it yet; next: mailchute run --config " + self.path, done.stderr)

    def test_a_test_message_without_a_daemon_is_told_to_need_one(self):
        done = self.setup("--send-test", check=False)

        self.assertEqual(done.returncode, 69)
        self.assertIn("no daemon runs with it yet", done.stderr)
        self.assertTrue(os.path.exists(self.path))

    def test_missing_answers_name_the_option(self):
        for words, option in ((["--provider", "qq", "--user", "1@qq.com"], "--password-file FILE"), ([], "--user USER"),
                              (["--user", "me@nowhere.test"], "--provider NAME"),
                              (["--provider", "sendgrid"], "--root-to ADDRESS"),
                              (["--user", "1@qq.com", "--root-to", "notanaddress"], "--root-to: notanaddress is no mail address"),
                              (["--provider", "gmial", "--user", "a@b.test"], "--provider with one of")):
            with self.subTest(option=option):
                done = subprocess.run([BINARY, "setup", *words, "--no-input", "--config", self.path], capture_output=True,
                                      stdin=subprocess.DEVNULL, text=True, timeout=60, env=self.environment())
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertIn(option, done.stderr)
        self.assert_nothing_written()

    def test_a_secret_that_is_not_there_names_what_to_give(self):
        done = subprocess.run([BINARY, "setup", "--user", "1@qq.com", "--password-file", "/nope", "--no-input", "--config", self.path],
                              capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=60, env=self.environment())
        self.assertEqual(done.returncode, 66)
        self.assertRegex(done.stderr, "/nope.*; next: name a file that holds the secret, or - for standard input")

    def test_a_provider_that_does_not_count_at_another_server_is_named(self):
        done = subprocess.run([BINARY, "setup", "--user", "1@qq.com", "--host", "127.0.0.1", "--no-input", "--config", self.path],
                              capture_output=True, stdin=subprocess.DEVNULL, text=True, timeout=60, env=self.environment())
        self.assertRegex(done.stderr, "127.0.0.1 is taken for a server of its own, .*: --provider qq")

    def running(self):
        """A daemon that reads what setup wrote."""
        daemon = Daemon.__new__(Daemon)
        daemon.folder, daemon.config_path, daemon.process = self.folder, self.path, None
        daemon.log_path = os.path.join(self.folder, "daemon.log")
        daemon.write_config = lambda: None
        daemon.environment = lambda: self.environment(
            MAILCHUTE_ALLOW_ROOT="1", MAILCHUTE_LISTEN_SMTP='["127.0.0.1:%d"]' % free_port(), MAILCHUTE_QUEUE_RESERVE="1MiB")
        self.addCleanup(self._end, daemon)
        return daemon.start()

    def test_a_wrong_code_does_not_stop_the_mail_that_flows_with_the_old_one(self):
        self.setup()
        daemon = self.running()

        self.assertEqual(self.setup(secret=WRONG, check=False).returncode, 1)

        self.assertEqual(daemon.status()["upstreams"][0]["state"], "ok")
        self.assertEqual(self.stored(), PASSWORD + "\n")

    def test_the_sixth_wrong_code_of_an_hour_makes_the_daemon_leave_the_account_alone(self):
        self.setup()
        daemon = self.running()

        for number in range(6):
            self.setup(secret=WRONG + str(number), check=False)

        self.assertEqual(daemon.status()["upstreams"][0]["state"], "down")
        self.assertEqual(self.mail.journal.count("login", ok=False), 6)
        resumed = daemon.command("upstream", "resume", "qq")
        self.assertIn("never more than six refused logins", resumed.stdout)
        self.assertEqual(self.setup(root="other@example.com", check=False).returncode, 1)
        daemon.command("upstream", "test", "qq", "--force")
        self.setup(root="other@example.com")
        self.assertEqual(daemon.status()["upstreams"][0]["state"], "ok")

    def test_a_secret_that_the_daemon_was_refused_is_not_tried_again(self):
        self.setup()
        daemon = self.running()
        self.mail.knobs.users = {"10001@qq.com": "a-new-one"}
        daemon.command("upstream", "test", "qq", check=False)
        self.assertEqual(self.mail.journal.count("login", ok=False), 1)

        done = self.setup(root="other@example.com", check=False)

        self.assertEqual(done.returncode, 1)
        self.assertIn("qq refused a login a while ago", done.stderr)
        self.assertRegex(done.stderr, "nothing was written; next: mailchute upstream resume qq")
        self.assertEqual(self.mail.journal.count("login", ok=False), 1)
        self.setup(root="other@example.com", secret="a-new-one")
        self.assertEqual(daemon.status()["upstreams"][0]["state"], "ok")

    # A person at a terminal.

    def test_four_questions(self):
        self.move_qq_here(self.mail.port)
        person = self.person("--ca-file", self.certificates.ca_file)
        person.expect(r"Which mail address sends the mail of this machine\?.*: ")
        person.type("no address")
        person.expect("neither an address nor a provider")
        person.type("?")
        person.expect(r"  qq +QQ Mail +qq.com vip.qq.com foxmail.com\n")
        person.type("10001@qq.com")
        person.expect("In QQ Mail's web pages")
        person.expect(r"authorization code of 10001@qq.com \(not shown\): ")
        self.assertFalse(person.echoes())
        person.type(PASSWORD)
        person.expect(r"Who reads the mail for root .*\[10001@qq.com\]: ")
        person.type(ROOT)
        person.expect(r"auth +ok ")
        person.expect(r"\+ root: ops@example.com")
        person.expect(r"Write this\? \[Y/n\] ")
        self.assertFalse(os.path.exists(self.path))
        person.type("")

        self.assertEqual(person.wait(), 0)
        self.assertIn("no daemon runs with it yet; next: mailchute run", person.shown)
        self.assertNotIn(PASSWORD, person.shown)
        self.assertEqual(self.stored(), PASSWORD + "\n")
        self.assertIn("root: ops@example.com  # setup\n", self.text())

    def test_what_is_no_server_is_said_to_be_none(self):
        person = self.person("--user", "me@nowhere.test")
        person.expect(r"Whose server is it\?.*: ")
        person.type("")
        person.expect(r"Name of its server.*: ")
        person.type("mail server")
        person.expect("that is no name of a server")
        person.press("C")
        self.assertEqual(person.wait(), -signal.SIGINT)

    def test_enter_keeps_what_is_there_and_a_test_message_is_offered(self):
        self.setup()
        self.running()

        person = self.person("--provider", "qq", "--user", "10001@qq.com", *self.server())
        person.expect(r"Keep the stored secret\? \[Y/n\] ")
        person.type("")
        person.expect(r"root .*\[ops@example.com\]: ")
        person.type("")
        person.expect("nothing to change")
        person.expect(r"Send a test mail to ops@example.com\? \[Y/n\] ")
        person.type("y")
        person.expect("delivered")

        self.assertEqual(person.wait(), 0)

    def test_a_refused_login_is_explained_and_asked_again_three_times_at_most(self):
        person = self.person("--provider", "qq", "--user", "10001@qq.com", "--root-to", ROOT, *self.server())
        for number in range(3):
            person.expect(r"not shown\): ")
            person.type(WRONG + str(number))
            person.expect("QQ refused the login")
        person.expect("third login in a row that was refused")

        self.assertEqual(person.wait(), 1)
        self.assertEqual(self.mail.journal.count("login"), 3)
        self.assert_nothing_written()

    def test_the_secret_that_was_just_refused_is_not_tried_again(self):
        person = self.person("--provider", "qq", "--user", "10001@qq.com", "--root-to", ROOT, *self.server())
        for _ in range(2):
            person.expect(r"not shown\): ")
            person.type(WRONG)
        person.expect("it is not tried again")

        self.assertEqual(person.wait(), 1)
        self.assertEqual(self.mail.journal.count("login"), 1)

    def test_a_mended_secret_goes_on(self):
        person = self.person("--provider", "qq", "--user", "10001@qq.com", "--root-to", ROOT, *self.server(),
                             LC_ALL="zh_CN.UTF-8")
        person.expect("生成授权码")
        person.expect("10001@qq.com 的授权码（输入时不显示）：")
        person.type(WRONG)
        person.expect("QQ 拒绝了登录")
        person.expect("不显示")
        person.type(PASSWORD)
        person.expect("写入以上内容？")
        person.type("")

        self.assertEqual(person.wait(), 0)
        self.assertEqual(self.stored(), PASSWORD + "\n")

    def test_no_to_the_changes_leaves_everything(self):
        person = self.person("--provider", "qq", "--user", "10001@qq.com", "--root-to", ROOT, *self.server())
        person.expect(r"not shown\): ")
        person.type(PASSWORD)
        person.expect(r"Write this\?")
        person.type("n")

        self.assertEqual(person.wait(), 1)
        self.assertIn("nothing was written", person.shown)
        self.assert_nothing_written()

    def test_an_interrupt_at_any_question_leaves_nothing_and_the_terminal_as_it_was(self):
        self.move_qq_here(self.mail.port)
        steps = ((r"Which mail address", "10001@qq.com"), (r"not shown\): ", PASSWORD),
                 (r"Who reads the mail", ROOT), (r"Write this\?", ""))
        for last in range(len(steps)):
            with self.subTest(question=steps[last][0]):
                person = self.person("--ca-file", self.certificates.ca_file)
                for question, answer in steps[:last]:
                    person.expect(question)
                    person.type(answer)
                person.expect(steps[last][0])
                person.press("C")
                self.assertEqual(person.wait(), -2)
                self.assertTrue(person.echoes())
                self.assert_nothing_written()

    def test_another_port_is_offered_where_the_first_does_not_answer(self):
        other = self.provider(provider="qq", mode="starttls")
        self.move_qq_here(free_port(), other.port)

        person = self.person("--user", "10001@qq.com", "--root-to", ROOT, "--ca-file", self.certificates.ca_file)
        person.expect(r"not shown\): ")
        person.type(PASSWORD)
        person.expect(r"connect +FAILED")
        person.expect(r"Try localhost:%d instead\? \[Y/n\] " % other.port)
        person.type("")
        person.expect(r"Write this\?")
        person.type("")

        self.assertEqual(person.wait(), 0)
        self.assertIn("port: %d  # setup" % other.port, self.text())
        self.assertIn("tls: starttls  # setup", self.text())


if __name__ == "__main__":
    unittest.main()
