"""However much is queued, a wrong password is tried once and then left alone."""
import threading
import unittest

from harness import PASSWORD, SIGHUP, EndToEnd, plain_mail

QUEUED, SENDERS = 10_000, 20


class Ladder(EndToEnd):
    def test_ten_thousand_messages_and_a_wrong_password_cost_one_login(self):
        provider = self.provider()
        provider.knobs.users = {user: PASSWORD + "2" for user in provider.knobs.users}
        daemon = self.daemon(provider, {"messages_per_connection": 5000, "max_connections": 1},
                             cooldown={"login_first": "15m", "login_max": "6h"})
        senders = [threading.Thread(target=self._send, args=(daemon, QUEUED // SENDERS)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

        daemon.command("queue", "retry", "--all", "--yes")
        self.assertEqual(provider.journal.count("login"), 1)
        self.assertEqual(daemon.status()["queue"]["messages"], QUEUED)
        self.assertEqual(provider.journal.all("message"), [])

        daemon.secret("secret", PASSWORD + "2")
        daemon.signal(SIGHUP)
        provider.journal.wait("message", count=500, timeout=60)
        self.assertEqual(provider.journal.count("login"), 2)

    @staticmethod
    def _send(daemon, count):
        content = plain_mail()
        with daemon.smtp() as client:
            for _ in range(count):
                client.sendmail("a@s.test", ["b@r.test"], content)


if __name__ == "__main__":
    unittest.main(verbosity=2)
