"""What the tests of sendmail, mailq and newaliases share."""
import os
import shutil
import subprocess

from harness import BINARY, EndToEnd

# Users of this machine that nobody has heard of; only root can become one of them.
USER, OTHER, THIRD = 64021, 64022, 64023


def as_user(number, group=None):
    """For Popen: the child becomes that user, a member of `group`."""
    def change():
        os.setgroups([] if group is None else [group])
        os.setgid(number)
        os.setuid(number)
    return {"preexec_fn": change}


class Sendmail(EndToEnd):
    """A daemon whose provider is silent: what comes stays to be looked at."""
    binary = os.path.abspath(BINARY)

    def setUp(self):
        super().setUp()
        self.sendmail = self.link("sendmail")
        self.provider_side = self.provider(**self.knobs())

    def knobs(self):
        return {}

    def link(self, name):
        """The program under another of its names."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            os.symlink(self.binary, path)
        return path

    def relay_with(self, **settings):
        self.provider_side.stop()
        relay = self.daemon(self.provider_side, root="ops@s.test", **settings)
        relay.leave_alone()
        return relay

    def names_for(self, relay):
        """Names of the environment by which a command finds the daemon."""
        return {"MAILCHUTE_LISTEN_SUBMIT": relay.submit_path}

    def call(self, relay, words, text="", name="sendmail", **arguments):
        """Runs it as another program would; its CompletedProcess."""
        words = words.split() if isinstance(words, str) else words
        environment = {**relay.environment(), **self.names_for(relay)}
        text = text.encode() if isinstance(text, str) else text
        done = subprocess.run([self.link(name), *words], input=text, capture_output=True, env=environment, timeout=60,
                              **arguments)
        done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return done

    def stored(self, relay):
        """The one message in the queue: its facts and its content."""
        messages = relay.queue()
        self.assertEqual(len(messages), 1, messages)
        content = subprocess.run([BINARY, "queue", "show", messages[0]["id"], "--raw", "--config", relay.config_path],
                                 env=relay.environment(), stdout=subprocess.PIPE, check=True).stdout
        return messages[0], content

    def remove_all(self, relay):
        relay.command("queue", "remove", "--all", "--yes")


class ForOthers(Sendmail):
    """Where other users run it too: the program and the socket lie where they can reach them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.chmod(cls._shared.name, 0o755)
        cls.binary = shutil.copy(BINARY, os.path.join(cls._shared.name, "mailchute"))

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o711)


class OfAPerson(ForOthers):
    """A daemon that is an ordinary user's own, with a configuration where such a user has it."""

    def knobs(self):
        return {"mode": "plain", "users": {}}

    def person(self):
        return as_user(USER) if os.geteuid() == 0 else {}

    def own_relay(self, **settings):
        self.provider_side.stop()
        relay = self.daemon(self.provider_side, start=False, root="ops@s.test", **settings)
        folder = os.path.join(self.folder, ".config/mailchute")
        os.makedirs(folder)
        relay.config_path = os.path.join(folder, "mailchute.yaml")
        relay.write_config()
        if os.geteuid() == 0:
            for path, folders, files in os.walk(self.folder):
                for each in (path, *(os.path.join(path, name) for name in folders + files)):
                    os.chown(each, USER, USER, follow_symlinks=False)
        return relay.start(**self.person())

    def names_for(self, relay):
        return {}

    def call(self, relay, words, text="", name="sendmail", **arguments):
        return super().call(relay, words, text, name, **{**self.person(), **arguments})
