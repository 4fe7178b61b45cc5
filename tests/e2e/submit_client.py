"""Python's own SMTP client over the submit socket."""
import smtplib
import socket

from harness import PATIENCE


class SubmitClient(smtplib.SMTP):
    def __init__(self, path):
        super().__init__(local_hostname="app.test", timeout=PATIENCE)
        self._path = path
        code, text = self.connect("localhost")
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, text)

    def _get_socket(self, _host, _port, timeout):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        connection.connect(self._path)
        return connection
