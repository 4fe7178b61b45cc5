"""Applications that send without a pause, and take note of every connection that was refused."""
import smtplib
import threading

from harness import plain_mail


class Load:
    """`threads` clients, one message a connection, from __enter__ to __exit__. `accepted`: subjects that were answered with 250;
    `refused`: what a client met that a standing port never shows."""

    def __init__(self, name, threads=4):
        self.accepted, self.refused, self.asked_to_come_again = [], [], 0
        self._name, self._lock, self._ends = name, threading.Lock(), threading.Event()
        self._enough = threading.Condition(self._lock)
        self._threads = [threading.Thread(target=self._send_on, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        for each in self._threads:
            each.join()

    def wait_for(self, count, timeout):
        """Until so many more messages have been accepted."""
        with self._enough:
            wanted = len(self.accepted) + count
            if not self._enough.wait_for(lambda: len(self.accepted) >= wanted, timeout):
                raise AssertionError("%d accepted, %d wanted; refused: %s" % (len(self.accepted), wanted, self.refused[:3]))

    def _send_on(self, thread):
        number = 0
        while not self._ends.is_set():
            number += 1
            self._send("%s-%d-%d" % (self._name, thread, number))

    def _send(self, subject):
        try:
            client = smtplib.SMTP("127.0.0.1", 25, local_hostname="app.test", timeout=60)
        except OSError as error:   # ConnectionRefusedError, ConnectionResetError, or no greeting
            # A daemon that stops says 421 to whom it has taken, and that one may come again.
            return self._note(error)
        try:
            client.ehlo()
            client.sendmail("app@relay.test", ["b@r.test"], plain_mail(subject, X_Token=subject))
            with self._enough:
                self.accepted.append(subject)
                self._enough.notify_all()
            client.quit()
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected, smtplib.SMTPRecipientsRefused,
                smtplib.SMTPSenderRefused):
            with self._lock:
                self.asked_to_come_again += 1
        finally:
            client.close()

    def _note(self, error):
        with self._lock:
            if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == 421:
                self.asked_to_come_again += 1
            else:
                self.refused.append(repr(error))
