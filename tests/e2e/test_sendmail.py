"""sendmail as other programs call it: the exact words of each, what comes of them, and how it ends."""
import hashlib
import os
import re
import select
import socket
import subprocess
import unittest

from harness import plain_mail
from sendmail_case import Sendmail

def own_name():
    """As the kernel calls this process, whose child sendmail is."""
    with open("/proc/self/comm") as comm:
        return comm.read().strip()


# Name, words behind `sendmail`, the envelope that must come of them: (sender, recipients). `me` is the calling
# user's bare name, as the daemon completes it.
ME = "root@s.test" if os.geteuid() == 0 else None
HEADER = "From: <from@s.test>\nTo: Ann <a@r.test>, b@r.test\nCc: c@r.test\nBcc: blind@r.test\nSubject: hello\n\nbody\n"
NAMED = ["a@r.test", "b@r.test", "c@r.test", "blind@r.test"]
CALLERS = [
    ("cron", "-FCronDaemon -i -B8BITMIME -oem root", ME, ["root"]),
    ("anacron", "-FAnacron -odi root", ME, ["root"]),
    ("at", "-i root", ME, ["root"]),
    ("systemd-cron", "-i -B8BITMIME root", ME, ["root"]),
    ("bcron", "-FCronDaemon -i -odi -oem -t", ME, NAMED),
    ("BSD cron", "-FCronDaemon -odi -oem -oi -t", ME, NAMED),
    ("busybox cron", "-t -oem -i", ME, NAMED),
    ("bsd-mailx", "-i -t", ME, NAMED),
    ("bsd-mailx -r", "-i -t -f me@example.com", "me@example.com", NAMED),
    ("s-nail", "-i -- a@example.com", ME, ["a@example.com"]),
    ("s-nail -v -r", "-i -v -f me@x -- a@example.com", "me@x", ["a@example.com"]),
    ("mailutils", "-oi -f root@vm -t", "root@vm", NAMED),
    ("mutt", "-oem -oi -- a@x", ME, ["a@x"]),
    ("mutt with DSN", "-oem -oi -f me@x -N failure,delay -R hdrs -- a@x", "me@x", ["a@x"]),
    ("PHP mail()", "-t -i", ME, NAMED),
    ("PHP mail(), fifth argument", "-t -i -fme@example.com", "me@example.com", NAMED),
    ("PHPMailer", "-oi -fme@example.com -t", "me@example.com", NAMED),
    ("WordPress", "-oi -t", ME, NAMED),
    ("git send-email", "-i a@x me@x", ME, ["a@x", "me@x"]),
    ("git send-email --envelope-sender", "-f me@x -i a@x me@x", "me@x", ["a@x", "me@x"]),
    ("unattended-upgrades, apt-listchanges", "-oi -t", ME, NAMED),
    ("logwatch, debsecan, mdadm, sudo, Mail::Mailer, reportbug", "-t", ME, NAMED),
    ("fail2ban", "-f fail2ban@x root@x", "fail2ban@x", ["root@x"]),
    ("rkhunter", "admin@x", ME, ["admin@x"]),
    ("Email::Sender", "-i -f me@x -- a@x b@x", "me@x", ["a@x", "b@x"]),
    ("Email::Sender, a bounce", ["-i", "-f", "", "--", "a@x"], "", ["a@x"]),
    ("Ruby's mail", ["-i", "-f", "<me@x>", "--", "<a@x>", "b@x"], "me@x", ["a@x", "b@x"]),
    ("Request Tracker", "-oi -t -ODeliveryMode=b -OErrorMode=m", ME, NAMED),
    ("Request Tracker, a bounce", "-oi -t -f <>", "", NAMED),
]


