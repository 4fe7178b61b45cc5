"""The manual against the program and its source: each command has a page, each page names what there is and nothing else, each
is valid scdoc and is shown without a warning."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import manual
from command_help import announced, every_command
from markdown import ROOT

PAGES = manual.pages()
_KEY = re.compile(r"Key<(\w+)>\{\s*\"([^\"]+)\"")
_PREFIX = {"Settings": "", "UpstreamSettings": "upstreams.*.", "RouteSettings": "routes.*.", "SmtpUser": "listen.smtp_users.*."}


def source(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def page(name):
    return manual.read(os.path.join(manual.MAN, name + ".scd"))


def plain(text):
    """A page's text without scdoc's marks, as a reader sees it."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*|(?<![\w\\])_|(?<!\\)_(?!\w)", "", text))


class Manual(unittest.TestCase):
    def test_what_is_made_is_as_the_program_says(self):
        done = subprocess.run([sys.executable, "-B", os.path.join(os.path.dirname(manual.__file__), "manual.py")], text=True,
                              capture_output=True, timeout=60)

        self.assertEqual(done.returncode, 0, "\n" + done.stdout + done.stderr)

    def test_every_command_has_a_page_and_every_page_a_command(self):
        wanted = {manual.page_of(each.words) for each in every_command() if each.words}
        wanted |= {manual.page_of(words) for words in announced()}

        self.assertEqual(set(PAGES), wanted | set(manual.OTHERS))

    def test_every_flag_of_a_command_is_in_its_page(self):
        for each in every_command():
            if each.words:
                text = page(manual.page_of(each.words))
                for flag in each.flags:
                    self.assertIn("*%s*" % flag, text, " ".join(each.words))

    def test_a_page_names_no_flag_that_its_command_has_not(self):
        known = {flag for each in every_command() for flag in each.flags}
        for name in PAGES:
            own = {flag for each in manual.commands_of(name) for flag in each.flags}
            for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", plain(page(name))):
                self.assertIn(flag, own or known, name)

    def test_a_page_names_no_command_that_there_is_not(self):
        known = {each.words for each in every_command()} | announced()
        for name in PAGES:
            for words in re.findall(r"\*mailchute ((?:[a-z-]+ ?)+)\*", page(name)):
                self.assertTrue(any(each[:1] == tuple(words.split())[:1] for each in known), "%s: mailchute %s" % (name, words))

    def test_every_key_of_the_schema_is_in_the_page_of_its_file(self):
        found = [(owner, key) for owner, key in _KEY.findall(source("daemon/settings/schema.cc"))]
        self.assertGreater(len(found), 70)
        for owner, key in found:
            if owner in _PREFIX:
                self.assertIn("*%s*" % (_PREFIX[owner] + key).replace("*", "\\*"), page("mailchute.yaml.5"))
            else:
                self.assertRegex(page("mailchute-provider.5"), r"\*%s\*" % re.escape(key))

    def test_every_word_of_a_reply_rule_is_in_the_page_of_profiles(self):
        text = source("daemon/settings/profile_replies.cc")
        words = re.findall(r"Key<Row>\{\"(\w+)\"", text) + re.findall(r"Meaning\{\"([\w-]+)\"", text)
        self.assertGreater(len(words), 25)
        for word in words:
            self.assertIn("*%s*" % word, page("mailchute-provider.5"))

    def test_the_flags_of_sendmail_are_those_of_its_table(self):
        path = "daemon/command/sendmail_arguments.cc"
        if not os.path.exists(os.path.join(ROOT, path)):
            self.assertIn("sendmail", source("docs/known-issues.md"))
            return
        table = set(re.findall(r"^\s*\{'(\w)', Value::", source(path), re.MULTILINE))
        told = {flag[1] for flag in re.findall(r"\*(-\w+)\*", page("mailchute-sendmail.8"))}

        self.assertEqual(told - set("DhHt"), table - set("DhHt"))   # -bd and its kin are told as what is refused

    def test_every_reference_to_a_page_of_ours_leads_to_one(self):
        for name in PAGES:
            for other, section in re.findall(r"\*(mailchute[\w.-]*|mailq|newaliases)\*\((\d)\)", page(name)):
                self.assertIn("%s.%s" % (other, section), PAGES, name)

    def test_every_page_opens_with_its_name(self):
        for name in PAGES:
            title, _, section = name.rpartition(".")
            self.assertTrue(page(name).startswith('%s(%s) "mailchute"' % (title, section)), name)
            self.assertRegex(page(name), r"# NAME\n\n%s - " % re.escape(title))

    def test_every_page_is_valid_and_shown_without_a_warning(self):
        if not shutil.which("scdoc"):
            self.skipTest("scdoc is not installed")
        for name in PAGES:
            made = subprocess.run(["scdoc"], input=page(name), text=True, capture_output=True, timeout=60)
            self.assertEqual(made.returncode, 0, name + ": " + made.stderr)
            self.assertEqual(made.stderr, "", name)
            if shutil.which("man") and shutil.which("groff"):
                self._show(name, made.stdout)

    def _show(self, name, roff):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(roff)
            shown = subprocess.run(["man", "--warnings", "--encoding=UTF-8", "--local-file", path], text=True, capture_output=True,
                                   timeout=60, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "80",
                                                    "MANROFFSEQ": "t"})
        self.assertEqual((shown.returncode, shown.stderr), (0, ""), name)
        self.assertIn("NAME", shown.stdout)


if __name__ == "__main__":
    unittest.main()
