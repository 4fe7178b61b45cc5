"""What was answered with 250 is delivered, through an outage, a refused login and any number of `kill -9`.

No message may be lost. None may be delivered twice, except
- one whose final reply was lost on the wire: the queue marks it uncertain;
- one for each kill, which the provider took just before: between its 250 and our commit nobody can know (docs/durability.md).
  The next message waits for that commit. The next start marks it uncertain.

The short form is for every day; `MAILCHUTE_CRASH=long` runs 1,000 messages and twenty kills.
"""
import collections
import hashlib
import os
import random
import smtplib
import threading
import unittest

from application import in_doubt, queue_id
from harness import PASSWORD, SIGHUP, EndToEnd, plain_mail

LONG = os.environ.get("MAILCHUTE_CRASH") == "long"
MESSAGES, KILLS, LOST_REPLIES = (1000, 20, 5) if LONG else (300, 8, 3)
SIZES = [100, 900, 5_000, 60_000, 70_000, 300_000]
WEIGHTS = [30, 30, 20, 10, 6, 4]


class Sender(threading.Thread):
    """An application that never gives up: a message without an answer is written anew, under a new token."""

    def __init__(self, daemon, count, seed):
        super().__init__(daemon=True)
        self.relay, self.count, self.random = daemon, count, random.Random(seed)
        self.acknowledged = {}      # token -> sha256 of the body
        self.unanswered = set()     # tokens whose 250 never came: in the queue or not, both are right
        self.changed = threading.Condition()

    def run(self):
        number = 0
        while len(self.acknowledged) < self.count:
            token, number = "t%d" % number, number + 1
            self._send(token, self._body())

    def wait(self, acknowledged):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.acknowledged) >= acknowledged, 120):
                raise AssertionError("only %d messages were taken" % len(self.acknowledged))

    def _send(self, token, body):
        try:
            self.relay.send(plain_mail(X_Token=token, body=body))
        except (OSError, smtplib.SMTPException):
            self.unanswered.add(token)
            threading.Event().wait(0.02)    # the daemon is being started again
            return
        with self.changed:
            self.acknowledged[token] = hashlib.sha256(body.encode()).hexdigest()
            self.changed.notify_all()

    def _body(self):
        size = self.random.choices(SIZES, WEIGHTS)[0]
        line = "".join(self.random.choices("abcdefgh .", k=70)).rstrip() + "x\r\n"
        return line * (size // len(line) + 1)


class Kill(EndToEnd):
    def test_nothing_is_lost_and_nothing_doubled(self):
        seed = int(os.environ.get("MAILCHUTE_SEED", "1"))
        chance = random.Random(seed)
        provider = self.provider(keep_bytes=0)
        daemon = self.daemon(provider, {"max_connections": 1, "messages_per_connection": 50},
                             cooldown={"connect_first": "1s", "connect_max": "1s"})
        provider.set_faults([{"at": "EOD", "nth": sorted(chance.sample(range(20, MESSAGES // 2), LOST_REPLIES)),
                              "then": "drop_before_reply"}])
        sender = Sender(daemon, MESSAGES, seed)
        sender.start()

        kills_left = KILLS - self._kill_while_sending(daemon, provider, sender, chance)
        sender.join(180)
        self.assertFalse(sender.is_alive(), "the sender is still waiting")
        self._kill_while_delivering(daemon, provider, chance, kills_left)
        daemon.until(lambda: all(each["state"] == "held" for each in daemon.queue()), "nothing left but held mail", 180)
        if daemon.queue():
            daemon.command("queue", "release", "--all", "--yes")    # in doubt twice: for a person to decide
        daemon.until_empty(timeout=180)

        self._account(provider, sender, daemon)

    def _kill_while_sending(self, daemon, provider, sender, chance):
        """Outage, refused login, and half of the kills, each at a place in the stream of messages; returns the kills."""
        plan = [(at, "kill") for at in chance.sample(range(5, MESSAGES), KILLS // 2)]
        plan += [(MESSAGES // 10, "outage"), (MESSAGES * 3 // 10, "outage ends"),
                 (MESSAGES * 4 // 10, "login refused"), (MESSAGES * 6 // 10, "login mended")]
        for at, what in sorted(plan):
            sender.wait(at)
            self._do(what, daemon, provider)
        return KILLS // 2

    def _do(self, what, daemon, provider):
        if what == "kill":
            self._kill(daemon, provider)
        elif what == "outage":
            provider.stop()
            provider.journal.add("break", what="outage")
        elif what == "outage ends":
            provider.start()
        elif what == "login refused":
            provider.knobs.users = {user: PASSWORD + "2" for user in provider.knobs.users}
            provider.cut_all()
            provider.journal.add("break", what="cut")
        else:
            daemon.secret("secret", PASSWORD + "2")
            daemon.signal(SIGHUP)

    def _kill_while_delivering(self, daemon, provider, chance, kills):
        """The other half, each just as the provider has taken a message: the narrowest place."""
        for _ in range(kills):
            seen = provider.journal.count("message")
            try:
                provider.journal.wait("message", count=seen + 1 + chance.randrange(5), timeout=5)
            except AssertionError:
                daemon.send(plain_mail(X_Token="filler"))    # the queue has run dry: something to kill at
                provider.journal.wait("message", count=seen + 1)
            self._kill(daemon, provider)

    @staticmethod
    def _kill(daemon, provider):
        daemon.kill()
        provider.journal.add("break", what="kill")
        daemon.start()

    def _account(self, provider, sender, daemon):
        copies = collections.defaultdict(list)
        for each in provider.journal.all("message", accepted=True):
            copies[each["token"]].append(each)
        copies.pop("filler", None)

        ids = {token: queue_id(each[0]) for token, each in copies.items() if each}
        lost = [token for token in sender.acknowledged if not copies[token]]
        altered = [token for token, digest in sender.acknowledged.items()
                   if any(each["body_sha256"] != digest for each in copies[token])]
        unknown = set(copies) - set(sender.acknowledged) - sender.unanswered
        doubled = {token: len(each) for token, each in copies.items() if len(each) > 1}
        extra = sum(doubled.values()) - len(doubled)
        again = self._again_after(provider)
        unequal = [token for token in doubled if len({e["content_sha256"] for e in copies[token]}) > 1]
        print("%d acknowledged, %d unanswered, %d extra copies, %d kills, %d lost replies; again after: %s"
              % (len(sender.acknowledged), len(sender.unanswered), extra, KILLS, LOST_REPLIES, again))

        self.assertEqual(lost, [], "acknowledged and lost")
        self.assertEqual(altered, [], "not what was sent")
        self.assertEqual(unknown, set(), "never sent")
        self.assertEqual(unequal, [], "copies that differ")
        self.assertNotIn("no break", again, "came twice for no reason")
        for what, count in again.items():
            self.assertLessEqual(count, 1, "after %s: %s" % (what, again))
        self.assertLessEqual(extra, sum(again.values()) + LOST_REPLIES)
        self.assertEqual(provider.journal.all("violation"), [])
        self.assertEqual(daemon.queue(), [])
        self.assertEqual([token for token in doubled if not in_doubt(daemon, ids[token])], [], "doubled without a mark")

    @staticmethod
    def _again_after(provider):
        """For each break (a kill, the outage, the cut), how many messages came again though their reply had been said."""
        breaks, last_copy, life = ["start"], {}, {}
        forgotten = collections.Counter()
        for each in provider.journal.all():
            if each["event"] == "break":
                breaks.append("%s %d" % (each["what"], len(breaks)))
            elif each["event"] == "connect":
                life[each["c"]] = len(breaks)    # what a dead daemon had sent may be read after the break
            elif each["event"] == "message" and each["accepted"] and each["token"] != "filler":
                if each["token"] in last_copy:
                    forgotten[last_copy[each["token"]]] += 1
                # A copy whose reply was lost on the wire is the reason of the next one by itself.
                last_copy.pop(each["token"], None)
                if each["replied"]:
                    last_copy[each["token"]] = life[each["c"]]
        return {breaks[at] if at < len(breaks) else "no break": count for at, count in forgotten.items()}


if __name__ == "__main__":
    unittest.main(verbosity=2)
