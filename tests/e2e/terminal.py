"""A command on a terminal of its own, and a person who types: sees what is shown, answers questions, presses keys."""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

PATIENCE = 30 * float(os.environ.get("MAILCHUTE_TEST_PATIENCE", "1"))


class Terminal:
    """`words` run on a pseudo terminal of 80 by 24; its three descriptors lead there."""

    def __init__(self, words, environment, **popen):
        self._master, slave = pty.openpty()
        self._slave = slave  # Kept open: after the command's end the terminal's state can still be asked.
        self.shown = ""
        self.read_to = 0
        self.process = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, env=environment,
                                        preexec_fn=lambda: _take_terminal(slave), **popen)

    def expect(self, pattern, timeout=PATIENCE):
        """Waits until what was shown since the last match holds `pattern`; the match."""
        deadline = time.monotonic() + timeout
        while True:
            found = re.compile(pattern).search(self.shown, self.read_to)
            if found:
                self.read_to = found.end()
                return found
            if time.monotonic() > deadline or not self._read(deadline):
                raise AssertionError("never shown: %r; all that was: %s" % (pattern, self.shown))

    def type(self, text):
        os.write(self._master, (text + "\n").encode())

    def press(self, key, after=""):
        """A control character, `C` for ^C, behind some text on the same line."""
        os.write(self._master, after.encode() + bytes([ord(key) - 64]))

    def echoes(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def wait(self, timeout=PATIENCE):
        """The exit code, minus a signal's number where one ended it; all that was shown is then in `shown`."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError("the command does not end; it showed: " + self.shown)
            self._read(min(deadline, time.monotonic() + 0.05))
        while self._read(time.monotonic()):
            pass
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def _read(self, deadline):
        """Takes what is there, waiting until `deadline`; false when nothing came."""
        ready, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


def _take_terminal(slave):
    """In the child: a session of its own, whose terminal this is, so that its keys become signals."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)
