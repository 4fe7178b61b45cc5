"""Applications that speak SMTP to the relay themselves, as people write and configure them: Python, Perl, curl, swaks,
msmtp. What arrives at the provider is what they were given, to the byte. Their packages are not installed (tests/fetch_peers.sh)."""
import email.message
import email.policy
import hashlib
import os
import subprocess
import unittest

from harness import EndToEnd

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.environ.get("MAILCHUTE_CLIENTS", os.path.join(HERE, "../../build/peers/clients"))
# What goes wrong on the way where somebody is careless: dots, blanks at the end, the longest line, bytes beyond ASCII.
BODY = "Grüße\n.\n..\n.begins with a dot\nblanks at the end  \n" + "x" * 998 + "\n\nthe end\n"
MAIL = "From: app@s.test\nTo: b@r.test\nSubject: hello\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + BODY

NET_SMTP = r"""
use Net::SMTP;
my $smtp = Net::SMTP->new($ENV{HOST}, Port => $ENV{PORT}, Hello => "app.test") or die "no connection";
$smtp->mail("app\@s.test") and $smtp->to("b\@r.test") and $smtp->data() or die $smtp->message;
while (<STDIN>) { $smtp->datasend($_) }
$smtp->dataend() or die $smtp->message;
$smtp->quit;
"""
MIME_LITE = r"""
use MIME::Lite;
my $mail = MIME::Lite->new(From => "app\@s.test", To => "b\@r.test", Cc => "c\@r.test", Subject => "a report", Type => "multipart/mixed");
$mail->attach(Type => "TEXT", Data => "one\n.\ntwo\n");
$mail->attach(Type => "application/octet-stream", Filename => "r.bin", Data => join("", map { chr } 0 .. 255), Encoding => "base64");
MIME::Lite->send("smtp", $ENV{HOST}, Port => $ENV{PORT}, Timeout => 60);
$mail->send or die "not sent";
"""


class Applications(EndToEnd):
    def setUp(self):
        super().setUp()
        self.provider_side = self.provider()
        self.relay = self.daemon(self.provider_side)
        self.place = "127.0.0.1:%d" % self.relay.port

    def run_client(self, words, text=""):
        libraries = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], capture_output=True, text=True, timeout=30).stdout.strip()
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.relay.port), "HOME": self.folder, "LC_ALL": "C.UTF-8",
                       "PATH": os.path.join(CLIENTS, "usr/bin") + ":" + os.path.join(CLIENTS, "bin") + ":" + os.environ["PATH"],
                       "LD_LIBRARY_PATH": os.path.join(CLIENTS, "usr/lib", libraries), "PERL5LIB": os.path.join(CLIENTS, "usr/share/perl5")}
        done = subprocess.run(words, input=text.encode(), capture_output=True, timeout=120, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def delivered(self, body=None, recipients=("b@r.test",)):
        message = self.provider_side.journal.wait("message", accepted=True)[0]
        self.assertEqual(set(message["recipients"]), set(recipients))
        self.assertEqual(self.provider_side.journal.all("violation"), [])
        if body is not None:
            wanted = body.replace("\n", "\r\n").encode()
            self.assertEqual(message["body_sha256"], hashlib.sha256(wanted).hexdigest(), message["content"])
        return message

    def test_msmtp(self):
        self.run_client(["msmtp", "--host=127.0.0.1", "--port=%d" % self.relay.port, "--auth=off", "--tls=off", "--from=app@s.test", "b@r.test"], MAIL)
        self.assertEqual(self.delivered(BODY)["sender"], "app@s.test")

    def test_msmtp_by_a_configuration_file(self):
        path = os.path.join(self.folder, "msmtprc")
        with open(path, "w") as file:
            file.write("account default\nhost 127.0.0.1\nport %d\nfrom app@s.test\nauth off\ntls off\ndomain app.test\n" % self.relay.port)
        os.chmod(path, 0o600)
        self.run_client(["msmtp", "--file=" + path, "--read-recipients"], MAIL)
        self.delivered(BODY)

    def test_perls_net_smtp(self):
        self.run_client(["perl", "-e", NET_SMTP], MAIL)
        self.delivered(BODY)

    def test_perls_mime_lite(self):
        self.run_client(["perl", "-e", MIME_LITE])
        message = self.delivered(recipients=("b@r.test", "c@r.test"))
        parts = self.parsed(message).get_payload()
        self.assertEqual(parts[0].get_payload(), "one\r\n.\r\ntwo\r\n")
        self.assertEqual(parts[1].get_payload(decode=True), bytes(range(256)))

    def test_curl_with_an_attachment(self):
        path = os.path.join(self.folder, "report.bin")
        with open(path, "wb") as file:
            file.write(bytes(range(256)) * 3)
        self.run_client(["curl", "--silent", "--show-error", "--url", "smtp://%s/app.test" % self.place, "--mail-from", "app@s.test",
                         "--mail-rcpt", "b@r.test", "-H", "From: app@s.test", "-H", "Subject: a report", "-F", "=one;type=text/plain",
                         "-F", "=@%s;encoder=base64" % path])
        parts = self.parsed(self.delivered()).get_payload()
        self.assertEqual(parts[0].get_payload().strip(), "one")
        self.assertEqual(parts[1].get_payload(decode=True), bytes(range(256)) * 3)

    def test_swaks_with_a_message_of_its_own(self):
        path = os.path.join(self.folder, "mail")
        with open(path, "w") as file:
            file.write(MAIL)
        self.run_client(["swaks", "--server", "127.0.0.1", "--port", str(self.relay.port), "--from", "app@s.test", "--to", "b@r.test",
                         "--data", "@" + path, "--suppress-data"])
        self.delivered(BODY + "\n")   # swaks itself ends a message with one more line

    def test_pythons_email_message(self):
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["From"], message["To"], message["Cc"], message["Bcc"] = "Zoë <app@s.test>", "b@r.test", "Ann <c@r.test>", "d@r.test"
        message["Subject"] = "Grüße"
        message.set_content(BODY, cte="8bit")
        message.add_attachment(bytes(range(256)), maintype="application", subtype="octet-stream", filename="r.bin")
        with self.relay.smtp() as client:
            client.send_message(message)

        seen = self.delivered(recipients=("b@r.test", "c@r.test", "d@r.test"))
        parsed = self.parsed(seen)
        self.assertIsNone(parsed["Bcc"])
        self.assertEqual(parsed["Subject"], "Grüße")
        text, attachment = parsed.iter_parts()
        self.assertEqual(text.get_content().replace("\r\n", "\n"), BODY)
        self.assertEqual(attachment.get_content(), bytes(range(256)))

    def parsed(self, message):
        return email.message_from_bytes(message["content"].encode("latin-1"), policy=email.policy.default)


if __name__ == "__main__":
    unittest.main()
