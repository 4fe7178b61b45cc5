"""What a process finds around it when it begins: descriptors, environment, threads, /proc; and what it starts itself."""
import base64
import os
import re
import resource
import socket
import subprocess
import sys
import unittest

from harness import BINARY, PASSWORD, USER, EndToEnd, plain_mail
from submit_client import SubmitClient

ROOT = os.geteuid() == 0
CLOSE_ON_EXEC = 0o2000000
NOBODY = 64008          # a user without processes
SILENT_NAME_SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "silent_name_server.py")
WEAK_OPENSSL = """openssl_conf = all
[all]
ssl_conf = ssl
engines = engines
providers = providers
[ssl]
system_default = default
[default]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
[engines]
evil = evil
[evil]
dynamic_path = %(folder)s/evil.so
init = 1
[providers]
evil = evil_provider
[evil_provider]
module = %(folder)s/evil.so
activate = 1
"""


class Descriptors(EndToEnd):
    def test_strays_are_closed_and_none_of_its_own_would_be_inherited(self):  # P033
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        stray = os.path.join(self.folder, "stray")
        with open(stray, "w") as file:
            low, high = os.dup2(file.fileno(), 40), os.dup2(file.fileno(), 400)
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)

        daemon.start(pass_fds=(low, high, writer))
        for each in (low, high, writer):
            os.close(each)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

        os.set_blocking(reader, False)
        self.assertTrue(self.is_closed(reader), "the daemon keeps somebody's pipe open")
        descriptors = daemon.descriptors()
        self.assertNotIn(stray, descriptors.values())
        for number in descriptors:
            if number > 2:
                flags = int(re.search(rb"flags:\s+(\d+)", daemon.proc("fdinfo/%d" % number))[1], 8)
                self.assertTrue(flags & CLOSE_ON_EXEC, "%d (%s) would be inherited" % (number, descriptors[number]))
            self.assertNotIn("queue.db", descriptors[number] if number <= 2 else "")

    def is_closed(self, reader):
        try:
            return os.read(reader, 1) == b""
        except BlockingIOError:
            return False

    def test_sockets_of_systemd_are_no_strays(self):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        daemon.port = listener.getsockname()[1]
        daemon.set("listen", {"smtp": []})
        daemon.start_with_sockets(smtp=listener)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)


class Environment(EndToEnd):
    """What OpenSSL would take from the environment (K031)."""

    def start(self, provider, upstream=None, **environment):
        daemon = self.daemon(provider, upstream, start=False)
        whole = {**daemon.environment(), **environment}
        daemon.environment = lambda: dict(whole)
        return daemon.start()

    def weak(self):
        path = os.path.join(self.folder, "openssl.cnf")
        with open(path, "w") as file:
            file.write(WEAK_OPENSSL % {"folder": self.folder})
        return {"OPENSSL_CONF": path, "OPENSSL_MODULES": self.folder, "OPENSSL_ENGINES": self.folder}

    def refused(self, daemon, provider):
        daemon.send(plain_mail())
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "trouble with the upstream")
        self.assertEqual(provider.journal.all("login"), [])
        self.assertEqual(provider.journal.all("message"), [])

    def test_a_weak_openssl_conf_does_not_lower_the_floor(self):
        provider = self.provider(tls_max="1.1")
        self.refused(self.start(provider, **self.weak()), provider)

    def test_an_openssl_conf_that_names_no_engine_there_is_does_no_harm(self):
        provider = self.provider()
        daemon = self.start(provider, **self.weak())
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_roots_come_from_the_configuration_alone(self):
        provider = self.provider()
        upstream = {"ca_file": None}
        daemon = self.daemon(provider, start=False)
        del daemon.settings["upstreams"]["main"]["ca_file"]
        whole = {**daemon.environment(), "SSL_CERT_FILE": self.certificates.ca_file,
                 "SSL_CERT_DIR": os.path.dirname(self.certificates.ca_file)}
        daemon.environment = lambda: dict(whole)
        self.refused(daemon.start(), provider)

    def test_no_keys_of_a_session_are_written_down(self):
        provider = self.provider()
        path = os.path.join(self.folder, "keys")
        daemon = self.start(provider, SSLKEYLOGFILE=path)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        self.assertFalse(os.path.exists(path))