class Callers(Sendmail):
    def test_the_words_of_every_caller_queue_its_message(self):
        relay = self.relay_with()
        for name, words, _, _ in CALLERS:
            done = self.call(relay, words, HEADER.replace("hello", name))
            self.assertEqual((done.returncode, done.stdout if "-v" not in words else "", done.stderr), (0, "", ""), name)

        queued = {message["subject"]: message for message in relay.queue()}
        self.assertEqual(len(queued), len(CALLERS))
        for name, _, sender, recipients in CALLERS:
            with self.subTest(name):
                message = queued[name]
                self.assertEqual(message["sender"], message["sender"] if sender is None else sender)
                named = [each["address"] for each in message["recipients"]]
                self.assertEqual(named, ["ops@s.test" if each == "root" else each for each in recipients])
                source = message["source"]
                self.assertEqual((source["kind"], source["uid"], source["command"]), ("submit", os.getuid(), own_name()))

    def test_the_caller_is_named_and_not_the_shell_between(self):
        relay = self.relay_with()
        lines = {"straight": "exec %s -i a@r.test", "by a shell": "%s -i a@r.test; true", "by two": "sh -c '%s -i a@r.test; true'; true"}
        for name, line in lines.items():
            done = subprocess.run(["sh", "-c", line % self.sendmail], input=HEADER.replace("hello", name), text=True, capture_output=True,
                                  env={**relay.environment(), **self.names_for(relay)}, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

        self.assertEqual({each["subject"]: each["source"]["command"] for each in relay.queue()},
                         {name: own_name() for name in lines})

    def test_blind_copies_are_taken_out_where_the_header_names_the_recipients(self):
        relay = self.relay_with()
        for words, blind in (("-t", False), ("a@r.test", True)):
            self.assertEqual(self.call(relay, words, HEADER).returncode, 0)
            self.assertEqual(b"blind@r.test" in self.stored(relay)[1], blind)
            self.remove_all(relay)

    def test_delivery_notifications_reach_the_provider(self):
        relay = self.daemon(self.provider_side)

        done = self.call(relay, "-oem -oi -f me@x.test -N failure,delay -R hdrs -V job=7 -B8BITMIME -- a@r.test")

        self.assertEqual((done.returncode, done.stderr), (0, ""))
        event = self.provider_side.journal.wait("message", accepted=True)[0]
        told = "%s %s" % (event["mail_line"], event["rcpt_lines"])
        for word in ("RET=HDRS", "ENVID=job+3D7", "BODY=8BITMIME", "NOTIFY=FAILURE,DELAY"):
            self.assertIn(word, told)

    def test_a_message_is_delivered_byte_for_byte(self):
        relay = self.daemon(self.provider_side)
        body = b".\n..\n.x\nFrom here\n\xc3\xa9\n" + b"y" * 3000 + b"\nno end"

        done = self.call(relay, "-i a@r.test", b"From: <a@s.test>\nTo: <a@r.test>\nX-Token: bytes\n\n" + body)

        self.assertEqual((done.returncode, done.stderr), (0, ""))
        event = self.provider_side.journal.wait("message", accepted=True, token="bytes")[0]
        wanted = body.replace(b"\n", b"\r\n") + b"\r\n"
        self.assertEqual(event["body_sha256"], hashlib.sha256(wanted).hexdigest())


class Content(Sendmail):
    def setUp(self):
        super().setUp()
        self.relay = self.relay_with()

    def stored_from(self, text, words="-i a@r.test"):
        done = self.call(self.relay, words, text)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        content = self.stored(self.relay)[1]
        self.remove_all(self.relay)
        return content

    def test_line_ends_become_crlf_once_and_a_lone_dot_ends_nothing(self):
        for text in (b"Subject: x\n\none\n.\ntwo\n", b"Subject: x\r\n\r\none\r\n.\r\ntwo\r\n", b"Subject: x\n\r\none\n.\r\ntwo"):
            for words in ("-i a@r.test", "a@r.test"):
                with self.subTest(text, words=words):
                    content = self.stored_from(text, words)
                    self.assertTrue(content.endswith(b"\r\n\r\none\r\n.\r\ntwo\r\n"), content)
                    self.assertNotIn(b"\r\r", content)

    def test_a_sender_without_a_from_gets_one(self):
        content = self.stored_from(b"Subject: x\n\nhi\n", ["-FAnn \"the\" Admin", "-f", "me@s.test", "a@r.test"])
        self.assertIn(b'\r\nFrom: "Ann \\"the\\" Admin" <me@s.test>\r\n', content)

    def test_a_name_cannot_bring_an_address_along(self):
        content = self.stored_from(b"Subject: x\n\nhi\n", ['-FName" <evil@x.test>', "-f", "me@s.test", "a@r.test"])
        froms = re.findall(rb"\r\nFrom: (.*)\r\n", content)
        self.assertEqual(froms, [b'"Name\\" <evil@x.test>" <me@s.test>'])

    def test_a_from_that_is_there_stays(self):
        content = self.stored_from(b"From: root (Cron Daemon)\nSubject: \xe6\xb5\x8b\n\nhi\n", "-FCronDaemon root")
        self.assertEqual(re.findall(rb"\r\nFrom: (.*)\r\n", content), [b"root (Cron Daemon)"])
        self.assertIn(b"Subject: \xe6\xb5\x8b\r\n", content)

    def test_text_without_a_header_stays_text(self):
        content = self.stored_from(b"the disk is full\nreally\n")
        self.assertTrue(content.endswith(b"\r\n\r\nthe disk is full\r\nreally\r\n"), content)

    def test_a_message_larger_than_memory_for_it_arrives_whole(self):
        body = b"".join(b"%07d %s\n" % (number, b"x" * 60) for number in range(60000))
        content = self.stored_from(b"Subject: big\n\n" + body)
        self.assertTrue(content.endswith(b"\r\n\r\n" + body.replace(b"\n", b"\r\n")))

    def test_an_empty_message_is_one(self):
        content = self.stored_from(b"")
        self.assertIn(b"\r\nFrom: ", content)


class Refusals(Sendmail):
    def refused(self, relay, words, text=HEADER, **arguments):
        """Its exit status; nothing may have been queued, and no file made."""
        before = sorted(os.listdir(self.folder))
        done = self.call(relay, words, text, **arguments)
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(done.stderr.startswith("sendmail: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(relay.queue(), [])
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        return done.returncode

    def test_m001_a_senders_value_is_no_flag(self):
        relay = self.relay_with()
        pwn = os.path.join(self.folder, "pwn.php")
        code = self.refused(relay, ["-f", 'a" -X%s -OQueueDirectory=%s @s.test' % (pwn, self.folder), "b@r.test"])
        self.assertEqual(code, 65)

    def test_m002_no_flag_opens_a_file(self):
        relay = self.relay_with()
        trap = os.path.join(self.folder, "trap")
        for words in (["-X" + trap], ["-X", trap], ["-C" + trap], ["-OQueueDirectory=" + trap], ["-oQ" + trap]):
            with self.subTest(words):
                done = self.call(relay, [*words, "a@r.test"])
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertFalse(os.path.exists(trap))
                self.remove_all(relay)
        for words in (["-be", "${run{id}}"], ["-D" + trap], ["-bd"], ["-bD"], ["-bt"], ["-bh"], ["-bH"], ["-q30m"]):
            with self.subTest(words):
                self.assertEqual(self.refused(relay, [*words, "a@r.test"]), 64)

    def test_m005_and_m006_what_is_no_address_is_refused_whole(self):
        relay = self.relay_with()
        for words, code in ((["a@r.test\nBcc: b@r.test"], 65), (["-f", "a\r@s.test", "b@r.test"], 65),
                            ([b"a\x80@r.test"], 65), ([b"\xc2\x9fa@r.test"], 65), (["-f", b"\x9f@s.test", "b@r.test"], 65),
                            (["a@r.test", "b@"], 67), (["--", "-x"], 67), (["|sh"], 67), (["$(id)@r.test;"], 67),
                            (["a@r.test", "-fb@s.test"], 64), ([], 65), (["-F", "x\nBcc: y@z", "a@r.test"], 65),
                            (["-f", "a@s.test, b@s.test", "a@r.test"], 65)):
            with self.subTest(words):
                self.assertEqual(self.refused(relay, words), code)

    def test_m006_behind_two_hyphens_all_are_recipients(self):
        relay = self.relay_with()
        done = self.call(relay, ["-i", "--", "-f@r.test"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.stored(relay)[0]["recipients"][0]["address"], "-f@r.test")

    def test_m007_too_many_recipients_and_too_large_a_header(self):
        relay = self.relay_with()
        many = "To: " + ",\n ".join("u%d@r.test" % number for number in range(10000)) + "\n\nhi\n"
        self.assertEqual(self.refused(relay, "-t", many), 65)
        self.assertEqual(self.refused(relay, "-t", "To: " + "x" * (1 << 20) + "\n\nhi\n"), 65)

    def test_m008_a_header_is_read_as_every_reader_reads_it(self):
        relay = self.relay_with()
        self.assertEqual(self.refused(relay, "-t", "To: a@r.test\n\tBcc: z@r.test\n\nhi\n"), 65)
        self.assertEqual(self.refused(relay, "-t", "Subject: nobody\n\nTo: a@r.test\n"), 65)
        done = self.call(relay, "-t", "To : a@r.test\nCc:\n b@r.test\n\nBcc: z@r.test\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([each["address"] for each in self.stored(relay)[0]["recipients"]], ["a@r.test", "b@r.test"])

    def test_m004_recipients_typed_beside_t_are_added(self):
        relay = self.relay_with()
        done = self.call(relay, "-t x@r.test a@r.test", "To: a@r.test\nBcc: b@r.test\n\nhi\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        named = [each["address"] for each in self.stored(relay)[0]["recipients"]]
        self.assertEqual(named, ["x@r.test", "a@r.test", "b@r.test"])

    def test_what_is_too_large_or_holds_a_nul_is_refused(self):
        relay = self.relay_with(limits={"message_size": "64KiB"})
        self.assertEqual(self.refused(relay, "a@r.test", b"Subject: x\n\n" + b"y" * 200000), 65)
        self.assertEqual(self.refused(relay, "a@r.test", b"Subject: x\n\na\0b\n"), 65)

    def test_who_gives_a_message_that_is_refused_is_heard_out(self):
        """A pipe that breaks would end the caller before it hears why."""
        relay = self.relay_with(limits={"message_size": "1MiB"})
        for text in (b"Subject: x\n\na\0b\n" + b"y" * 2000000, b"Subject: " + b"x" * 2000000, b"Subject: x\n\n" + b"y" * 3000000):
            with self.subTest(text[:20]):
                caller = subprocess.Popen([self.sendmail, "a@r.test"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                          env={**relay.environment(), **self.names_for(relay)})
                with caller.stderr, caller.stdin:
                    caller.stdin.write(text)  # a BrokenPipeError otherwise
                    caller.stdin.close()
                    self.assertIn(b"nothing was queued", caller.stderr.read())
                self.assertEqual(caller.wait(60), 65)

    def test_a_full_queue_is_for_later(self):
        relay = self.relay_with(queue={"reserve": "1000TiB"})
        self.assertEqual(self.refused(relay, "a@r.test"), 75)

    def test_m011_with_nobody_there_it_says_what_to_type_and_the_caller_keeps_the_text(self):
        relay = self.relay_with()
        self.assertEqual(relay.stop(), 0)

        done = self.call(relay, "-i a@r.test", HEADER)

        self.assertEqual(done.returncode, 75)
        self.assertIn("systemctl start mailchute", done.stderr)
        self.assertIn("still with the program", done.stderr)

    def test_a_daemon_that_never_answers_is_not_waited_for_without_end(self):
        relay = self.relay_with()
        self.assertEqual(relay.stop(), 0)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(relay.submit_path)
        listener.listen(1)
        caller = subprocess.Popen([self.sendmail, "a@r.test"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**relay.environment(), "MAILCHUTE_LISTEN_SUBMIT": relay.submit_path})
        caller.stdin.close()
        connection = listener.accept()[0]
        connection.close()

        error = caller.stderr.read().decode()
        caller.stderr.close()
        self.assertEqual(caller.wait(60), 75, error)


class Activation(Sendmail):
    def test_the_first_message_starts_a_daemon_that_is_stopped(self):
        relay = self.daemon(self.provider_side, start=False)
        relay.write_config()
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(relay.submit_path)
        listener.listen(16)
        listener.settimeout(60)
        caller = subprocess.Popen([self.sendmail, "-i", "a@r.test"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env={**relay.environment(), "MAILCHUTE_LISTEN_SUBMIT": relay.submit_path})
        caller.stdin.write(HEADER.encode())
        caller.stdin.close()
        select.select([listener], [], [], 60)  # somebody knocks: what systemd waits for

        relay.start_with_sockets(submit=listener)

        error = caller.stderr.read().decode()
        caller.stderr.close()
        self.assertEqual((caller.wait(60), error), (0, ""))
        self.provider_side.journal.wait("message", accepted=True)


class OtherModes(Sendmail):
    def test_v_prints_the_transcript_and_the_id(self):
        relay = self.relay_with()
        done = self.call(relay, "-v a@r.test", HEADER)
        identity = relay.queue()[0]["id"]
        self.assertRegex(done.stdout, r"(?m)^<<< 220 relay.test")
        self.assertRegex(done.stdout, r"(?m)^>>> RCPT TO:<a@r.test>$")
        self.assertRegex(done.stdout, r"(?m)^<<< 250 2.0.0 Ok: queued as %s$" % identity)
        self.assertNotIn("body", done.stdout)

    def test_a_message_is_queued_whether_or_not_the_transcript_can_be_printed(self):
        relay = self.relay_with()
        with open("/dev/full", "w") as full:
            for number, ending in enumerate(({"stdout": full}, {"preexec_fn": lambda: os.close(1)}), 1):
                many = ["u%d@r.test" % each for each in range(300)]  # more than is kept before it is printed
                done = subprocess.run([self.sendmail, "-v", *many], input=HEADER.encode(), stderr=subprocess.PIPE, timeout=60,
                                      env={**relay.environment(), **self.names_for(relay)}, **ending)
                self.assertEqual((done.returncode, len(relay.queue())), (0, number), done.stderr)
        self.assertEqual({len(each["recipients"]) for each in relay.queue()}, {len(many)})

    def test_an_input_that_is_closed_is_no_empty_message(self):
        relay = self.relay_with()
        done = subprocess.run([self.sendmail, "a@r.test"], stderr=subprocess.PIPE, timeout=60, preexec_fn=lambda: os.close(0),
                              env={**relay.environment(), **self.names_for(relay)})
        self.assertEqual((done.returncode, relay.queue()), (74, []), done.stderr)

    def test_bs_is_smtp_on_standard_input_and_output(self):
        relay = self.relay_with()
        script = ("EHLO app.test\r\n", "MAIL FROM:<a@s.test>\r\n", "RCPT TO:<b@r.test>\r\n", "DATA\r\n",
                  plain_mail() + ".\r\n", "QUIT\r\n")
        caller = subprocess.Popen([self.sendmail, "-bs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                                  env={**relay.environment(), "MAILCHUTE_LISTEN_SUBMIT": relay.submit_path})
        heard = self._reply(caller)
        for line in script:
            caller.stdin.write(line.encode())
            heard += self._reply(caller)
        caller.stdin.close()
        caller.stdout.close()

        self.assertEqual(caller.wait(60), 0)
        self.assertIn(b"queued as " + relay.queue()[0]["id"].encode(), heard)

    def _reply(self, caller):
        heard = b""
        while not re.search(rb"(?m)^\d{3} .*\r\n\Z", heard):
            piece = caller.stdout.read(4096)
            if not piece:
                break
            heard += piece
        return heard

    def test_bs_without_a_daemon_says_421_in_the_daemons_place(self):
        relay = self.relay_with()
        self.assertEqual(relay.stop(), 0)
        done = self.call(relay, "-bs", "")
        self.assertEqual(done.returncode, 75)
        self.assertTrue(done.stdout.startswith("421 4.3.0 "), done.stdout)


if __name__ == "__main__":
    unittest.main()
