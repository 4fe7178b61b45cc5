"""The pages keep their word: every shell block is marked and well formed, names commands and flags that exist, every
configuration is accepted, every link leads somewhere."""
import os
import re
import subprocess
import tempfile
import unittest

import command_help
import command_lines
import markdown
from markdown import MARKS, ROOT, is_guide

PAGES = markdown.pages()
BLOCKS = [block for page in PAGES for block in page.blocks]
# What a YAML block may be instead of a configuration.
OTHER_YAML = ("profile", "other")


class Pages(unittest.TestCase):
    def fail_with(self, breaches):
        if breaches:
            self.fail("\n" + "\n".join(breaches))

    def test_every_shell_block_of_a_guide_says_whether_it_is_run(self):
        self.fail_with(["%s: the comment above this block is none of %s" % (block, " ".join("<!-- %s -->" % each for each in MARKS))
                        for page in PAGES if is_guide(page) for block in page.blocks if block.is_shell and block.mark not in MARKS])

    def test_every_shell_block_is_shell(self):
        breaches = []
        for block in BLOCKS:
            if block.language in ("sh", "bash") or block.mark in MARKS:
                done = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, timeout=60)
                if done.returncode != 0 or done.stderr:
                    breaches.append("%s: %s" % (block, done.stderr.strip()))
        self.fail_with(breaches)

    def test_every_command_line_uses_what_the_help_knows(self):
        breaches = ["%s: %s" % (block, why) for block in BLOCKS if block.is_shell
                    for words in command_lines.ours(block.text) for why in [command_lines.why_wrong(words)] if why]
        for page in PAGES:
            for number, text in page.spans():
                if re.match(r"mailchute [a-z-]", text):
                    why = command_lines.why_wrong(text.split())
                    if why:
                        breaches.append("%s:%d: %s" % (page.name, number, why))
        self.fail_with(breaches)

    def test_what_is_announced_is_not_there_yet(self):
        there = {command.words for command in command_help.every_command()}
        self.fail_with(["docs/known-issues.md: mailchute %s is there" % " ".join(words)
                        for words in sorted(command_help.announced() & there)])

    def test_what_the_readme_calls_not_yet_is_not_there(self):
        there = {" ".join(command.words) for command in command_help.every_command()}
        found = re.search(r"\*\*Not yet:\*\*(.*?)\n\n", next(page.text for page in PAGES if page.name == "README.md"), re.DOTALL)
        self.fail_with(["README.md: mailchute %s is there" % words
                        for words in re.findall(r"`([^`]+)`", found[1] if found else "") if words in there])

    def test_every_configuration_is_accepted(self):
        breaches = []
        for block in BLOCKS:
            if block.language == "yaml" and block.mark != "other":
                said = check_profile(block.text) if block.mark == "profile" else check_configuration(block.text)
                if said:
                    breaches.append("%s: %s" % (block, said))
        self.fail_with(breaches)

    def test_every_yaml_block_is_a_configuration_or_says_what_else(self):
        self.fail_with(["%s: <!-- %s --> is none of %s" % (block, block.mark, " ".join(OTHER_YAML)) for block in BLOCKS
                        if block.language == "yaml" and block.mark not in OTHER_YAML and block.mark])

    def test_every_link_leads_somewhere(self):
        by_name = {page.name: page for page in PAGES}
        breaches = []
        for page in PAGES:
            for number, target in page.links():
                if re.match(r"^[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                name = os.path.normpath(os.path.join(os.path.dirname(page.name), path)) if path else page.name
                if not os.path.exists(os.path.join(ROOT, name)):
                    breaches.append("%s:%d: there is no %s" % (page.name, number, name))
                elif anchor and anchor not in by_name[name].anchors():
                    breaches.append("%s:%d: %s has no heading #%s" % (page.name, number, name, anchor))
        self.fail_with(breaches)

    def test_the_map_names_every_page_for_readers(self):
        map_text = next(page.text for page in PAGES if page.name == "docs/README.md")
        self.fail_with(["docs/README.md does not name %s" % page.name for page in PAGES
                        if page.name.startswith(("docs/how-to/", "docs/tutorial/", "docs/reference/"))
                        and "(%s)" % page.name[len("docs/"):] not in map_text])


class Reading(unittest.TestCase):
    """The readers above, on lines whose meaning is known."""

    def test_commands_are_found_behind_what_may_stand_before_them(self):
        script = "sudo mailchute status | head\nX=1 mailchute check && systemctl reload mailchute\nprintf x | sendmail -t\n"
        self.assertEqual(list(command_lines.ours(script)), [["mailchute", "status"], ["mailchute", "check"], ["sendmail", "-t"]])

    def test_here_documents_and_redirections_are_no_words(self):
        script = "cat >x <<'EOF'\nmailchute nonsense\nEOF\nmailchute check 2>err >/dev/null\nsendmail -t < message\n"
        self.assertEqual(list(command_lines.ours(script)), [["mailchute", "check"], ["sendmail", "-t"]])

    def test_what_does_not_exist_is_told(self):
        for line, why in (("mailchute chek", "no command"), ("mailchute queue list --jsn", "no flag"), ("sendmail --to x", "no flag"),
                          ("mailchute check now", "no operands"), ("mailchute queue", "wants a command"),
                          ("mailchute queue list|shw", "no command")):
            self.assertIn(why, command_lines.why_wrong(line.split()), line)

    def test_what_exists_is_let_pass(self):
        for line in ("mailchute queue retry ID… --dry-run", "mailchute queue list --from PATTERN --json", "mailchute version",
                     "mailchute queue hold|release", "sendmail -oi -fme@example.com -t", "sendmail -i -- root"):
            self.assertEqual(command_lines.why_wrong(line.split()), "", line)


UPSTREAM = "  %s: { user: 12345678@qq.com, password_file: credentials/%s }\n"


def check_configuration(text):
    """What `mailchute check` has against it; a fragment is laid over a small configuration."""
    names = set()
    for via in re.findall(r"via: \[([^\]]*)\]", text):
        names.update(name.strip() for name in via.split(","))
    with tempfile.TemporaryDirectory() as folder:
        own = re.search(r"^upstreams:", text, re.MULTILINE)
        upstreams = "" if own else "upstreams:\n" + "".join(UPSTREAM % (name, name) for name in sorted(names or {"qq"}))
        _write(folder, "mailchute.yaml", "root: ops@example.com\n" + upstreams)
        _write(folder, "conf.d/10-block.yaml", text)
        return _check(folder)


def check_profile(text):
    """The same for a profile: an upstream goes by it."""
    with tempfile.TemporaryDirectory() as folder:
        _write(folder, "mailchute.yaml", "root: ops@example.com\nupstreams:\n  x: { provider: block, host: smtp.example.net, "
               "user: a@example.net, password_file: credentials/x }\n")
        _write(folder, "providers/block.yaml", ("" if re.search(r"^title:", text, re.MULTILINE) else "title: Block\n") + text)
        for name in re.findall(r"^(?:like|replies_of): (\w+)", text, re.MULTILINE):
            if name != "block":
                _write(folder, "providers/%s.yaml" % name, "title: Other\n")
        return _check(folder)


def _check(folder):
    os.makedirs(os.path.join(folder, "providers"), exist_ok=True)
    for name in os.listdir(os.path.join(ROOT, "config/providers")):
        link = os.path.join(folder, "providers", name)
        if not os.path.exists(link):
            os.symlink(os.path.join(ROOT, "config/providers", name), link)
    done = command_help.say("check", "--config", os.path.join(folder, "mailchute.yaml"))
    return (done.stdout + done.stderr).strip().replace(folder, "") if done.returncode != 0 else ""


def _write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    unittest.main()
