#!/usr/bin/env python3
"""The tables of docs/providers.md, made from config/providers/*.yaml.

usage: providers_table.py [--write] [ROOT]. Without --write it only compares: exit code 1 and the difference when the page is not
what the profiles say, or when a figure of a profile has no source beside it. Reads the small part of YAML that profiles are
written in: blocks, lists and flow maps on one line.
"""
import difflib
import os
import re
import sys

BEGIN = "<!-- made from config/providers by tests/lint/providers_table.py --write -->"
END = "<!-- end of what is made -->"
SETUP = ["profile", "for users at", "host", "port and TLS", "also", "auth", "user", "secret"]
MANNERS = ["profile", "MAIL FROM", "From:", "size", "recipients", "connections", "messages each", "idle", "rate", "quota", "rules"]


def main():
    words = [word for word in sys.argv[1:] if word != "--write"]
    root = os.path.realpath(words[0] if words else os.path.join(os.path.dirname(__file__), "../.."))
    folder = os.path.join(root, "config/providers")
    texts = {name[:-5]: _read(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith(".yaml")}
    breaches = [breach for name, text in texts.items() for breach in figures_without_source(name, text)]
    page_path = os.path.join(root, "docs/providers.md")
    page = _read(page_path)
    wanted = with_tables(page, tables({name: parse(text) for name, text in texts.items()}))
    if "--write" in sys.argv:
        with open(page_path, "w", encoding="utf-8") as file:
            file.write(wanted)
    elif page != wanted:
        breaches += difflib.unified_diff(page.splitlines(), wanted.splitlines(), "docs/providers.md", "as the profiles say", lineterm="")
        breaches.append("run tests/lint/providers_table.py --write")
    print("\n".join(breaches) if breaches else "docs/providers.md says what the profiles say")
    return 1 if breaches else 0


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def with_tables(page, made):
    before, rest = page.split(BEGIN)
    return before + BEGIN + "\n\n" + made + "\n" + END + rest.split(END)[1]


def figures_without_source(name, text):
    """A number that nobody can check is a rumour: each line of `defaults` says where it comes from, or that nobody knows."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] not in (" ", "#", ""):
            section = line.split(":")[0]
        elif section == "defaults" and line.strip() and not _comment(line):
            yield "config/providers/%s.yaml:%d: no source, and no word that it is unverified" % (name, number)


# ---- A reader of the YAML that profiles are written in.

def _comment(line):
    return line[_code_end(line):].strip()


def _code_end(line):
    """Where the comment begins: at a # that stands outside quotes and behind a blank."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and (at == 0 or line[at - 1] in " [{,:"):
            quote = char
        elif char == "#" and (at == 0 or line[at - 1] == " "):
            return at
    return len(line)


def parse(text):
    lines = []
    for line in text.splitlines():
        code = line[:_code_end(line)].rstrip()
        if code.strip():
            lines.append((len(code) - len(code.lstrip()), code.strip()))
    value, rest = _block(lines, 0)
    assert not rest, rest
    return value


def _block(lines, indent):
    if lines and lines[0][1].startswith("- "):
        return _list_block(lines, indent)
    found = {}
    while lines and lines[0][0] == indent and not lines[0][1].startswith("- "):
        key, _, value = lines[0][1].partition(":")
        lines = lines[1:]
        if value.strip():
            found[key] = _flow(value.strip())
        elif lines and lines[0][0] > indent:
            found[key], lines = _block(lines, lines[0][0])
        else:
            found[key] = None
    return found, lines


def _list_block(lines, indent):
    found = []
    while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        found.append(_flow(lines[0][1][2:].strip()))
        lines = lines[1:]
    return found, lines


def _flow(text):
    if text[0] not in "\"'[{":
        return text
    value, rest = _flow_value(text)
    assert not rest.strip(), text
    return value


def _flow_value(text):
    text = text.lstrip()
    if text[:1] in "\"'" and text:
        end = text.index(text[0], 1)
        return text[1:end], text[end + 1:]
    if text.startswith("["):
        return _flow_parts(text[1:], "]", [])
    if text.startswith("{"):
        return _flow_parts(text[1:], "}", {})
    plain = re.match(r"[^,\]}]*", text)[0]
    return plain.strip(), text[len(plain):]


def _flow_parts(text, end, into):
    text = text.lstrip()
    while not text.startswith(end):
        if end == "}":
            key, _, text = text.partition(":")
            into[key.strip()], text = _flow_value(text)
        else:
            value, text = _flow_value(text)
            into.append(value)
        text = text.lstrip().removeprefix(",").lstrip()
    return into, text[1:]


# ---- The tables.

def built(name, profiles):
    """The profile with what it takes from the one it is like."""
    own = profiles[name]
    base = profiles.get(own.get("like") or "", {})
    said = profiles.get(own.get("replies_of") or own.get("like") or "", {})
    return {
        "title": own["title"],
        "domains": own.get("domains") or [],
        "host_example": own.get("host_example") or base.get("host_example"),
        "secret": {**(base.get("secret") or {}), **(own.get("secret") or {})},
        "defaults": {**(base.get("defaults") or {}), **(own.get("defaults") or {})},
        "alternatives": own.get("alternatives") or base.get("alternatives") or [],
        "rules": len(own.get("replies") or []) + len(said.get("replies") or []),
    }


def tables(profiles):
    all_built = {name: built(name, profiles) for name in sorted(profiles) if name != "custom"}
    return "%s\n%s" % (_table(SETUP, [setup_row(name, each) for name, each in all_built.items()]),
                       _table(MANNERS, [manners_row(name, each) for name, each in all_built.items()]))


def _table(head, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head)] + rows]
    return "\n".join(lines).replace("| ---", "|---").replace("--- |", "---|") + "\n"


def setup_row(name, profile):
    values = profile["defaults"]
    also = ", ".join("%s%s %s" % (each["host"] + " " if "host" in each else "", each["port"], each["tls"])
                     for each in profile["alternatives"])
    host = values.get("host") or "`%s` …" % profile["host_example"]
    secret = profile["secret"]
    return ["`%s` %s" % (name, profile["title"]), " ".join(profile["domains"]), host,
            "%s %s" % (values["port"], values["tls"]), also, ", ".join(values["auth"]),
            "`%s`" % values["user"] if "user" in values else "address" if values["envelope_sender"] == "login" else "its own",
            "%s (%s)" % (secret["name"], secret["name_zh"]) if secret["name"] != secret["name_zh"] else secret["name"]]


def manners_row(name, profile):
    values = profile["defaults"]
    quota = ", ".join("%s %s" % (value, key) for key, value in (values.get("quota") or {}).items())
    return ["`%s`" % name, values["envelope_sender"], values["header_from"], values["message_size"],
            values["recipients_per_message"], values["max_connections"], values["messages_per_connection"],
            values["idle_close"], values.get("rate", ""), quota, str(profile["rules"])]


if __name__ == "__main__":
    sys.exit(main())