@unittest.skipUnless(ROOT, "only root reads the memory of a process that is not dumpable")
class Memory(EndToEnd):
    def memory(self, daemon):
        """Name of the region and its bytes, of all that can be written."""
        with open("/proc/%d/maps" % daemon.process.pid) as maps, open("/proc/%d/mem" % daemon.process.pid, "rb", 0) as memory:
            for line in maps:
                span, mode, _, _, _, *name = line.split(None, 5)
                if not mode.startswith("rw") or name and name[0].startswith("[v"):
                    continue
                begin, end = (int(each, 16) for each in span.split("-"))
                memory.seek(begin)
                try:
                    yield (name or ["anonymous"])[0].strip(), memory.read(end - begin)
                except OSError:
                    continue

    def copies(self, daemon):
        """How often the password is in memory, in each form that it has on its way."""
        forms = {"as it is": PASSWORD.encode(), "in base64": base64.b64encode(PASSWORD.encode()),
                 "in base64 with its user": base64.b64encode(b"\0%s\0%s" % (USER.encode(), PASSWORD.encode()))}
        regions = [content for _, content in self.memory(daemon)]
        return {words: sum(region.count(form) for region in regions) for words, form in forms.items()}

    def test_a_secret_is_in_memory_once_while_it_is_needed_and_then_no_more(self):  # K022
        for mechanism in ("PLAIN", "LOGIN"):
            with self.subTest(mechanism):
                self.setUp()
                provider = self.provider(auth_lines=["AUTH " + mechanism])
                daemon = self.daemon(provider, {"auth": [mechanism.lower()], "idle_close": "1s"})
                daemon.send(plain_mail())
                provider.journal.wait("message", accepted=True)
                self.assertEqual(provider.journal.all("login")[0]["mechanism"], mechanism)
                provider.journal.wait("close")
                daemon.until_empty()

                # The one is for the next connection.
                self.assertEqual(self.copies(daemon), {"as it is": 1, "in base64": 0, "in base64 with its user": 0})

                daemon.set("upstreams", {"other": {"host": "127.0.0.1", "port": 9, "tls": "none"}})
                daemon.write_config()
                daemon.command("reload")
                self.assertEqual(set(self.copies(daemon).values()), {0})
                self._end(daemon)

