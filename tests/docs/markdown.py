"""The pages of the documentation as the tests see them: fenced blocks with their marks, links, headings. Standard library only."""
import os
import re
import unicodedata

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
# What the comment above a shell block may say: docs/testing.md.
MARKS = ("run", "systemd", "account", "packages")
SHELL = ("", "sh", "bash")
_FENCE = re.compile(r"^( *)(`{3,})(\w*)\s*$")
_COMMENT = re.compile(r"^<!-- (.*) -->$")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
# <!-- provider: qq at smtp.qq.com:465 for 12345678@qq.com -->
_PROVIDER = re.compile(r"^<!-- provider: (\S+) at (\S+):(\d+) for (\S+) -->$", re.MULTILINE)


class Block:
    """A fenced block: where it is, in what language, what the comment above it says, and its text."""

    def __init__(self, page, line, language, mark, text):
        self.page, self.line, self.language, self.mark, self.text = page, line, language, mark, text

    @property
    def is_shell(self):
        return self.language in SHELL

    def __str__(self):
        return "%s:%d" % (self.page, self.line)


class Page:
    """One file of Markdown, named by its path from the root of the tree."""

    def __init__(self, name):
        self.name = name
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            self.text = file.read()
        self.blocks, self.prose = [], []   # prose: (line number, text) of all that is outside fences
        self._read(self.text.splitlines())

    def _read(self, lines):
        above, at = "", 0
        while at < len(lines):
            fence = _FENCE.match(lines[at])
            if fence:
                at = self._read_block(lines, at, fence, above)
            else:
                self.prose.append((at + 1, lines[at]))
            above, at = lines[at], at + 1

    def _read_block(self, lines, at, fence, above):
        end = next((number for number in range(at + 1, len(lines)) if lines[number].strip() == fence[2]), None)
        if end is None:
            raise AssertionError("%s:%d: a fence that is not closed" % (self.name, at + 1))
        comment = _COMMENT.match(above.strip())
        text = "\n".join(line[len(fence[1]):] for line in lines[at + 1:end]) + "\n"
        self.blocks.append(Block(self.name, at + 1, fence[3], comment[1] if comment else "", text))
        return end

    @property
    def provider(self):
        """(kind, host, port, user) of the emulated provider that the page's commands meet; None without one."""
        found = _PROVIDER.search(self.text)
        return (found[1], found[2], int(found[3]), found[4]) if found else None

    def links(self):
        for number, line in self.prose:
            for target in _LINK.findall(_SPAN.sub("", line)):
                yield number, target

    def spans(self):
        """Each `piece of code` in the prose."""
        for number, line in self.prose:
            for text in _SPAN.findall(line):
                yield number, text

    def anchors(self):
        return {_anchor(line.lstrip("# ")) for _, line in self.prose if line.startswith("#")}


def _anchor(heading):
    """A heading's name in a link, as the usual viewers make it."""
    kept = "".join(char for char in heading.strip().lower()
                   if char in "-_ " or unicodedata.category(char)[0] in "LN")
    return kept.replace(" ", "-")


def pages():
    """Every page for readers: README.md, and docs/ with all its folders."""
    names = ["README.md"]
    for folder, _, files in os.walk(os.path.join(ROOT, "docs")):
        names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files if name.endswith(".md")]
    return [Page(name) for name in sorted(names)]


def typed(blocks, keyboard):
    """One script of several blocks: each says first where it stands, and has the file `keyboard` to read anew."""
    return "".join("exec <%s\nprintf '%%s\\n' '== %s'\n%s" % (keyboard, block, block.text) for block in blocks)


def is_guide(page):
    """Whether a reader is told what to type, step by step: then every shell block is marked."""
    return page.name == "README.md" or page.name.startswith(("docs/how-to/", "docs/tutorial/"))
