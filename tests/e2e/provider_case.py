"""What the tests of the providers' behaviour have in common: a relay in front of one provider, and what must hold of mail
that waits."""
import datetime

from harness import PASSWORD, EndToEnd, plain_mail

WRONG = "wrong-code-here"


class ProviderCase(EndToEnd):
    """`name` is the emulated provider's; each test ends with a look for what a client may not send."""

    name = "generic"

    def at(self, **knobs):
        """The provider of this file, which must not be sent anything that it did not offer."""
        provider = self.provider(provider=knobs.pop("provider", self.name), **knobs)
        self.addCleanup(lambda: self.assertEqual(provider.journal.all("violation"), []))
        return provider

    def relay(self, provider, password=PASSWORD, cooldown=None, retry=None, **upstream):
        """A daemon with one connection at a time, so that what is counted is certain."""
        settings = {name: value for name, value in (("cooldown", cooldown), ("retry", retry)) if value}
        daemon = self.daemon(provider, {"max_connections": 1, **upstream}, start=False, **settings)
        daemon.secret("secret", password)
        return daemon.start()

    def send(self, daemon, count=1, sender=None, recipients=("b@r.test",), header_from=None, **message):
        """So many messages, each with its number in the subject, in X-Token and in the body; a body of its own by `body`."""
        sender = sender or daemon.settings["upstreams"]["main"]["user"]
        body = message.pop("body", "body %d\r\n")
        for number in range(count):
            content = plain_mail(subject="m%d" % number, sender=header_from or sender, X_Token=str(number), **message,
                                 body=body % number if "%d" in body else body)
            daemon.send(content, sender=sender, recipients=list(recipients))

    def state(self, daemon):
        return daemon.status()["upstreams"][0]

    def until_resting(self, daemon, reason=""):
        """The upstream's state once it is left alone, for a reason that holds those words."""
        def resting():
            state = self.state(daemon)
            return state if state["state"] != "ok" and reason in (state["reason"] or "") else None
        return daemon.until(resting, "a rest because of %r; it is %s" % (reason, self.state(daemon)))

    def assert_kept(self, daemon, count):
        """All of it waits, once no login is under way, and nothing failed."""
        def states():
            return sorted(m["state"] for m in daemon.queue())
        daemon.until(lambda: states() == ["queued"] * count, "%d that wait; there are %s" % (count, states()))
        self.assertEqual(daemon.queue("--state", "failed"), [])

    def assert_uncounted(self, daemon):
        self.assertEqual({r["attempts"] for m in daemon.queue() for r in m["recipients"]}, {0})

    def assert_rests_for(self, daemon, least, most):
        """The rest ends between `least` and `most` from now, both in seconds."""
        until = datetime.datetime.fromisoformat(self.state(daemon)["until"].replace("Z", "+00:00"))
        left = (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        self.assertTrue(least <= left <= most, "%d s are left" % left)

    def resume(self, daemon):
        """What a person does when the cause is gone."""
        daemon.command("upstream", "resume", "main")

    def until_delivered(self, daemon, provider, count, tokens=None):
        """Each of them once, and none left. Notices count."""
        provider.journal.wait("message", count=count, accepted=True)
        daemon.until_empty()
        taken = provider.journal.all("message", accepted=True)
        self.assertEqual(len(taken), count, [(e["token"], e["recipients"]) for e in taken])
        return taken

    def attempts(self, daemon):
        """How often each recipient of the delivered messages was tried."""
        return [r["attempts"] for m in daemon.queue("--state", "delivered") for r in m["recipients"]]

    def failed(self, daemon):
        """Address -> the reply that decided, of recipients that failed."""
        return {r["address"]: r["last_reply"]["text"] for m in daemon.queue("--state", "failed")
                for r in m["recipients"] if r["state"] == "failed"}

    def notices(self, provider):
        return [e for e in provider.journal.all("message") if "multipart/report" in e["header"]]

    def gaps(self, provider, event, **facts):
        """Our seconds between such events."""
        times = [e["t"] for e in provider.journal.all(event, **facts)]
        return [later - earlier for earlier, later in zip(times, times[1:])]
