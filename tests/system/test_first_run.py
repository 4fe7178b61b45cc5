"""The first five minutes: from a bare machine to mail that has arrived, in two commands; what `setup` does to the service; and the
same without systemd, by hand."""
import json
import os
import smtplib
import subprocess

from case import CONFIGURATION, SECRET, UNITS, SystemCase, install, main, package, timed
from harness import plain_mail
from machine import PATIENCE, Tree
from named_provider import SECRET as CODE
from named_provider import Provider

USER = "12345678@qq.com"
QQ = ("qq", "smtp.qq.com", 465, USER)
INSTALL = "apt-get install --yes --quiet ./mailchute_*.deb ./mailchute-mta_*.deb"
SETUP = "mailchute setup --provider qq --user %s --password-file /srv/code --root-to ops@example.com --no-input" % USER


def prepare(case, tree):
    """What a person has before the first command: the two packages, and the code from QQ's web pages. The emulated provider."""
    tree.write("/srv/code", CODE + "\n", 0o600)
    for name in ("mailchute", "mailchute-mta"):
        tree.bring(package(name))
    return case.enterContext(Provider(QQ, case.folder, tree.path)).emulator


class FirstRun(SystemCase):
    """Each test has a bare machine, and QQ Mail under its own name."""

    one_machine = False

    def setUp(self):
        super().setUp()
        self.qq = prepare(self, self.machine)

    def states(self):
        return {unit: (self.machine.run("systemctl", "is-enabled", unit, check=False).stdout.strip(),
                       self.machine.value(unit, "ActiveState")) for unit in UNITS}

    def facts(self):
        """Of all that a second setup could change."""
        files = [self.machine.run("stat", "--format=%n %i %a %u %g %Y", path).stdout for path in (CONFIGURATION, SECRET)]
        return files + [self.machine.value("mailchute.service", "InvocationID"), self.states()]

    def test_two_commands_lead_from_a_bare_machine_to_the_first_mail(self):
        with timed("two commands, from the package to mail that has arrived"):
            self.machine.shell("cd /srv && " + INSTALL)
            setup = self.machine.shell(SETUP + " --send-test")
            message = self.qq.journal.wait("message", accepted=True)[0]

        self.assertEqual((message["sender"], message["recipients"]), (USER, ["ops@example.com"]))
        self.assertIn("started the service, now and at every boot", setup.stdout)
        self.assertIn("delivered: the provider has taken it", setup.stdout)
        self.assertNotIn(CODE, setup.stdout + setup.stderr)
        self.assertEqual(self.states(), {unit: ("enabled", "active") for unit in UNITS})

    def test_the_same_setup_again_changes_nothing(self):
        install(self.machine, package("mailchute"))
        self.machine.shell(SETUP)
        before, logins = self.facts(), self.qq.journal.count("login")

        again = self.machine.shell(SETUP)

        self.assertIn("nothing to change", again.stdout)
        self.assertEqual(self.facts(), before)
        self.assertEqual(self.qq.journal.count("login"), logins)
        self.assertEqual(before[-1], {unit: ("enabled", "active") for unit in UNITS})

    def test_a_refused_login_writes_nothing_and_starts_nothing(self):
        install(self.machine, package("mailchute"))
        self.machine.write("/srv/code", "notthecodeatall\n", 0o600)

        done = self.machine.shell(SETUP, check=False)

        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertFalse(os.path.exists(self.machine.file(CONFIGURATION)))
        self.assertEqual(self.states(), {unit: ("disabled", "inactive") for unit in UNITS})

    def test_beside_a_server_that_has_the_port_nothing_is_enabled_and_the_program_is_named(self):
        install(self.machine, package("mailchute"))
        self.start_other_server()

        done = self.machine.shell(SETUP, check=False)

        self.assertEqual(done.returncode, 73, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"port 25 is taken by perl \(pid \d+\); next: stop that program")
        self.assertTrue(os.path.exists(self.machine.file(CONFIGURATION)))
        self.assertEqual({enabled for enabled, _ in self.states().values()}, {"disabled"})
        self.machine.run("systemctl", "stop", "other-server")
        again = self.machine.shell(SETUP)
        self.assertIn("started the service", again.stdout)
        self.assertEqual(self.states(), {unit: ("enabled", "active") for unit in UNITS})

    def test_what_cron_jobs_print_arrives_from_root_and_from_a_user(self):
        self.machine.shell("useradd --create-home ann")
        self.machine.shell("cd /srv && " + INSTALL)
        self.machine.shell(SETUP)
        # A job for the start of cron, so that nobody waits for the next minute.
        for user in ("root", "ann"):
            self.machine.shell("echo '@reboot echo hello from %s' | crontab -u %s -" % (user, user))

        self.machine.shell("rm -f /run/crond.reboot && systemctl restart cron")

        messages = self.qq.journal.wait("message", count=2, accepted=True)
        found = {each["content"].split("\r\n\r\n", 1)[1].strip(): each for each in messages}
        self.assertEqual(set(found), {"hello from root", "hello from ann"})
        for user, message in ((user, found["hello from " + user]) for user in ("root", "ann")):
            self.assertEqual((message["sender"], message["recipients"]), (USER, ["ops@example.com"]))
            self.assertRegex(message["header"], r"(?m)^Subject: Cron <%s@" % user)
            self.assertRegex(message["header"], r"\(uid %s\)" % self.machine.run("id", "-u", user).stdout.strip())
        listed = json.loads(self.machine.run("mailchute", "queue", "list", "--state", "any", "--json").stdout)
        self.assertEqual({each["source"]["command"] for each in listed["messages"]}, {"cron"})


class WithoutSystemd(SystemCase):
    """A tree in which no systemd runs: `mailchute run`, by hand or by whatever starts programs there."""

    @classmethod
    def boot(cls):
        return Tree()

    def test_mail_is_delivered_by_a_daemon_that_is_run_by_hand(self):
        qq = prepare(self, self.machine)
        with timed("installed, set up, run by hand, and the first mail"):
            self.machine.chroot("sh", "-c", "cd /srv && " + INSTALL)
            setup = self.machine.chroot("sh", "-c", SETUP)
            self.assertIn("no daemon runs with it yet; next: mailchute run", setup.stderr)
            daemon = self.run_by_hand()
            sent = self.machine.chroot("mailchute", "send-test", "ops@example.com")

        self.assertIn("delivered: the provider has taken it", sent.stdout)
        self.machine.chroot("sh", "-c", "printf 'Subject: by sendmail\\n\\nhello\\n' | sendmail root")
        with smtplib.SMTP("127.0.0.1", 25, timeout=PATIENCE) as client:
            client.sendmail("root", ["root"], plain_mail())
        qq.journal.wait("message", count=3, accepted=True)
        self.assertEqual({os.stat(self.machine.file(path)).st_uid for path in ("/var/lib/mailchute", "/run/mailchute/submit.sock")},
                         {os.stat("/proc/%d" % daemon.pid).st_uid})
        self.assertNotEqual(os.stat("/proc/%d" % daemon.pid).st_uid, 0)
        daemon.terminate()
        self.assertEqual(daemon.wait(20), 0)

    def run_by_hand(self):
        """`mailchute run` as root types it, once it has said that it has started."""
        daemon = subprocess.Popen(["chroot", self.machine.path, "mailchute", "run"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True)
        self.addCleanup(self.end, daemon)
        said = []
        for line in daemon.stderr:   # to its end, if it does not start
            said.append(line)
            if " started version=" in line:
                return daemon
        self.fail("not started: " + "".join(said))
        return daemon


if __name__ == "__main__":
    main()
