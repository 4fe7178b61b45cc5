"""What the tests of sendmail, mailq and newaliases share."""
import os
import subprocess

from harness import BINARY, EndToEnd


class Sendmail(EndToEnd):
    """A daemon whose provider is silent: what comes stays to be looked at."""

    def setUp(self):
        super().setUp()
        self.sendmail = self.link("sendmail")
        self.provider_side = self.provider()

    def link(self, name):
        """The program under another of its names."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            os.symlink(os.path.abspath(BINARY), path)
        return path

    def relay_with(self, **settings):
        self.provider_side.stop()
        return self.daemon(self.provider_side, root="ops@s.test", **settings)

    def call(self, relay, words, text="", name="sendmail", **arguments):
        """Runs it as another program would; its CompletedProcess."""
        words = words.split() if isinstance(words, str) else words
        environment = {**relay.environment(), "MAILCHUTE_LISTEN_SUBMIT": relay.submit_path}
        path = self.link(name)
        text = text.encode() if isinstance(text, str) else text
        done = subprocess.run([path, *words], input=text, capture_output=True, env=environment, timeout=60, **arguments)
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
