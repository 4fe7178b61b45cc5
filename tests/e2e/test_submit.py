"""The socket of the sendmail command: SMTP by another door, where the kernel says who is there."""
import os
import smtplib
import socket
import stat
import subprocess
import sys
import unittest

from harness import BINARY, EndToEnd, plain_mail
from submit_client import SubmitClient

HERE = os.path.dirname(os.path.abspath(__file__))
OTHER_USER = 64011
# A client as another user: what it says is ours, who says it is not.
SEND_AS = """
import os, sys
sys.path.insert(0, %r)
from submit_client import SubmitClient
os.setgroups([]); os.setgid(%d); os.setuid(%d)
client = SubmitClient(sys.argv[1])
client.sendmail(sys.argv[2], [sys.argv[3]], sys.argv[4])
client.quit()
"""

# A client that is root in a namespace of its own and OTHER_USER outside, by the door that is named: a path, or a host and a port.
NO_NAMESPACE = 77
SEND_AS_INNER_ROOT = """
import ctypes, os, smtplib, sys
sys.path.insert(0, %r)
from submit_client import SubmitClient
os.setgroups([]); os.setgid(%d); os.setuid(%d)
libc = ctypes.CDLL(None)
libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, without which /proc/self is root's
if libc.unshare(0x10000000) != 0:  # CLONE_NEWUSER
    sys.exit(%d)
with open("/proc/self/uid_map", "w") as map:
    map.write("0 %d 1")
assert os.getuid() == 0
client = smtplib.SMTP(sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else SubmitClient(sys.argv[1])
client.sendmail("a@s.test", ["b@r.test"], "Subject: x")
client.quit()
""" % (HERE, OTHER_USER, OTHER_USER, NO_NAMESPACE, OTHER_USER)


class SubmitSocket(EndToEnd):
    def test_a_message_carries_who_the_kernel_says_it_is_from(self):
        relay = self.daemon(self._silent_provider())
        with SubmitClient(relay.submit_path) as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail())

        source = relay.queue()[0]["source"]

        self.assertEqual((source["kind"], source["uid"], source["pid"]), ("submit", os.getuid(), os.getpid()))
        with open("/proc/self/comm") as comm:
            self.assertEqual(source["command"], comm.read().strip())
        relay.wait_log(r"submit uid=%d command=" % os.getuid())

    def test_the_trace_line_names_the_user_and_no_host(self):
        relay = self.daemon(self._silent_provider())
        with SubmitClient(relay.submit_path) as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail())

        identity = relay.queue()[0]["id"]
        stored = relay.command("queue", "show", identity, "--raw").stdout

        unfolded = " ".join(stored.split("Subject:")[0].split())
        self.assertRegex(unfolded, r"^Received: \(uid %d\) by relay\.test \(mailchute [0-9a-f]{12}\) with local id %s;"
                         % (os.getuid(), identity))

    def test_what_has_been_here_before_goes_in_circles(self):
        relay = self.daemon(self._silent_provider())
        with SubmitClient(relay.submit_path) as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail())
            stored = relay.command("queue", "show", relay.queue()[0]["id"], "--raw").stdout

            with self.assertRaises(smtplib.SMTPDataError) as refusal:
                client.sendmail("b@r.test", ["a@s.test"], stored.replace("\n", "\r\n"))

        self.assertEqual(refusal.exception.smtp_code, 554)
        self.assertIn(b"5.4.6", refusal.exception.smtp_error)
        self.assertEqual(len(relay.queue()), 1)

    def test_bare_names_are_completed_as_on_the_port(self):
        relay = self.daemon(self._silent_provider())
        with SubmitClient(relay.submit_path) as client:
            client.sendmail("backup", ["b@r.test"], plain_mail())

        self.assertEqual(relay.queue()[0]["sender"], "backup@s.test")

    def test_everybody_may_write_and_the_path_goes_with_the_daemon(self):
        relay = self.daemon(self.provider())
        self.assertEqual(stat.S_IMODE(os.stat(relay.submit_path).st_mode), 0o666)

        self.assertEqual(relay.stop(), 0)

        self.assertFalse(os.path.exists(relay.submit_path))

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_another_user_is_known_by_the_socket_and_not_by_what_it_says(self):
        relay = self.daemon(self._silent_provider())
        os.chmod(self.folder, 0o711)

        script = SEND_AS % (HERE, OTHER_USER, OTHER_USER)
        subprocess.run([sys.executable, "-B", "-c", script, relay.submit_path, "root@s.test", "b@r.test", plain_mail()],
                       check=True, timeout=60)

        message = relay.queue()[0]
        self.assertEqual((message["sender"], message["source"]["uid"]), ("root@s.test", OTHER_USER))

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_root_of_a_namespace_is_the_user_that_it_is_outside_by_either_door(self):  # L006
        relay = self.daemon(self._silent_provider())
        os.chmod(self.folder, 0o711)

        # An IPv6 socket that dials an IPv4 address as well: the one that is looked up is not the one that was dialed.
        for place in (relay.submit_path, "127.0.0.1 %d" % relay.port, "::ffff:127.0.0.1 %d" % relay.port):
            done = subprocess.run([sys.executable, "-B", "-c", SEND_AS_INNER_ROOT, *place.split()], timeout=60)
            if done.returncode == NO_NAMESPACE:
                self.skipTest("users may not make namespaces here")
            self.assertEqual(done.returncode, 0, place)

        self.assertEqual([each["source"]["uid"] for each in relay.queue()], [OTHER_USER] * 3)

    def test_a_users_connections_are_counted_over_both_doors(self):
        relay = self.daemon(self.provider(), limits={"connections_per_user": 2})
        first, second = SubmitClient(relay.submit_path), relay.smtp()
        for client in (first, second):
            self.addCleanup(client.close)

        with self.assertRaises(smtplib.SMTPConnectError) as refused:
            SubmitClient(relay.submit_path)

        self.assertEqual(refused.exception.smtp_code, 421)
        relay.wait_log(r"Too many connections from you")

    def test_a_socket_that_systemd_passes_is_served(self):
        provider = self.provider()
        relay = self.daemon(provider, start=False)
        path = os.path.join(self.folder, "passed.sock")
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen(16)
        relay.start_with_sockets(submit=listener)

        with SubmitClient(path) as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail())

        provider.journal.wait("message", accepted=True)
        self.assertFalse(os.path.exists(relay.submit_path), "its own one was opened beside the passed one")

    def test_a_second_daemon_leaves_the_first_ones_socket_alone(self):
        provider = self.provider()
        relay = self.daemon(provider)
        second = subprocess.run([BINARY, "run", "--config", relay.config_path], env=relay.environment(),
                                capture_output=True, text=True, timeout=60)
        self.assertNotEqual(second.returncode, 0)

        with SubmitClient(relay.submit_path) as client:
            client.sendmail("a@s.test", ["b@r.test"], plain_mail())

        provider.journal.wait("message", accepted=True)

    def _silent_provider(self):
        provider = self.provider()
        provider.stop()
        return provider


if __name__ == "__main__":
    unittest.main()
