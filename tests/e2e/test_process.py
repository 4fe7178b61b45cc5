"""The daemon as a process: signals, a second one, sockets from systemd, odd beginnings."""
import os
import re
import signal
import socket
import time
import unittest

from harness import SIGHUP, Daemon, EndToEnd, plain_mail


class Signals(EndToEnd):
    def test_sigterm_says_421_to_open_sessions_and_ends_with_0(self):
        daemon = self.daemon(self.provider())
        idle, mid_mail, mid_data = daemon.smtp(), daemon.smtp(), daemon.smtp()
        for client in (idle, mid_mail, mid_data):
            self.addCleanup(client.close)
            client.ehlo()
        mid_mail.mail("a@s.test")
        mid_data.mail("a@s.test")
        mid_data.rcpt("b@r.test")
        mid_data.docmd("DATA")
        mid_data.send(b"half a message\r\n")

        daemon.signal(signal.SIGTERM)

        for client in (idle, mid_mail):
            code, text = client.getreply()
            self.assertEqual((code, text[:5]), (421, b"4.3.2"))
        self.assertEqual(daemon.wait_exit(), 0)
        daemon.start()
        self.assertEqual(daemon.queue(), [])

    def test_a_second_signal_ends_it_sooner_and_nothing_is_lost(self):  # P002
        for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGQUIT)):
            with self.subTest(first=first, second=second):
                self.setUp()
                provider = self.provider()
                daemon = self.daemon(provider)
                provider.set_faults([{"at": "EOD", "nth": [1], "then": "hang"}])
                for number in range(5):
                    daemon.send(plain_mail(X_Token="m%d" % number))
                provider.journal.wait("message")

                daemon.signal(first)
                daemon.wait_log("stopping")
                asked = time.monotonic()
                daemon.signal(second)

                self.assertEqual(daemon.wait_exit(), 0)
                self.assertLess(time.monotonic() - asked, 4)   # half of what it would wait for the provider
                provider.set_faults([])
                daemon.start()
                daemon.until_empty()
                self.assertEqual({each["token"] for each in provider.journal.all("message", accepted=True)},
                                 {"m%d" % number for number in range(5)})
                self._end(daemon)

    def test_sighup_with_a_bad_file_keeps_the_old_configuration(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        with open(daemon.config_path, "a") as file:
            file.write("pasword: x\n")

        daemon.signal(SIGHUP)
        daemon.wait_log(r"pasword")
        refused = daemon.command("reload", check=False)
        daemon.write_config()

        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("pasword", refused.stdout + refused.stderr)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_a_reload_moves_mail_to_the_new_provider(self):
        first, second = self.provider(), self.provider()
        daemon = self.daemon(first)
        daemon.send(plain_mail())
        first.journal.wait("message", accepted=True)

        daemon.set("upstreams", {"main": self.upstream(second)})
        daemon.write_config()
        daemon.command("reload")
        daemon.send(plain_mail())

        second.journal.wait("message", accepted=True)
        self.assertEqual(first.journal.count("message"), 1)

    def test_of_reloads_in_a_row_the_last_one_stays(self):
        many = os.path.join(self.folder, "aliases")
        with open(many, "w") as file:
            file.writelines("name%d: someone%d@r.test\n" % (number, number) for number in range(20_000))
        few = os.path.join(self.folder, "few-aliases")
        with open(few, "w") as file:
            file.write("name: someone@r.test\n")
        daemon = self.daemon(self.provider())
        for number in range(1, 6):
            daemon.set("aliases_file", many)            # so that the earlier one takes longer
            daemon.set("limits", {"message_size": "1MiB"})
            daemon.write_config()
            self.reload_and_wait_for_reading(daemon)
            daemon.set("aliases_file", few)
            daemon.set("limits", {"message_size": "%dMiB" % (number + 1)})
            daemon.write_config()
            daemon.signal(SIGHUP)
            daemon.wait_log(r"info reloaded", count=2 * number)

            with daemon.smtp() as client:
                client.ehlo()
                self.assertEqual(client.esmtp_features["size"], str((number + 1) << 20))

    def reload_and_wait_for_reading(self, daemon):
        """Returns when the daemon has taken in its main file, and while it reads on."""
        def taken_in():
            with open("/proc/%d/io" % daemon.process.pid) as counts:
                return int(re.search(r"rchar: (\d+)", counts.read())[1])

        wanted = taken_in() + os.path.getsize(daemon.config_path)
        deadline = time.monotonic() + 20
        daemon.signal(SIGHUP)
        while taken_in() < wanted:
            self.assertLess(time.monotonic(), deadline, "the configuration is not read")

    def test_many_reloads_under_load_drop_nothing_and_leak_nothing(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()
        before = len(daemon.descriptors())

        for number in range(50):
            daemon.signal(SIGHUP)
            daemon.send(plain_mail(subject="m%d" % number))

        provider.journal.wait("message", count=51, accepted=True)
        daemon.until_empty()
        daemon.until(lambda: len(daemon.descriptors()) <= before + 2, "as few descriptors as before")

    def test_signals_without_a_meaning_are_survived(self):
        daemon = self.daemon(self.provider())
        for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGWINCH, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
                       signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGXFSZ, signal.SIGURG):
            daemon.signal(number)
            with self.subTest(number), daemon.smtp() as client:
                self.assertEqual(client.ehlo()[0], 250)

    def test_it_can_be_stopped_though_it_was_started_with_signals_blocked(self):
        daemon = self.daemon(self.provider(), start=False)
        daemon.start(preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)))

        self.assertEqual(daemon.stop(), 0)


