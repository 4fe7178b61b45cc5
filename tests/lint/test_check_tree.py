"""The checks themselves: each finds the breach it is for."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

import check_tree


class CheckTree(unittest.TestCase):
    def report(self, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in {"daemon/base/text.h": "// Text.\n#pragma once\n", **files}.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w") as file:
                    file.write(text.replace("ROOT", root))
            out = io.StringIO()
            with mock.patch.object(sys, "argv", ["check_tree", root]), contextlib.redirect_stdout(out):
                code = check_tree.main()
            return code, out.getvalue()

    def assert_breach(self, files, words):
        code, text = self.report(files)
        self.assertEqual(code, 1, text)
        self.assertIn(words, text)

    def test_a_clean_tree(self):
        self.assertEqual(self.report({"daemon/mail/a.cc": '#include "base/text.h"\n'})[0], 0)

    def test_an_arrow_that_points_backwards(self):
        self.assert_breach({"daemon/store/queue.h": "// Q.\n#pragma once\n",
                            "daemon/smtp/a.cc": '#include "store/queue.h"\n'}, "daemon/smtp/a.cc:1: smtp may not")

    def test_the_seam_that_is_allowed(self):
        header = "// C.\n#pragma once\n"
        files = {"daemon/deliver/courier.h": header, "daemon/deliver/upstream.h": header}
        self.assertEqual(self.report({**files, "daemon/schedule/a.cc": '#include "deliver/courier.h"\n'})[0], 0)
        self.assert_breach({**files, "daemon/schedule/a.cc": '#include "deliver/upstream.h"\n'}, "schedule may not")

    def test_a_vendor_outside_its_folder(self):
        self.assert_breach({"daemon/mail/a.cc": "#include <sqlite3.h>\n"}, "belongs to store alone")
        self.assert_breach({"daemon/base/a.cc": "#include <spdlog/spdlog.h>\n"}, "belongs to base/log.cc alone")

    def test_a_library_that_one_file_may_know(self):
        self.assert_breach({"daemon/command/a.cc": "#include <CLI/CLI.hpp>\n",
                            "daemon/command/b.cc": "#include <CLI/CLI.hpp>\n"}, "more than one file")

    def test_a_file_too_long(self):
        self.assert_breach({"daemon/mail/a.cc": "\n" * 401}, "401 lines")

    def test_a_header_that_does_not_say_what_it_is(self):
        self.assert_breach({"daemon/mail/a.h": "#pragma once\n"}, "opens by saying")
        self.assert_breach({"daemon/mail/a.h": "// A.\n"}, "#pragma once is missing")

    def test_words_that_must_not_be_there(self):
        self.assert_breach({"daemon/mail/a.cc": "// TO" "DO: later\n"}, "an open end")
        self.assert_breach({"docs/a.md": "see /ho" "me/me/x\n"}, "somebody's machine")
        self.assert_breach({"docs/a.md": "see ROOT/x\n"}, "this checkout")

    def test_an_open_end_that_was_decided(self):
        self.assertEqual(self.report({"daemon/mail/a.cc": "// TO" "DO with decisions/0007\n"})[0], 0)


if __name__ == "__main__":
    unittest.main()
