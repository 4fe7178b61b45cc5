"""Applications that send all the time, and know what they were promised."""
import json
import random
import re
import smtplib
import threading

from harness import plain_mail


class Application(threading.Thread):
    """Sends, and rests for `pause` seconds after each message. What gets no answer is sent anew, under a new name."""

    def __init__(self, relay, name, seed, pause):
        super().__init__(daemon=True)
        self.relay, self.token, self.random, self.pause = relay, name, random.Random(seed), pause
        self.acknowledged, self.unanswered = set(), set()
        self.stopping = threading.Event()

    def run(self):
        number = 0
        while not self.stopping.is_set():
            try:
                with self.relay.smtp() as client:
                    while not self.stopping.is_set():
                        number += 1
                        self._send(client, "%s-%d" % (self.token, number))
            except (OSError, smtplib.SMTPException):
                self.stopping.wait(0.02)    # there is no power just now

    def _send(self, client, token):
        self.unanswered.add(token)
        client.sendmail("a@s.test", ["b@r.test"], plain_mail(X_Token=token, body="line\r\n" * self.random.randrange(1, 3000)))
        self.acknowledged.add(token)
        self.unanswered.discard(token)
        if self.pause:
            self.stopping.wait(self.pause)


class Applications:
    """Some of them against one daemon, ended together."""

    def __init__(self, relay, count, seed, pause=0):
        self._all = [Application(relay, "app%d" % number, seed + number, pause) for number in range(count)]
        for each in self._all:
            each.start()

    def stop(self):
        for each in self._all:
            each.stopping.set()
        for each in self._all:
            each.join(60)
            if each.is_alive():
                raise AssertionError("an application is still waiting")

    def count(self):
        """How many messages were acknowledged so far."""
        return sum(len(each.acknowledged) for each in self._all)

    def acknowledged(self):
        return set().union(*(each.acknowledged for each in self._all))

    def unanswered(self):
        """In the queue or not: both are right."""
        return set().union(*(each.unanswered for each in self._all))


def queue_id(message):
    """Of a message in the provider's journal: from our own trace line, the first of its header."""
    return re.search(r"\bid ([0-9A-HJKMNP-TV-Z]{12})\b", message["header"])[1]


def in_doubt(relay, identity):
    """Whether the provider may have a copy: by the history, which a kill does not cut short as it does the last lines of the log."""
    told = json.loads(relay.command("queue", "show", identity, "--json").stdout)
    return any(each["in_doubt"] for each in told["attempts"])
