"""What the documentation tells a reader to type, typed in a booted machine with both packages: the `run` and the `systemd` blocks
of each page, in order and in one shell, with the provider that the page names behind it."""
import markdown
from case import UNITS, SystemCase, install, main, package, timed
from machine import PATIENCE
from named_provider import SECRET, Provider


class Pages(SystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with timed("the packages are installed"):
            install(cls.machine, package("mailchute"), package("mailchute-mta"))
        cls.machine.write("/srv/keyboard", SECRET + "\n", 0o600)

    def test_every_page_works_as_it_is_written(self):
        for page in markdown.pages():
            blocks = [block for block in page.blocks if block.mark in ("run", "systemd")]
            if not any(block.mark == "systemd" for block in blocks):
                continue
            with self.subTest(page.name), timed(page.name), Provider(page.provider, self.folder, self.machine.path) as provider:
                self.forget()
                done = self.machine.run("bash", "-euo", "pipefail", "-c", markdown.typed(blocks, "/srv/keyboard"), check=False)

                self.assertEqual(done.returncode, 0, "\n" + done.stdout + done.stderr)
                self.assertNotIn(SECRET, done.stdout + done.stderr)
                if any("sendmail" in block.text for block in blocks):
                    provider.emulator.journal.wait("message", timeout=PATIENCE, accepted=True)

    def forget(self):
        """As after the installation of the packages."""
        self.machine.run("systemctl", "disable", "--now", *UNITS)
        self.machine.run("systemctl", "reset-failed", *UNITS, check=False)
        self.machine.shell("rm -rf /var/lib/mailchute/* /etc/mailchute/mailchute.yaml /etc/mailchute/conf.d/* /etc/mailchute/credentials/* "
                           "/etc/systemd/system/mailchute.service.d; systemctl daemon-reload")


if __name__ == "__main__":
    main()
