"""The provider that a page names, emulated on loopback under its real name and port, for a machine whose files we may write."""
import os
import shutil
import tempfile

from certificates import Certificates
from emulator import Emulator

# What QQ's codes look like.
SECRET = "abcdefghijklmnop"
_HOSTS = "127.0.0.1 localhost %s\n::1 localhost\n127.0.1.1 relay.example.net relay\n"


class Provider:
    """Stands for as long as the context lasts: the machine's /etc/hosts leads to it, and its root is among the trusted.

    `wanted` is Page.provider, `root` the folder that the machine's files are under.
    """

    def __init__(self, wanted, folder, root=""):
        self._wanted, self._folder, self._root = wanted, folder, root
        self.emulator = None

    def __enter__(self):
        if self._wanted:
            kind, host, port, user = self._wanted
            certificates = Certificates(tempfile.mkdtemp(dir=self._folder), names=(host,))
            self.emulator = Emulator(self._folder, port=port, certificates=certificates, provider=kind, users={user: SECRET})
            self.emulator.start()
            self._write("/etc/ssl/certs/ca-certificates.crt", certificates.ca_file)
            with open(self._root + "/etc/hosts", "w", encoding="utf-8") as hosts:
                hosts.write(_HOSTS % host)
        return self

    def __exit__(self, *_):
        if self.emulator:
            self.emulator.stop()

    def _write(self, path, source):
        os.makedirs(os.path.dirname(self._root + path), exist_ok=True)
        shutil.copy(source, self._root + path)
