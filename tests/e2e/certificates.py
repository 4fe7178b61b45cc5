"""Certificates for the provider emulator, made with the openssl command into a folder of the caller's.

`good` is what a provider shows. Every other one is wrong in exactly one way, and a client that keeps its promise shows
its credential to none of them; but `bridge`, self-signed for 127.0.0.1 alone, is right for who has been given it to trust.
"""
import os
import subprocess

KINDS = ("good", "expired", "not_yet_valid", "wrong_name", "cn_only", "self_signed", "unknown_ca", "bridge")

_NAMES = "DNS:localhost,IP:127.0.0.1"
_CA_CONFIG = """[ca]
default_ca = own
[own]
database = {folder}/{ca}.index
serial = {folder}/{ca}.serial
new_certs_dir = {folder}
certificate = {folder}/{ca}.pem
private_key = {folder}/{ca}.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


class Certificates:
    """Makes each kind when it is first asked for; `ca_file` is the root that vouches for the good one. `names`: host names
    beside those of loopback."""

    def __init__(self, folder, names=()):
        self.folder = folder
        self._names = ",".join([_NAMES] + ["DNS:" + each for each in names])
        self._make_ca("ca")

    @property
    def ca_file(self):
        return self._path("ca.pem")

    def pair(self, kind):
        """(certificate file, key file) of a kind out of KINDS."""
        if not os.path.exists(self._path(kind + ".pem")):
            self._make(kind)
        return self._path(kind + ".pem"), self._path(kind + ".key")

    def _make(self, kind):
        if kind == "self_signed":
            return self._self_signed(kind, "localhost", self._names, "CA:FALSE")
        if kind == "bridge":
            return self._self_signed(kind, "127.0.0.1", "IP:127.0.0.1", "CA:FALSE")
        names = {"wrong_name": "DNS:other.test", "cn_only": None}.get(kind, self._names)
        start, end = {"expired": ("200101000000Z", "210101000000Z"),
                      "not_yet_valid": ("400101000000Z", "410101000000Z")}.get(kind, ("200101000000Z", "400101000000Z"))
        ca = "ca"
        if kind == "unknown_ca":
            ca = "stranger"
            self._make_ca(ca)
        self._request(kind, names)
        self._openssl("ca", "-batch", "-notext", "-config", self._path(ca + ".cnf"), "-in", self._path(kind + ".csr"),
                      "-out", self._path(kind + ".pem"), "-startdate", start, "-enddate", end)

    def _make_ca(self, name):
        self._self_signed(name, name + ".test", None, "critical,CA:TRUE")
        with open(self._path(name + ".cnf"), "w") as config:
            config.write(_CA_CONFIG.format(folder=self.folder, ca=name))
        open(self._path(name + ".index"), "w").close()
        with open(self._path(name + ".serial"), "w") as serial:
            serial.write("1000\n" if name == "ca" else "2000\n")

    def _self_signed(self, name, common_name, alternative_names, constraints):
        extra = ["-addext", "subjectAltName=" + alternative_names] if alternative_names else []
        self._openssl("req", "-x509", *self._new_key(name), "-days", "3650", "-subj", "/CN=" + common_name,
                      "-addext", "basicConstraints=" + constraints, *extra, "-out", self._path(name + ".pem"))

    def _request(self, name, alternative_names):
        extra = ["-addext", "subjectAltName=" + alternative_names] if alternative_names else []
        self._openssl("req", "-new", *self._new_key(name), "-subj", "/CN=localhost", *extra,
                      "-out", self._path(name + ".csr"))

    def _new_key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", self._path(name + ".key")]

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (arguments[0], done.stderr))
