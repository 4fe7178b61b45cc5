"""STARTTLS and logins at the SMTP port, for the programs of this machine."""
import base64
import json
import os
import shutil
import smtplib
import ssl
import unittest
import warnings

from harness import SIGHUP, plain_mail
from listener_case import CODE, USER, ListenerCase


class Listener(ListenerCase):
    def test_a_client_logs_in_over_tls_and_its_name_goes_with_the_message(self):
        provider = self.provider()
        daemon = self.listener(provider=provider)

        client = self.secured(daemon)
        self.assertEqual(client.sock.version(), "TLSv1.3")
        client.login(USER, CODE)
        client.sendmail("a@s.test", ["b@r.test"], plain_mail())
        provider.journal.wait("message", accepted=True)

        message = daemon.queue("--state", "delivered")[0]
        self.assertEqual((message["source"]["kind"], message["source"]["login"]), ("smtp", USER))
        self.assertIn("login " + USER, daemon.command("queue", "show", message["id"]).stdout)
        self.assertRegex(provider.journal.all("message")[0]["content"],
                         r"\AReceived: from app\.test \(\[127\.0\.0\.1\]\)[^;]*login scanner\)[^;]* with ESMTPSA id ")
        self.assertRegex(daemon.log(), r"accepted.*login=" + USER)
        self.assert_no_secret_in_the_log(daemon)

    def test_each_mechanism_with_and_without_initial_response(self):
        daemon = self.listener()
        plain = base64.b64encode(("\0%s\0%s" % (USER, CODE)).encode()).decode()
        name, code = (base64.b64encode(each.encode()).decode() for each in (USER, CODE))
        for lines in (["AUTH PLAIN " + plain], ["AUTH PLAIN", plain], ["AUTH LOGIN", name, code], ["auth login " + name, code]):
            client = self.secured(daemon)
            client.ehlo()
            self.assertEqual(client.esmtp_features["auth"].split(), ["PLAIN", "LOGIN"])
            for line in lines[:-1]:
                self.assertEqual(client.docmd(line)[0], 334)
            self.assertEqual(client.docmd(lines[-1])[0], 235, lines[0])
            self.assertEqual(client.docmd("AUTH PLAIN " + plain)[0], 503)

    def test_before_tls_no_login_is_offered_or_taken(self):
        daemon = self.listener()
        with daemon.smtp() as client:
            client.ehlo()
            self.assertIn("starttls", client.esmtp_features)
            self.assertNotIn("auth", client.esmtp_features)
            self.assertEqual(client.docmd("AUTH PLAIN " + base64.b64encode(b"\0a\0b").decode())[0], 538)

    def test_a_wrong_password_and_a_wrong_name_get_one_answer_and_the_log_names_no_guess(self):
        daemon = self.listener()
        answers = []
        for name, code in ((USER, "guess-one"), ("guess-two", CODE)):
            with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                self.secured(daemon).login(name, code, initial_response_ok=False)
            answers.append((refused.exception.smtp_code, refused.exception.smtp_error))
        self.assertEqual(answers, [(535, b"5.7.8 Login refused")] * 2)
        daemon.wait_log("client-login-refused.*%s: Login refused" % USER)
        daemon.wait_log("client-login-refused.*a name that nobody has: Login refused")
        self.assertNotIn("guess-", daemon.log())
        self.assert_no_secret_in_the_log(daemon)

    def test_an_app_of_this_machine_needs_neither_tls_nor_login(self):
        provider = self.provider()
        daemon = self.listener(provider=provider)
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)

    def test_what_is_said_in_clear_behind_starttls_is_never_carried_out(self):
        daemon = self.listener()
        injected = b"EHLO evil\r\nMAIL FROM:<evil@s.test>\r\nRCPT TO:<b@r.test>\r\n"
        with daemon.raw() as together:
            together.recv(4096)
            together.sendall(b"EHLO c\r\n")
            together.recv(4096)
            together.sendall(b"STARTTLS\r\n" + injected)
            self.assertRegex(_read_all(together), rb"\A554 5\.5\.0 [^\r\n]*\r\n\Z")
        with daemon.raw() as apart:
            apart.recv(4096)
            apart.sendall(b"EHLO c\r\n")
            apart.recv(4096)
            apart.sendall(b"STARTTLS\r\n")
            self.assertEqual(apart.recv(4096)[:4], b"220 ")
            apart.sendall(injected)
            self.assertNotRegex(_read_all(apart), rb"250|354")
        daemon.wait_log("client-fault.*no TLS")
        self.assertEqual(daemon.queue(), [])

    def test_a_mail_from_in_clear_counts_no_more_after_tls(self):
        daemon = self.listener()
        client = daemon.smtp()
        self.addCleanup(client.close)
        client.ehlo()
        self.assertEqual(client.mail("a@s.test")[0], 250)
        self.assertEqual(client.rcpt("b@r.test")[0], 250)
        self.secure(client)
        self.assertEqual(client.docmd("RCPT TO:<c@r.test>")[0], 503)
        self.assertEqual(client.docmd("MAIL FROM:<a@s.test>")[0], 503)

    def test_old_versions_of_tls_are_refused(self):
        daemon = self.listener()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        with daemon.smtp() as client:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                client.starttls(context=old)
            client.sock = None

    def test_a_renewed_certificate_and_a_new_password_are_there_after_a_reload(self):
        daemon = self.listener(certificate="bridge")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.secured(daemon)
        before = daemon.smtp()
        self.addCleanup(before.close)
        before.ehlo()

        self.install("good")
        daemon.secret("app", "the new one")
        daemon.command("reload")

        self.secured(daemon).login(USER, "the new one")
        self.secure(before).login(USER, "the new one")  # a session that was open takes today's certificate too

    def test_a_renewal_that_went_wrong_leaves_the_old_certificate_in_force(self):
        daemon = self.listener()
        shutil.copyfile(self.certificates.pair("bridge")[0], self.chain_path)

        told = daemon.command("reload")

        self.assertRegex(told.stdout + told.stderr, r"mailchute\.yaml:\d+:\d+: warning: cannot use .*relay\.pem .*does not fit")
        daemon.wait_log("listener-certificate.*the former one stays in force")
        self.secured(daemon).login(USER, CODE)
        daemon.signal(SIGHUP)
        daemon.wait_log("listener-certificate.*the former one stays in force", count=2)

    def test_with_no_usable_certificate_local_mail_goes_on_and_tls_is_not_offered(self):
        provider = self.provider()
        daemon = self.listener(start=False, provider=provider)
        for content in (None, "no certificate\n"):
            if os.path.exists(self.chain_path):
                os.unlink(self.chain_path)
            if content:
                with open(self.chain_path, "w") as file:
                    file.write(content)
            daemon.start()
            with daemon.smtp() as client:
                client.ehlo()
                self.assertNotIn("starttls", client.esmtp_features)
                self.assertEqual(client.docmd("AUTH PLAIN")[0], 502)
            daemon.send(plain_mail())
            provider.journal.wait("message", accepted=True)
            daemon.wait_log("listener-certificate.*there is no TLS")
            self.assertEqual(daemon.stop(), 0)

    def test_check_tells_what_is_wrong_with_the_files_and_where_they_are_named(self):
        daemon = self.listener(start=False)
        daemon.write_config()
        self.assertEqual(daemon.command("check").returncode, 0)

        def told(word, code):
            done = daemon.command("check", check=False)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertRegex(done.stdout + done.stderr, r"mailchute\.yaml:\d+:\d+: %s" % word)

        self.install("expired")
        told("warning: the certificate of .* has expired, at 2021-", 0)
        self.install("good")
        shutil.copyfile(self.certificates.pair("bridge")[1], self.key_path)
        told("warning: cannot use .*: the key does not fit the certificate", 0)
        os.chmod(self.key_path, 0o644)
        told("error: cannot read .*relay.key: others can read it", 78)
        os.unlink(self.key_path)
        told("warning: cannot read .*relay.key: No such file", 0)
        daemon.set("listen", {"smtp": ["0.0.0.0:0"]})
        daemon.write_config()
        told("error: 0.0.0.0:0 can be reached by other machines", 78)

    def test_doctor_tells_how_long_the_certificate_is_good_and_who_cannot_log_in(self):
        daemon = self.listener()

        def told():
            done = daemon.command("doctor", "--json", check=False)
            return [(each["state"], each["about"], each["found"]) for each in json.loads(done.stdout)["checks"]
                    if each["check"] == "listener"]

        self.assertRegex(str(told()), r"\A\[\('ok', '\S*relay.pem', 'the certificate is good until 2040-01-01T00:00:00Z'")
        self.install("expired")
        os.unlink(os.path.join(self.folder, "app"))
        self.assertRegex(str(told()), r"'fail', '\S*relay.pem', 'the certificate has expired, at 2021-.*'fail', 'scanner', 'cannot log in: ")
        self.install("good")
        shutil.copyfile(self.certificates.pair("bridge")[1], self.key_path)
        self.assertRegex(str(told()), r"'fail', .*there is no TLS: the key does not fit the certificate")

    def test_without_smtp_users_nothing_is_offered_and_a_certificate_alone_offers_tls(self):
        bare = self.daemon(self.provider())
        with bare.smtp() as client:
            client.ehlo()
            self.assertNotIn("starttls", client.esmtp_features)
            self.assertEqual(client.docmd("STARTTLS")[0], 502)
            self.assertEqual(client.docmd("AUTH PLAIN")[0], 502)
        bare.stop()
        bare.set("listen", dict(zip(("tls_certificate", "tls_key"), self.certificates.pair("good"))))
        os.chmod(self.certificates.pair("good")[1], 0o600)
        bare.start()
        client = self.secured(bare)
        client.ehlo()
        self.assertNotIn("auth", client.esmtp_features)


def _read_all(connection):
    heard = b""
    try:
        while piece := connection.recv(4096):
            heard += piece
    except ConnectionResetError:
        pass
    return heard


if __name__ == "__main__":
    unittest.main()
