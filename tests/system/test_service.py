"""The installed service under a real systemd: sockets, restarts, reloads, the watchdog, secrets, who may do what."""

import json
import re
import smtplib

from case import CONFIGURATION, PASSWORD, UNITS, InstalledCase, main
from load import Load
from machine import PATIENCE


class Service(InstalledCase):
    def started(self, **settings):
        """A provider, and the sockets and the service in front of it."""
        provider = self.provider()
        self.configure(provider.port, **settings)
        self.machine.run("systemctl", "start", *UNITS)
        return provider

    def override(self, text):
        self.machine.write("/etc/systemd/system/mailchute.service.d/test.conf", "[Service]\n" + text)
        self.machine.run("systemctl", "daemon-reload")

    def spoil_configuration(self):
        self.machine.write(CONFIGURATION, self.machine.read(CONFIGURATION) + "pasword: x\n")

    def arrived(self, provider):
        return {each["token"] for each in provider.journal.all("message", accepted=True)}

    def test_the_first_connection_starts_the_daemon(self):
        provider = self.provider()
        self.configure(provider.port)
        self.machine.run("systemctl", "start", "mailchute.socket")
        self.assertEqual(self.machine.pid(), 0)

        self.send()

        provider.journal.wait("message", accepted=True)
        self.assertNotEqual(self.machine.pid(), 0)

    def test_who_only_looks_does_not_start_a_daemon_that_was_stopped(self):
        provider = self.started()
        self.send()
        provider.journal.wait("message", accepted=True)
        self.machine.run("mailchute", "status")
        self.machine.run("systemctl", "stop", "mailchute.service")
        self.assertEqual(self.machine.pid(), 0)

        for words in ("status", "queue list", "upstream list", "upstream test qq", "explain qq", "doctor", "reload"):
            self.machine.run("mailchute", *words.split(), check=False)
            self.assertEqual(self.machine.pid(), 0, words)

        self.machine.run("mailchute", "queue", "retry", "--all", "--yes", check=False)
        self.assertNotEqual(self.machine.pid(), 0)

    def test_without_a_configuration_nothing_listens(self):
        self.machine.shell("rm -f " + CONFIGURATION)
        self.machine.run("systemctl", "start", *UNITS[1:])

        with self.assertRaises(ConnectionRefusedError):
            self.send()
        start = self.machine.run("systemctl", "start", "mailchute", check=False)

        self.assertNotEqual(start.returncode, 0)
        self.assertIn("cannot read " + CONFIGURATION, self.machine.journal("--unit=mailchute"))

    def test_restarts_under_load_refuse_no_connection_and_lose_no_message(self):
        provider = self.started()
        with Load("restart") as load:
            for _ in range(5):
                load.wait_for(10, PATIENCE)
                self.machine.run("systemctl", "restart", "mailchute.service")
            load.wait_for(10, PATIENCE)

        self.assertEqual(load.refused, [])
        self.machine.until(lambda: not self.queue(), "an empty queue")
        self.assertEqual(set(load.accepted) - self.arrived(provider), set())

    def test_a_daemon_that_hangs_is_killed_and_started_again(self):
        self.override("WatchdogSec=2\n")
        provider = self.started()
        self.send("before")
        provider.journal.wait("message", accepted=True)
        hung = self.machine.pid()

        self.machine.run("kill", "-STOP", str(hung))
        self.send("after")   # waits in the socket until somebody takes it

        provider.journal.wait("message", count=2, timeout=PATIENCE, accepted=True)
        self.assertEqual(self.machine.value("mailchute.service", "NRestarts"), "1")
        self.assertNotEqual(self.machine.pid(), hung)
        self.assertIn("Watchdog timeout", self.machine.journal("--unit=mailchute"))

    def test_a_daemon_that_is_killed_is_started_again(self):
        provider = self.started()
        # The daemon alone: `systemctl kill` signals the group a second time, and fails where the group is gone by then.
        self.machine.run("kill", "-KILL", str(self.machine.pid()))

        self.send()

        provider.journal.wait("message", accepted=True)

    def test_a_reload_with_a_mistake_fails_and_the_old_configuration_stays(self):
        provider = self.started()
        daemon = self.machine.pid()
        self.spoil_configuration()

        reload = self.machine.run("systemctl", "reload", "mailchute", check=False)

        self.assertNotEqual(reload.returncode, 0)
        self.assertRegex(self.machine.journal("--unit=mailchute"), r"mailchute\.yaml:\d+:\d+.*pasword")
        self.assertEqual(self.machine.value("mailchute.service", "ActiveState"), "active")
        self.assertEqual(self.machine.pid(), daemon)
        self.send()
        provider.journal.wait("message", accepted=True)

    def test_a_reload_that_succeeds_has_happened_when_systemctl_returns(self):
        self.started()
        self.configure(self.provider().port, hostname="other.test")

        self.machine.run("systemctl", "reload", "mailchute")

        with smtplib.SMTP(timeout=PATIENCE) as client:
            self.assertEqual(client.connect("127.0.0.1", 25), (220, b"other.test ESMTP mailchute"))
        self.assertRegex(self.machine.journal("--unit=mailchute"), "reloaded")

    def test_a_start_with_a_mistake_says_which_and_the_start_after_it_works(self):
        self.configure(1)
        self.spoil_configuration()
        self.machine.run("systemctl", "start", *UNITS[1:])

        start = self.machine.run("systemctl", "start", "mailchute", check=False)
        with self.assertRaises(OSError):   # somebody knocks: that does not start it either, and not for ever
            self.send()
        self.machine.run("journalctl", "--sync")   # whose last lines it shows
        status = self.machine.run("systemctl", "status", "--no-pager", "mailchute", check=False).stdout
        provider = self.provider()
        self.configure(provider.port)
        self.machine.run("systemctl", "start", "mailchute")

        self.assertNotEqual(start.returncode, 0)
        self.assertRegex(status, r"mailchute\.yaml:\d+:\d+.*pasword|mailchute check")
        self.send()
        provider.journal.wait("message", accepted=True)

    def test_a_new_secret_is_used_after_a_reload(self):
        provider = self.started()
        self.set_secret("an-old-code-that-is-revoked")
        self.machine.run("systemctl", "restart", "mailchute")
        self.send()
        provider.journal.wait("login", ok=False)

        self.set_secret(PASSWORD)
        self.machine.run("systemctl", "reload", "mailchute")

        provider.journal.wait("message", accepted=True)
        self.assertEqual(provider.journal.count("login", ok=False), 1)

    def test_a_secret_may_be_encrypted_on_disk(self):
        provider = self.provider()
        self.configure(provider.port)
        self.machine.shell("rm /etc/mailchute/credentials/qq; mkdir -p /etc/credstore.encrypted; systemd-creds setup; "
                           "printf %s " + PASSWORD + " | systemd-creds encrypt --with-key=host --name=qq - /etc/credstore.encrypted/mailchute-qq")
        self.override("LoadCredentialEncrypted=qq:/etc/credstore.encrypted/mailchute-qq\n")
        self.machine.run("systemctl", "start", *UNITS)

        self.send()

        provider.journal.wait("message", accepted=True)
        check = self.machine.run("mailchute", "check")
        self.assertNotIn("warning", check.stdout + check.stderr)

    def test_mail_waits_for_a_credential_of_the_wrong_name(self):
        provider = self.provider()
        self.configure(provider.port)
        self.machine.shell("mv /etc/mailchute/credentials/qq /etc/mailchute/elsewhere")
        self.override("LoadCredential=other:/etc/mailchute/elsewhere\n")
        self.machine.run("systemctl", "start", *UNITS)
        self.send()
        self.machine.until(lambda: self.events("secret"), "an alert")

        self.override("LoadCredential=qq:/etc/mailchute/elsewhere\n")
        self.machine.run("systemctl", "restart", "mailchute.service")

        provider.journal.wait("message", accepted=True)
        self.assertEqual(provider.journal.count("login", ok=False), 0)

    def test_the_state_of_the_service_is_one_line_that_says_what_waits(self):
        provider = self.started()
        self.machine.until(lambda: self.status_text() == "No mail is waiting; qq works", "a state")
        provider.stop()
        self.send()

        self.machine.until(lambda: re.match(r"1 message is waiting since .*; qq rests until .* \(connect: ", self.status_text()),
                           "a message in the state", 60)
        provider.start()
        self.machine.run("mailchute", "upstream", "pause", "qq")
        self.machine.until(lambda: "qq is paused" in self.status_text(), "the pause in the state")
        self.machine.run("mailchute", "upstream", "resume", "qq")

        self.machine.until(lambda: self.status_text() == "No mail is waiting; qq works", "the first state again", 60)

    def status_text(self):
        return self.machine.value("mailchute.service", "StatusText")

    def test_the_journal_has_the_fields_of_a_message_and_explains_its_events(self):
        provider = self.started()
        provider.set_faults([{"at": "RCPT", "nth": [1], "reply": "550 5.1.1 \x1b[31mno such \xe4\xbd\xa0\xe5\xa5\xbd user"}])
        self.send()
        failed = self.machine.until(lambda: self.events("failed"), "a failure in the journal")[0]

        self.assertRegex(failed["QUEUE_ID"], "^[0-9A-HJKMNP-TV-Z]{12}$")
        for field, value in (("SENDER", "app@relay.test"), ("RECIPIENT", "b@r.test"), ("UPSTREAM", "qq"), ("SMTP_CODE", "550"),
                             ("ENHANCED_CODE", "5.1.1"), ("ATTEMPT", "1"), ("PRIORITY", "4"), ("SYSLOG_FACILITY", "2")):
            self.assertEqual(failed[field], value)
        self.assertIn("\\x1b[31mno such", failed["MESSAGE"])
        life = self.machine.journal("QUEUE_ID=" + failed["QUEUE_ID"]).splitlines()
        self.assertEqual([line.split()[1] for line in life[:2]], ["accepted", "failed"])
        self.assertIn("mailchute explain %s" % failed["QUEUE_ID"], self.machine.run(
            "journalctl", "--no-pager", "--catalog", "MESSAGE_ID=" + failed["MESSAGE_ID"]).stdout)

    def events(self, name):
        """The journal's entries of one event."""
        lines = self.machine.run("journalctl", "--no-pager", "--output=json", "--boot", "EVENT=" + name, check=False).stdout
        return [json.loads(line) for line in lines.splitlines()]

    def test_the_daemon_has_no_privileges(self):
        self.started()
        status = self.machine.run(
            "cat", "/proc/%d/status" % self.machine.pid()).stdout

        for field, value in (("CapEff", "0000000000000000"), ("CapBnd", "0000000000000000"), ("NoNewPrivs", "1"), ("Seccomp", "2")):
            self.assertRegex(status, r"(?m)^%s:\s+%s$" % (field, value))
        self.assertNotRegex(status, r"(?m)^Uid:.*\b0\b")

    def test_files_and_sockets_have_the_modes_that_are_written_down(self):
        self.started()
        self.send()

        facts = self.machine.run("stat", "--format=%n %a %U %G", "/run/mailchute", "/run/mailchute/control.sock",
                                 "/run/mailchute/submit.sock", "/var/lib/mailchute", "/var/lib/mailchute/queue.db",
                                 "/var/lib/mailchute/queue.db-wal", "/var/lib/mailchute/queue.db.lock", "/etc/mailchute",
                                 "/etc/mailchute/credentials", "/etc/mailchute/credentials/qq").stdout

        self.assertEqual(facts.splitlines(), [
            "/run/mailchute 755 mailchute mailchute", "/run/mailchute/control.sock 660 root mailchute",
            "/run/mailchute/submit.sock 666 root root", "/var/lib/mailchute 700 mailchute mailchute",
            "/var/lib/mailchute/queue.db 600 mailchute mailchute", "/var/lib/mailchute/queue.db-wal 600 mailchute mailchute",
            "/var/lib/mailchute/queue.db.lock 600 mailchute mailchute", "/etc/mailchute 755 root root",
            "/etc/mailchute/credentials 750 root mailchute", "/etc/mailchute/credentials/qq 640 root mailchute"])

    def test_members_of_the_group_may_use_the_commands_and_others_may_not(self):
        self.started()
        self.machine.shell("id member 2>/dev/null || (useradd member && usermod --append --groups mailchute member && useradd stranger)")

        member = self.machine.run("runuser", "-u", "member", "--", "mailchute", "upstream", "list", check=False)
        stranger = self.machine.run("runuser", "-u", "stranger", "--", "mailchute", "upstream", "pause", "qq", check=False)

        self.assertEqual(member.returncode, 0, member.stderr)
        self.assertEqual(stranger.returncode, 77, stranger.stderr)
        self.assertIn("member of the group mailchute", stranger.stderr)


if __name__ == "__main__":
    main()