class Neighbours(EndToEnd):
    def test_a_second_daemon_on_the_same_queue_is_refused_and_the_first_unharmed(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        os.mkdir(os.path.join(self.folder, "second"))
        second = Daemon(os.path.join(self.folder, "second"), daemon.settings["upstreams"])
        second.set("queue", {"path": daemon.settings["queue"]["path"]})

        second.start(wait=False)
        self.assertNotEqual(second.wait_exit(), 0)
        self.assertIn("queue.db", second.log())
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_an_address_in_use_is_an_error_that_names_it(self):
        daemon = self.daemon(self.provider())
        os.mkdir(os.path.join(self.folder, "second"))
        second = Daemon(os.path.join(self.folder, "second"), daemon.settings["upstreams"])
        second.set("listen", {"smtp": ["127.0.0.1:%d" % daemon.port]})

        second.start(wait=False)

        self.assertNotEqual(second.wait_exit(), 0)
        self.assertIn(str(daemon.port), second.log())
        if os.geteuid() == 0:
            self.assertRegex(second.log(), r"taken by mailchute \(pid %d\); next: stop that program" % daemon.process.pid)
        self.assertNotIn("--allow-root", second.log())


class Beginnings(EndToEnd):
    def test_sockets_passed_by_name_are_served(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        early = socket.create_connection(listener.getsockname(), timeout=20)   # knocks before the daemon is there
        self.addCleanup(early.close)
        daemon.port = listener.getsockname()[1]
        daemon.set("listen", {"smtp": []})
        daemon.start_with_sockets(smtp=listener)

        self.assertTrue(early.recv(512).startswith(b"220 "))
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_closed_standard_descriptors_do_no_harm(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        daemon.start(preexec_fn=lambda: [os.close(number) for number in (0, 1, 2)])

        daemon.send(plain_mail())

        provider.journal.wait("message", accepted=True)
        for number in (0, 1, 2):
            self.assertEqual(daemon.descriptors()[number], "/dev/null")

    def test_the_daemon_begins_without_a_network(self):
        daemon = self.daemon(start=False, upstreams={"main": {"host": "nowhere.invalid", "port": 465}})
        daemon.start()
        daemon.send(plain_mail())
        self.assertEqual(len(daemon.queue()), 1)

    def test_a_daemon_that_has_just_begun_holds_little_memory_of_its_own(self):
        daemon = self.daemon(self.provider())
        self.assertLess(daemon.memory_kib("RssAnon"), 8 * 1024)

    def test_the_queue_is_for_its_owner_alone(self):
        daemon = self.daemon(self.provider(), start=False)
        daemon.start(preexec_fn=lambda: os.umask(0))
        daemon.send(plain_mail())
        for name in os.listdir(self.folder):
            if name.startswith("queue.db"):
                mode = os.stat(os.path.join(self.folder, name)).st_mode & 0o777
                self.assertEqual(mode & 0o077, 0, "%s has mode %o" % (name, mode))

    def test_mistakes_in_the_configuration_end_with_78(self):
        daemon = self.daemon(self.provider(), start=False)
        with open(daemon.config_path, "a") as file:
            file.write("qeue: {}\nlog: [\n")
        for verb in ("check", "run"):
            done = daemon.command(verb, check=False)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertRegex(done.stdout + done.stderr, r"mailchute\.yaml:\d+:\d+")

    def test_no_program_is_ever_started_but_the_daemon(self):
        provider = self.provider()
        daemon = self.daemon(provider)
        daemon.send(plain_mail(subject="$(id) `id`"), sender="a@s.test")
        provider.journal.wait("message", accepted=True)
        self.assertEqual(daemon.proc("task/%d/children" % daemon.process.pid), b"")


if __name__ == "__main__":
    unittest.main()
