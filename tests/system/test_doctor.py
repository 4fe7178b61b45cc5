"""`doctor` on a real systemd: nothing to say of a healthy service, and of each thing that goes wrong with it what it is and what
to type; what it says to type mends it."""
import json

from case import UNITS, InstalledCase, main

# What a container in memory cannot have, or has otherwise than a machine.
ELSEWHERE = ("clock", "file system", "names", "configuration")


class Doctor(InstalledCase):
    def setUp(self):
        super().setUp()
        self.configure(self.provider().port)
        self.machine.run("systemctl", "start", *UNITS)

    def found(self, state="fail"):
        """(check, what was found, the fix) of all that is not well."""
        told = json.loads(self.machine.run("mailchute", "doctor", "--json", check=False).stdout)
        return [(each["check"], each["found"], each["fix"]) for each in told["checks"] if each["state"] == state]

    def fix_of(self, check, words, state="fail"):
        """The fix for what is found with these words; there must be one such."""
        found = [each for each in self.found(state) if each[0] == check and words in each[1]]
        self.assertTrue(found, "%s: %s not among %s" % (check, words, self.found("warn") + self.found()))
        return found[0][2]

    def assert_mended(self):
        self.assertEqual(self.found(), [])
        self.assertEqual([each for each in self.found("warn") if each[0] not in ELSEWHERE], [])

    def test_a_healthy_service_is_well(self):
        self.assert_mended()

        told = self.machine.run("mailchute", "doctor").stdout

        self.assertRegex(told, r"(?m)^ok    service +enabled, active, watchdog 1min, exposure \d\.\d of 10$")
        self.assertRegex(told, r"(?m)^ok    smtp +127\.0\.0\.1:25: ours, and it answers$")
        self.assertRegex(told, r"(?m)^ok    process +user \d+, no core files, no new privileges, system calls filtered$")
        self.assertRegex(told, r"(?m)^ok    sendmail +/usr/sbin/sendmail is mailchute$")

    def test_a_socket_unit_that_is_stopped(self):
        self.machine.run("systemctl", "stop", "mailchute.socket")

        fix = self.fix_of("service", "mailchute.socket is not there", "warn")

        self.machine.shell(fix)
        self.assert_mended()

    def test_a_port_that_another_program_has(self):
        self.machine.run("systemctl", "stop", *UNITS)
        self.start_other_server()
        self.machine.run("systemctl", "start", "mailchute.service")

        self.fix_of("service", "mailchute.socket has failed")
        fix = self.fix_of("smtp", "another program answers there, taken by perl (pid ")

        self.assertEqual(fix, "stop the other program, then: systemctl restart mailchute")
        self.machine.run("systemctl", "stop", "other-server")
        self.machine.run("systemctl", "restart", "mailchute")
        self.assert_mended()

    def test_a_service_that_has_failed(self):
        self.machine.write("/etc/systemd/system/mailchute.service.d/test.conf", "[Service]\nExecStart=\nExecStart=/bin/false\nRestart=no\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "mailchute", check=False)
        self.machine.run("systemctl", "stop", "mailchute-control.socket")   # or asking would start it again

        service, daemon = self.fix_of("service", "the unit has failed"), self.fix_of("daemon", "the daemon is not running")

        self.assertIn("journalctl -u mailchute", service)
        self.assertEqual(daemon, "systemctl start mailchute")
        self.machine.shell("rm -r /etc/systemd/system/mailchute.service.d; systemctl daemon-reload")
        self.machine.shell(daemon)
        self.assert_mended()

    def test_units_that_do_not_start_with_the_system(self):
        self.machine.run("systemctl", "disable", *UNITS)

        fix = self.fix_of("service", "not enabled", "warn")

        self.machine.shell(fix)
        self.assert_mended()


if __name__ == "__main__":
    main()
