"""`doctor`: each check is true when all is well, and says what is wrong and how it is mended when it is not."""
import json
import os
import re
import socket
import stat
import unittest

from harness import PASSWORD, EndToEnd, plain_mail


class Doctor(EndToEnd):
    def setUp(self):
        super().setUp()
        self.provider_side = self.provider()

    def test_a_healthy_relay_fails_no_check(self):
        self.relay = self.daemon(self.provider_side)
        done = self.relay.command("doctor", "--json", check=False)
        told = json.loads(done.stdout)

        self.assertEqual([each for each in told["checks"] if each["state"] == "fail"], [])
        self.assertEqual((done.returncode, told["schema"], told["fail"]), (0, 1, 0))
        self.assertGreaterEqual(len({each["check"] for each in told["checks"]}), 16)
        for each in told["checks"]:
            self.assertTrue(each["found"], each)
            self.assertEqual(each["fix"] is None, each["state"] == "ok", each)
        self.assertIn("ours, and it answers", self.found(told, "smtp"))
        self.assertIn("whole", self.found(told, "queue"))

    def test_a_chinese_reader_finds_chinese_in_every_sentence(self):
        """Words that are the same in both languages, and those of others, are the only ones without."""
        self.relay = self.daemon(self.provider_side)
        english = self.relay.environment
        self.relay.environment = lambda: {**english(), "LC_ALL": "zh_CN.UTF-8"}
        for _ in range(2):
            done = self.relay.command("doctor", check=False)
            checks = re.split(r"(?m)^(?=ok |warn |FAIL )", done.stdout)[1:]
            self.assertGreaterEqual(len(checks), 16)
            for each in checks:
                if not re.match(r"\S+ +(secrets|files|sockets|queue files) ", each):
                    self.assertRegex(each, "[\u4e00-\u9fff]")
            self.assertRegex(done.stdout, r"(?m)^\d+ 项正常，\d+ 项提醒，\d+ 项故障(，\d+ 项没有查看)?$")
            if self.relay.process.returncode is None:
                self.relay.stop()
        told = json.loads(self.relay.command("doctor", "--json", check=False).stdout)
        for each in told["checks"]:
            self.assertNotRegex(each["found"] + (each["fix"] or ""), "[\u4e00-\u9fff]")

    def test_a_daemon_that_is_down_is_a_failure_with_its_fix(self):
        self.relay = self.daemon(self.provider_side, start=False)
        done = self.relay.command("doctor", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^FAIL  daemon +the daemon is not running.*\n +fix: systemctl start mailchute$")

    def test_a_configuration_that_cannot_be_used_is_told_with_the_rest_that_can_be_checked(self):
        self.relay = self.daemon(self.provider_side, start=False)
        self.relay.set("queue", {"pathh": "x"})
        self.relay.write_config()
        told = self.doctor()
        self.assertEqual(self.state(told, "configuration"), ["fail"])
        self.assertIn("pathh", self.found(told, "configuration"))
        self.assertIn("clock", {each["check"] for each in told["checks"]})

    def test_files_that_are_open_to_others(self):
        self.relay = self.daemon(self.provider_side)
        os.chmod(self.relay.config_path, 0o646)
        os.chmod(os.path.join(self.folder, "queue.db"), 0o644)
        os.chmod(self.relay.submit_path, 0o600)
        told = self.doctor()
        self.assertIn("everybody may write", self.found(told, "files"))
        self.assertIn("open to others", self.found(told, "queue files"))
        self.assertIn("where it should be 0666", self.found(told, "sockets"))
        os.chmod(self.relay.config_path, 0o600)

    def test_a_configuration_behind_a_link_is_looked_at_where_it_lies(self):
        self.relay = self.daemon(self.provider_side)
        real = os.path.join(self.folder, "elsewhere.yaml")
        os.rename(self.relay.config_path, real)
        os.symlink(real, self.relay.config_path)
        self.assertEqual(self.state(self.doctor(), "files"), ["ok"])
        os.chmod(real, 0o646)
        self.assertEqual(self.fix(self.doctor(), "files"), "chmod o-w " + os.path.realpath(real))
        os.unlink(real)
        self.assertEqual(self.fix(self.doctor(), "files"), "rm " + self.relay.config_path)
        os.unlink(self.relay.config_path)
        self.assertEqual(self.fix(self.doctor(), "files"), "mailchute setup --config " + self.relay.config_path)

    def test_a_secret_that_others_can_read_is_not_used(self):
        secured = self.provider(mode="tls")
        self.relay = self.daemon(secured)
        self.assertEqual(self.state(self.doctor(), "secrets"), ["ok"])
        os.chmod(os.path.join(self.folder, "secret"), 0o644)
        told = self.doctor()
        self.assertEqual(self.state(told, "configuration"), ["fail"])
        self.assertIn("secret", self.found(told, "configuration"))
        os.unlink(os.path.join(self.folder, "secret"))
        self.assertIn("credential set main", self.fix(self.doctor(), "secrets"))

    def test_a_provider_is_tried_up_to_the_login(self):
        secured = self.provider(mode="tls")
        self.relay = self.daemon(secured)
        told = self.doctor()
        self.assertEqual([self.state(told, name) for name in ("connection", "login")], [["ok"], ["ok"]])
        self.assertIn("TLSv1", self.found(told, "certificate"))
        secured.set_faults([{"at": "AUTH", "reply": "535 5.7.8 no"}])
        told = self.doctor()
        self.assertEqual(self.state(told, "login"), ["fail"])
        self.assertIn("535 5.7.8 no", self.found(told, "login"))
        secured.stop()
        told = self.doctor()
        self.assertEqual(self.state(told, "connection"), ["fail"])

    def test_a_secret_that_a_program_does_not_print_is_not_to_be_stored(self):
        secured = self.provider(mode="tls")
        self.relay = self.daemon(secured)
        main = self.relay.settings["upstreams"]["main"]
        del main["password_file"]
        main["password_command"] = ["/bin/false"]
        self.relay.write_config()
        told = self.doctor()
        self.assertEqual(self.state(told, "login"), ["fail"])
        self.assertEqual(self.fix(told, "login"), "mailchute upstream test main --config " + self.relay.config_path)

        words = json.loads(self.relay.command("explain", "auth: 535 5.7.8 no", "--upstream", "main", "--json").stdout)
        self.assertEqual([each for each in words["parts"][0]["next"] if "credential" in each], [])

    def test_a_login_that_rests_is_left_alone(self):
        secured = self.provider(mode="tls")
        secured.set_faults([{"at": "AUTH", "reply": "535 5.7.8 no"}])
        self.relay = self.daemon(secured)
        self.relay.send(plain_mail())
        self.relay.until(lambda: self.relay.status()["upstreams"][0]["state"] == "down", "a refused login")
        logins = secured.journal.count("command", verb="AUTH")

        told = self.doctor()

        self.assertEqual((self.state(told, "login"), self.state(told, "upstream")), (["warn"], ["fail"]))
        self.assertIn("not tried", self.found(told, "login"))
        self.assertEqual(secured.journal.count("command", verb="AUTH"), logins)

    def test_another_program_at_our_port_is_named(self):
        other = socket.socket()
        self.addCleanup(other.close)
        other.bind(("127.0.0.1", 0))
        other.listen()
        self.relay = self.daemon(self.provider_side, start=False)
        self.relay.set("listen", {"smtp": ["127.0.0.1:%d" % other.getsockname()[1]]})
        self.relay.write_config()
        told = self.doctor()
        self.assertEqual(self.state(told, "smtp"), ["fail"])
        self.assertIn("pid %d" % os.getpid(), self.found(told, "smtp"))

    def test_a_configuration_that_was_not_reloaded(self):
        self.relay = self.daemon(self.provider_side)
        ahead = self.relay.status()["config"]["loaded_at"]
        os.utime(self.relay.config_path, (4000000000, 4000000000))
        told = self.doctor()
        self.assertEqual(self.state(told, "reloaded"), ["warn"], ahead)
        self.assertIn("mailchute reload", self.fix(told, "reloaded"))

    def test_refused_new_mail_and_mail_that_is_held(self):
        self.provider_side.stop()
        self.relay = self.daemon(self.provider_side)
        self.relay.send(plain_mail())
        self.relay.leave_alone()
        self.relay.command("queue", "hold", "--all", "--yes")
        self.relay.set("queue", {"reserve": "900TiB"})
        self.relay.write_config()
        self.relay.command("reload")
        self.relay.until(lambda: "nearly full" in self.relay.command("status").stdout, "refused mail")
        told = self.doctor()
        self.assertEqual((self.state(told, "disk"), self.state(told, "new mail")), (["fail"], ["fail"]))
        self.assertIn("held back", self.found(told, "waiting"))

    def test_a_bundle_holds_no_secret_and_nobodys_name(self):
        secured = self.provider(mode="tls")
        secured.set_faults([{"at": "RCPT", "reply": "450 4.2.1 <carol@r.test> is busy"}])
        self.relay = self.daemon(secured)
        self.relay.send(plain_mail(), sender="ann@s.test", recipients=["carol@r.test"])
        self.relay.until(lambda: self.relay.queue()[0]["recipients"][0]["attempts"] > 0, "an attempt")
        path = os.path.join(self.folder, "bundle.txt")

        done = self.relay.command("doctor", "--bundle", path, check=False)
        again = self.relay.command("doctor", "--bundle", path, check=False)

        with open(path) as file:
            text = file.read()
        self.assertIn(path, done.stderr)
        self.assertEqual(again.returncode, 73)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        for word in (PASSWORD, "ann@", "carol@", "10001@", "hello"):
            self.assertNotIn(word, text)
        for word in ("== doctor", "== status", "== waiting", "***@r.test", "450 4.2.1"):
            self.assertIn(word, text)

    def test_a_bundle_holds_no_login_that_is_no_address(self):
        secured = self.provider(mode="tls", users={"AKIAHALFASECRET": PASSWORD})
        self.relay = self.daemon(secured, {"user": "AKIAHALFASECRET", "envelope_sender": "keep"})
        path = os.path.join(self.folder, "bundle.txt")

        self.relay.command("doctor", "--bundle", path, check=False)

        with open(path) as file:
            text = file.read()
        self.assertRegex(text, r"login +main: taken in .*, as \*\*\*\n")
        self.assertNotIn("AKIAHALFASECRET", text)

    def doctor(self):
        return json.loads(self.relay.command("doctor", "--json", check=False).stdout)

    def state(self, told, check):
        return [each["state"] for each in told["checks"] if each["check"] == check]

    def found(self, told, check):
        return " | ".join(each["about"] + ": " + each["found"] for each in told["checks"] if each["check"] == check)

    def fix(self, told, check):
        return " | ".join(each["fix"] or "" for each in told["checks"] if each["check"] == check)


if __name__ == "__main__":
    unittest.main()
