"""A daemon that root starts does not stay root."""
import os
import subprocess
import unittest

from harness import BINARY, EndToEnd, plain_mail

USER_ID = 64007
UNSHARE = ["unshare", "--mount"]


def can_change_passwd():
    return subprocess.run([*UNSHARE, "true"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(os.geteuid() == 0, "only root can give up root")
class Root(EndToEnd):
    def environment(self, daemon):
        environment = daemon.environment()
        del environment["MAILCHUTE_ALLOW_ROOT"]
        return environment

    def known_users(self, with_service_user):
        """Copies of passwd and group with the user mailchute, or without."""
        paths = []
        for source, line in (("/etc/passwd", "mailchute:x:%d:%d::%s:/usr/sbin/nologin" % (USER_ID, USER_ID, self.folder)),
                             ("/etc/group", "mailchute:x:%d:" % USER_ID)):
            with open(source) as file:
                lines = [each for each in file.read().splitlines() if not each.startswith("mailchute:")]
            path = os.path.join(self.folder, os.path.basename(source))
            with open(path, "w") as file:
                file.write("\n".join(lines + ([line] if with_service_user else [])) + "\n")
            os.chmod(path, 0o644)
            paths.append(path)
        return paths

    def start(self, daemon, with_service_user=True, wait=True, flags=()):
        """Root starts it, in a place where the system's users are as we say."""
        if not can_change_passwd():
            self.skipTest("no mount namespace to be had")
        daemon.write_config()
        environment = self.environment(daemon)
        notice = daemon._notice_socket(environment)
        os.chmod(os.path.join(self.folder, "notice.sock"), 0o777)
        daemon._log = open(daemon.log_path, "ab")
        script = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'
        daemon.process = subprocess.Popen(
            [*UNSHARE, "sh", "-c", script, "sh", *self.known_users(with_service_user), BINARY, "run", "--config",
             daemon.config_path, *flags], env=environment, stdin=subprocess.DEVNULL, stdout=daemon._log, stderr=daemon._log)
        if wait:
            daemon._until_ready(notice)
        notice.close()

    def give_to_service_user(self, daemon):
        daemon.write_config()
        os.chown(self.folder, USER_ID, USER_ID)
        os.chmod(daemon.config_path, 0o644)
        os.chown(os.path.join(self.folder, "secret"), 0, USER_ID)
        os.chmod(os.path.join(self.folder, "secret"), 0o640)
        os.chmod(self.certificates.ca_file, 0o644)
        os.chmod(os.path.dirname(self.certificates.ca_file), 0o755)

    def test_it_becomes_the_user_mailchute_with_the_sockets_of_root(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        self.give_to_service_user(daemon)
        self.start(daemon)

        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

        status = daemon.proc("status").decode()
        for name in ("Uid", "Gid"):
            self.assertIn("\n%s:\t%s\n" % (name, "\t".join([str(USER_ID)] * 4)), status)
        self.assertIn("\nGroups:\t%d" % USER_ID, status)
        self.assertEqual(os.stat(daemon.settings["queue"]["path"]).st_uid, USER_ID)
        self.assertEqual(os.stat(daemon.control_path).st_uid, USER_ID)
        self.assertEqual(daemon.status()["queue"]["messages"], 0)

    def test_what_the_user_may_not_read_is_named(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        self.give_to_service_user(daemon)
        os.chmod(os.path.join(self.folder, "secret"), 0o600)
        self.start(daemon, wait=False)

        self.assertEqual(daemon.wait_exit(), 77)
        self.assertRegex(daemon.log(), "the user mailchute cannot read .*/secret: .*; next: chgrp mailchute .*--allow-root")

    def test_a_queue_of_roots_own_is_named(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        self.give_to_service_user(daemon)
        os.chown(self.folder, 0, 0)
        os.chmod(self.folder, 0o755)
        self.start(daemon, wait=False)

        self.assertEqual(daemon.wait_exit(), 77)
        self.assertRegex(daemon.log(), "does not belong to the user mailchute; next: install -d -o mailchute")

    def test_without_such_a_user_it_stays_root_and_says_so(self):
        daemon = self.daemon(self.provider(), start=False)
        self.start(daemon, with_service_user=False)

        self.assertIn(b"\nUid:\t0\t0\t0\t0\n", daemon.proc("status"))
        self.assertRegex(daemon.log(), "running as root: there is no user mailchute to become; next: systemd-sysusers")

    def test_root_that_is_allowed_is_nothing_to_speak_of(self):
        daemon = self.daemon(self.provider(), start=False)
        self.start(daemon, with_service_user=False, flags=["--allow-root"])

        self.assertIn(b"\nUid:\t0\t0\t0\t0\n", daemon.proc("status"))
        self.assertNotIn("running as root", daemon.log())


if __name__ == "__main__":
    unittest.main()
