"""A provider that cannot prove who it is sees no byte of a credential (C056-C075)."""
import base64
import os
import unittest

from harness import PASSWORD, USER, EndToEnd, plain_mail


class Certificates(EndToEnd):
    def test_every_wrong_certificate(self):
        for kind in ("expired", "not_yet_valid", "wrong_name", "cn_only", "self_signed", "unknown_ca"):
            for mode in ("tls", "starttls"):
                with self.subTest(kind=kind, mode=mode):
                    self.setUp()
                    self._is_refused(self.provider(certificate=kind, mode=mode))

    def test_an_address_that_the_certificate_does_not_name(self):
        self._is_refused(self.provider(certificate="wrong_name"), host="127.0.0.1")

    def test_an_address_that_the_certificate_names(self):
        provider = self.provider()
        daemon = self.daemon(provider, {"host": "127.0.0.1"})
        daemon.send(plain_mail())
        provider.journal.wait("message", accepted=True)
        self.assertEqual([e for e in provider.journal.all("sni") if e["name"]], [])

    def test_tls_older_than_1_2(self):
        self._is_refused(self.provider(tls_max="1.1"))

    def test_a_provider_in_clear_where_tls_is_expected(self):
        provider = self.provider(mode="plain")
        self._is_refused(provider, tls="implicit", user=USER, host="localhost",
                         password_file=self._secret(), ca_file=self.certificates.ca_file)

    def test_starttls_taken_out_of_the_offers(self):
        self._is_refused(self.provider(mode="starttls", starttls_strip=True))

    def test_replies_slipped_in_behind_starttls(self):
        self._is_refused(self.provider(mode="starttls", starttls_inject="250-provider.test\r\n250 AUTH PLAIN\r\n"))

    def test_a_fingerprint_that_does_not_match(self):
        self._is_refused(self.provider(), tls_fingerprint="sha256:" + "00" * 32)

    def _is_refused(self, provider, **upstream):
        daemon = self.daemon(provider, upstream)
        daemon.send(plain_mail())

        provider.journal.wait("close")
        daemon.until(lambda: daemon.status()["upstreams"][0]["state"] != "ok", "trouble with the upstream")

        self.assertEqual(provider.journal.all("login"), [])
        for verb in ("AUTH", "MAIL", "DATA"):
            self.assertEqual(provider.journal.count("command", verb=verb), 0)
        self.assertEqual(provider.journal.all("message"), [])
        self._assert_unseen(provider)
        self.assertEqual(len(daemon.queue()), 1)
        self.assertEqual(daemon.queue()[0]["recipients"][0]["attempts"], 0)
        self._end(daemon)

    def _assert_unseen(self, provider):
        heard = b"".join(bytes(each) for each in provider.heard_in_clear)
        for secret in (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()),
                       base64.b64encode(b"\0" + USER.encode() + b"\0" + PASSWORD.encode())):
            self.assertNotIn(secret, heard)

    def _secret(self):
        path = os.path.join(self.folder, "secret")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(PASSWORD + "\n")
        return path


if __name__ == "__main__":
    unittest.main()
