"""What the pages tell a reader to type is typed: the `run` blocks of each page, in order, in one shell, as root, in a view of
this machine that holds the program, an empty /etc/mailchute and the emulated provider that the page asks for."""
import os
import sys
import unittest

import command_help
import machine
import markdown
from stage import SECRET, Stage


class RunBlocks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(command_help.BINARY)
        cls.addClassCleanup(cls.stage.close)

    def test_every_block_that_is_to_be_run_ends_well(self):
        for page in markdown.pages():
            blocks = [block for block in page.blocks if block.mark == "run"]
            if not blocks:
                continue
            with self.subTest(page.name), self.stage.page(page):
                done = self.stage.type(markdown.typed(blocks, self.stage.keyboard))
                self.assertEqual(done.returncode, 0, "\n" + done.stdout)
                self.assertNotIn(SECRET, done.stdout)

    def test_a_block_that_fails_is_noticed(self):
        done = self.stage.type("true\nmailchute check --config /nowhere\ntrue\n")

        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    if machine.why_not():
        print("skipped: " + machine.why_not())
        sys.exit(77)
    assert os.path.exists(command_help.BINARY), command_help.BINARY
    unittest.main()