@unittest.skipUnless(ROOT, "only root can take a process's surroundings away")
class Bareness(EndToEnd):
    def start_in(self, daemon, preparation, *more):
        """Started in a mount namespace, and `more`, in which `preparation` has been typed."""
        if subprocess.run(["unshare", "--mount", *more, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no namespace to be had")
        daemon.write_config()
        environment = daemon.environment()
        notice = daemon._notice_socket(environment)
        daemon._log = open(daemon.log_path, "ab")
        daemon.process = subprocess.Popen(
            ["unshare", "--mount", *more, "sh", "-ec", preparation + '\nexec "$@"', "sh", BINARY, "run", "--config", daemon.config_path],
            env=environment, stdin=subprocess.DEVNULL, stdout=daemon._log, stderr=daemon._log)
        daemon._until_ready(notice)
        notice.close()

    def serves(self, preparation):
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        self.start_in(daemon, preparation)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()

    def test_it_serves_without_proc(self):  # P016
        self.serves("mount -t tmpfs none /proc")

    def test_it_serves_without_a_device_of_chance(self):  # P016
        self.serves("mount --bind /dev/null /dev/urandom\nmount --bind /dev/null /dev/random")

    def test_it_ends_at_once_while_the_name_server_says_nothing(self):  # C079, P001
        upstreams = {"main": {"host": "nowhere.example.com", "port": 465}, "other": {"host": "else.example.com", "port": 465}}
        daemon = self.daemon(upstreams=upstreams, start=False,
                             routes=[{"to": "*@r.test", "via": ["main"]}, {"via": ["other"]}])
        asked = os.path.join(self.folder, "asked")
        # Both in a network of their own; the name server ends with the daemon, whose process the shell becomes.
        self.start_in(daemon, "'%s' '%s' '%s' $$ '%s'" % (sys.executable, SILENT_NAME_SERVER, self.folder, asked), "--net")

        for recipient in ("b@r.test", "b@x.test"):
            with SubmitClient(daemon.submit_path) as client:
                client.sendmail("a@s.test", [recipient], plain_mail())
        daemon.until(lambda: os.path.exists(asked), "a question to the name server")

        self.assertEqual(daemon.stop(patience=10), 0)

    def test_without_threads_it_says_so_and_ends(self):  # P022
        """Whatever the number that is allowed: it serves, or it does not begin; it never dies on its way."""
        served = 0
        for threads in range(1, 12):
            self.setUp()
            provider = self.provider()
            daemon = self.daemon(provider, start=False)
            self.give(self.folder, os.path.dirname(self.certificates.ca_file))

            def confine(threads=threads):
                resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads))
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)

            with self.subTest(threads=threads):
                daemon.write_config()
                self.give(self.folder)
                try:
                    daemon.start(preexec_fn=confine)
                except AssertionError:
                    self.assertEqual(daemon.process.returncode, 71, daemon.log())
                    self.assertRegex(daemon.log(), r"not started: cannot start .*thread.*next: .*TasksMax")
                    continue
                served += 1
                daemon.send(plain_mail())
                provider.journal.wait("message", accepted=True)
                self._end(daemon)
        self.assertGreater(served, 0)

    def test_without_files_to_open_it_says_so_and_ends(self):
        for files, begins in ((24, False), (64, True)):
            self.setUp()
            provider = self.provider()
            daemon = self.daemon(provider, start=False)

            def confine(files=files):
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

            with self.subTest(files=files):
                daemon.start(preexec_fn=confine, wait=begins)
                if not begins:
                    self.assertEqual(daemon.wait_exit(), 71)
                    self.assertIn("not started: it may open 24 files, and needs 64; next: raise LimitNOFILE=", daemon.log())
                    continue
                daemon.send(plain_mail())
                provider.journal.wait("message", accepted=True)
                self._end(daemon)

    def give(self, *folders):
        for folder in folders:
            for place, _, files in os.walk(folder):
                for each in [place, *(os.path.join(place, name) for name in files)]:
                    os.chown(each, NOBODY, NOBODY)


class Programs(EndToEnd):
    def test_one_program_is_run_and_it_is_the_daemon(self):  # P038
        provider = self.provider()
        daemon = self.daemon(provider, start=False)
        trace = os.path.join(self.folder, "trace")
        # -D: the tracer stands aside, and the process that we started is the daemon.
        traced = ["strace", "-D", "-f", "-qq", "-o", trace, "-e", "trace=execve,execveat"]
        daemon.write_config()
        environment = daemon.environment()
        notice = daemon._notice_socket(environment)
        daemon._log = open(daemon.log_path, "ab")
        daemon.process = subprocess.Popen([*traced, BINARY, "run", "--config", daemon.config_path], env=environment,
                                          stdin=subprocess.DEVNULL, stdout=daemon._log, stderr=daemon._log)
        daemon._until_ready(notice)
        notice.close()

        daemon.send(plain_mail(subject="$(id) `id` |id"), sender="a@s.test", recipients=("b@r.test", "|id@r.test"))
        provider.set_faults([])
        provider.journal.wait("message", accepted=True)
        daemon.until_empty()
        self._end(daemon)

        with open(trace) as file:
            runs = [line for line in file if "execve" in line]
        self.assertEqual(len(runs), 1, runs)
        self.assertIn(BINARY, runs[0])


if __name__ == "__main__":
    unittest.main()
