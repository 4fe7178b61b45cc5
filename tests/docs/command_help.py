"""What the program says of itself: every command with its flags and operands, read from --help."""
import functools
import os
import re
import subprocess

from markdown import ROOT

BINARY = os.environ.get("MAILCHUTE", "mailchute")
_ENTRY = re.compile(r"^  (\S.*?)(?:  +(\S.*))?$")


class Entry:
    """One row of a help text: `names` (-h, --help; or an operand), its value, and the words beside it."""

    def __init__(self, written, words):
        parts = written.split(" ", 1)
        self.names = [each for each in parts[0].split(",") if each]
        self.value = parts[1] if len(parts) > 1 else ""
        self.words = words


class Command:
    """A command and what it may be followed by. `words`: how it is called, without the program."""

    def __init__(self, words, text):
        self.words, self.text = words, text
        lines = text.splitlines()
        usage = next((at for at, line in enumerate(lines) if line.startswith("Usage:")), len(lines))
        self.what = " ".join(lines[:usage]).strip()
        self.operands = _section(lines, "Positionals:")
        self.options = _section(lines, "Options:")
        self.subcommands = [entry.names[0] for entry in _section(lines, "Subcommands:")]

    @property
    def flags(self):
        return {name for entry in self.options for name in entry.names}

    def takes_value(self, flag):
        return any(flag in entry.names and entry.value for entry in self.options)


def _section(lines, title):
    """The rows under a title; a row's words may stand on the next line, further in."""
    if title not in lines:
        return []
    found = []
    for line in lines[lines.index(title) + 1:]:
        if not line.startswith("  "):
            break
        row = _ENTRY.match(line)
        if row:
            found.append(Entry(row[1], row[2] or ""))
        else:
            found[-1].words = (found[-1].words + " " + line.strip()).strip()
    return found


def say(*words):
    return subprocess.run([BINARY, *words], stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=60,
                          env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "COLUMNS": "80"})


@functools.lru_cache(maxsize=None)
def command(words=()):
    done = say(*words, "--help")
    if done.returncode != 0:
        raise AssertionError("%s --help: exit %d\n%s" % (" ".join(words), done.returncode, done.stderr))
    return Command(words, done.stdout)


def every_command():
    """All of them, each before what is below it; the first is the program itself."""
    found, waiting = [], [()]
    while waiting:
        current = command(waiting.pop(0))
        found.append(current)
        waiting = [current.words + (each,) for each in current.subcommands] + waiting
    return found


def announced():
    """Commands that docs/known-issues.md says are still to come, as tuples of words."""
    with open(os.path.join(ROOT, "docs/known-issues.md"), encoding="utf-8") as file:
        text = file.read()
    section = re.search(r"^## Commands that are not there yet\n\n(.*?)\n(?=Until|\n|#)", text, re.MULTILINE | re.DOTALL)
    return {tuple(each.split()) for each in re.findall(r"`([^`]+)`", section[1])} if section else set()
