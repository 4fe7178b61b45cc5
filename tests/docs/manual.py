#!/usr/bin/env python3
"""What of the manual is made and not written: the flags of docs/man/*.scd and docs/reference/commands.md from the program's own
--help, the keys of docs/man/mailchute.yaml.5.scd from docs/configuration.md.

usage: MAILCHUTE=path/to/mailchute manual.py [--write]. Without --write it only compares: exit code 1, and what differs.
A page says where its made parts stand: between `; made: NAME` and `; end`.
"""
import difflib
import os
import re
import sys

from command_help import announced, command, every_command
from markdown import ROOT

MAN = os.path.join(ROOT, "docs/man")
REFERENCE = os.path.join(ROOT, "docs/reference/commands.md")
# Pages that are no command's.
OTHERS = ("mailchute.8", "mailchute.yaml.5", "mailchute-provider.5", "mailchute-sendmail.8", "mailq.1", "newaliases.1")
_PART = re.compile(r"^; made: (\w+)\n.*?^; end$", re.MULTILINE | re.DOTALL)
_VALUE = re.compile(r"^(?P<name>[^={ ]*?)(?::\{(?P<choices>[^}]*)\})?(?:=(?P<default>\S*))?(?: REQUIRED)?(?P<many> \.\.\.)?$")
_ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| (.+?) \| (.+) \|$", re.MULTILINE)


def main():
    differences = []
    for path, wanted in made_files():
        found = read(path) if os.path.exists(path) else ""
        if "--write" in sys.argv:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(wanted)
        elif found != wanted:
            name = os.path.relpath(path, ROOT)
            differences += difflib.unified_diff(found.splitlines(), wanted.splitlines(), name, "as it should be", lineterm="")
    if differences:
        print("\n".join(differences) + "\nnext: MAILCHUTE=path/to/mailchute tests/docs/manual.py --write")
    return 1 if differences else 0


def made_files():
    """(path, what it should hold) of everything that is made, in part or whole."""
    for page in pages():
        path = os.path.join(MAN, page + ".scd")
        yield path, _PART.sub(lambda found: "; made: %s\n%s\n; end" % (found[1], part(found[1], page)), read(path))
    yield REFERENCE, reference()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def pages():
    """The manual's pages, each as NAME.SECTION."""
    return sorted(name[:-len(".scd")] for name in os.listdir(MAN) if name.endswith(".scd"))


def page_of(words):
    """The page that tells of a command."""
    return "mailchute-%s.8" % words[0]


def commands_of(page):
    """The commands that a page tells of, those without subcommands only; empty for what is announced."""
    return [each for each in every_command() if each.words and page_of(each.words) == page and not each.subcommands]


def part(name, page):
    return {"synopsis": synopsis, "options": options, "commands": command_list, "keys": keys}[name](page)


def synopsis(page):
    name = page[len("mailchute-"):-len(".8")]
    to_come = sorted(words for words in announced() if words[0] == name)
    lines = [_usage(each) for each in commands_of(page)] + ["*mailchute %s* [_OPTIONS_]" % " ".join(words) for words in to_come]
    text = " ++\n".join(lines)
    if to_come:
        text += "\n\nThis release does not have *mailchute %s* yet." % "*, *".join(" ".join(words) for words in to_come)
    return text


def _usage(command):
    operands = []
    for each in command.operands:
        shown = "_%s_" % _value(each)["name"] + ("..." if "..." in each.value else "")
        operands.append(shown if "REQUIRED" in each.value else "[%s]" % shown)
    return " ".join(["*mailchute %s*" % " ".join(command.words), "[_OPTIONS_]"] + operands)


def _value(entry):
    found = _VALUE.match(entry.value)
    return found.groupdict() if found else {"name": entry.value, "choices": None, "default": None, "many": None}


def options(page):
    commands, groups = commands_of(page), []
    for each in commands:
        text = _entries(each.operands + [option for option in each.options if "--help" not in option.names])
        if groups and groups[-1][1] == text:
            groups[-1][0].append(each)
        else:
            groups.append(([each], text))
    parts = []
    for members, text in groups:
        if len(commands) > 1:
            parts.append("## " + ", ".join(" ".join(("mailchute",) + each.words) for each in members))
            parts += ["*%s*: %s." % (each.words[-1], _escaped(_low(each.what))) for each in members]
        parts += [text] if text else []
    parts += ["*-h*, *--help*\n\tPrints a short help text and ends."] if commands else []
    return "\n\n".join(parts)


def _low(text):
    return text[:1].lower() + text[1:]


def _entries(entries):
    lines = []
    for entry in entries:
        value, is_flag = _value(entry), entry.names[0].startswith("-")
        head = ", ".join("*%s*" % name for name in entry.names) if is_flag else "_%s_" % value["name"]
        if is_flag and value["name"]:
            head += " _%s_" % value["name"]
        words = _escaped(entry.words).rstrip(".") + "."
        if value["choices"] and not all(each in entry.words for each in value["choices"].split(",")):
            words += " One of " + ", ".join("*%s*" % each for each in value["choices"].split(",")) + "."
        if value["default"]:
            words += " Default: *%s*." % value["default"]
        lines.append(head + "\n\t" + words)
    return "\n\n".join(lines)


def _escaped(text):
    return re.sub(r"([\\*])", r"\\\1", text)


def command_list(_page):
    lines = []
    for name in command().subcommands:
        lines.append("*mailchute-%s*(8)\n\t%s." % (name, _escaped(command((name,)).what)))
    return "\n\n".join(lines)


def keys(_page):
    """The rows of the tables of docs/configuration.md, which a unit test holds to the schema."""
    parts = []
    for section in re.split(r"^## ", read(os.path.join(ROOT, "docs/configuration.md")), flags=re.MULTILINE)[1:]:
        rows = _ROW.findall(section)
        if rows:
            parts.append("## " + section.split("\n")[0].upper())
            parts += ["*%s* (%s)\n\tDefault: %s. %s." % (_escaped(key), _inline(form), _inline(default), _sentence(meaning))
                      for key, form, default, meaning in rows]
    return "\n\n".join(parts)


def _inline(text):
    """A cell of Markdown in scdoc's marks."""
    text = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r"\1", text.strip())
    pieces = re.split(r"`([^`]*)`", re.sub(r"(?<!`)\*\((no effect yet)\)\*", r"(\1)", text))
    return "".join("*%s*" % _escaped(piece) if at % 2 else _escaped(piece) for at, piece in enumerate(pieces))


def _sentence(text):
    text = _inline(text)
    return text[:1].upper() + text[1:]


def reference():
    lines = ["# The commands", "",
             "What `mailchute COMMAND --help` says, of every command. The same with more words is in the manual: `man mailchute`.", "",
             "<!-- made by tests/docs/manual.py --write -->", ""]
    for each in every_command():
        text = "\n".join(line.rstrip() for line in each.text.strip().splitlines())
        lines += ["## " + " ".join(("mailchute",) + each.words), "", "```text", text, "```", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
