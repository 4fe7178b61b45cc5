"""Base of the tests of a listener with TLS and logins."""
import base64
import os
import shutil
import ssl

from harness import EndToEnd

USER, CODE = "scanner", "open-sesame-not-in-any-log"


class ListenerCase(EndToEnd):
    def listener(self, start=True, certificate="good", provider=None, **listen):
        """A daemon with one user and a certificate of its own, which a test may replace."""
        self.install(certificate)
        daemon = self.daemon(provider or self.provider(), start=False)
        daemon.set("listen", {"tls_certificate": self.chain_path, "tls_key": self.key_path,
                              "smtp_users": [{"name": USER, "password_file": daemon.secret("app", CODE)}], **listen})
        return daemon.start() if start else daemon

    def install(self, kind):
        self.chain_path, self.key_path = (os.path.join(self.folder, name) for name in ("relay.pem", "relay.key"))
        for source, target in zip(self.certificates.pair(kind), (self.chain_path, self.key_path)):
            shutil.copyfile(source, target)
        os.chmod(self.key_path, 0o600)

    def trusting(self):
        return ssl.create_default_context(cafile=self.certificates.ca_file)

    def secured(self, daemon):
        client = daemon.smtp()
        self.addCleanup(client.close)
        return self.secure(client)

    def secure(self, client):
        client._host = "localhost"  # the name that the certificate must have
        client.starttls(context=self.trusting())
        return client

    def assert_no_secret_in_the_log(self, daemon):
        log = daemon.log()
        for secret in (CODE, base64.b64encode(("\0%s\0%s" % (USER, CODE)).encode()).decode(),
                       base64.b64encode(CODE.encode()).decode(), "PRIVATE KEY"):
            self.assertNotIn(secret, log)
