#!/usr/bin/env python3
"""Holds the tree to its own rules: layers, vendors, sizes, headers that say what they are, words that must not be there.

usage: check_tree.py [ROOT]. Prints file:line: rule for each breach; exit code 1 if there is any.
"""
import os
import re
import subprocess
import sys

LINES_MAX = 400
# A test file holds many small ideas about one subject, one a test.
TEST_LINES_MAX = 700

# Who may include whom: docs/code-map.md.
_LOW = {"base", "mail", "smtp", "net", "store", "settings"}
ALLOWED = {
    "base": {"base"},
    "mail": {"base", "mail"},
    "smtp": {"base", "mail", "smtp"},
    "net": {"base", "mail", "net"},
    "store": {"base", "mail", "store"},
    "settings": {"base", "mail", "settings"},
    "accept": _LOW | {"accept"},
    "deliver": _LOW | {"deliver"},
    "schedule": _LOW | {"schedule"},
    "settle": _LOW | {"schedule", "deliver", "settle"},
    "alert": {"base", "mail", "net", "alert"},
    "control": _LOW | {"accept", "schedule", "deliver", "settle", "control", "relay"},
    "relay": _LOW | {"accept", "schedule", "deliver", "settle", "alert", "control", "relay"},
    "command": _LOW | {"accept", "schedule", "deliver", "settle", "alert", "control", "relay", "command"},
    "main": {"base", "command"},
}
# Single headers a folder may include beyond that: the seam between deciding and delivering.
ALSO = {"schedule": {"deliver/courier.h"}}

# Vendor header -> folders that may include it.
VENDORS = [
    (r"uv\.h|uv/.*|openssl/.*", {"net"}),
    (r"sqlite3\.h", {"store"}),
    (r"yaml-cpp/.*", {"settings"}),
    (r"idn2\.h", {"settings"}),
    (r"spdlog/.*", {"base/log.cc"}),
    (r"microhttpd\.h", {"control"}),
    (r"nlohmann/.*", {"control", "command"}),
    (r"CLI/.*", {"command"}),
    (r"systemd/.*", {"net", "relay"}),
]
ONE_FILE = {"CLI/": "CLI11"}

_INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def main():
    root = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../.."))
    breaches = []
    for path in _files(root):
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        lines = text.splitlines()
        for check in (_size, _layers, _vendors, _header, _words):
            breaches += ["%s:%d: %s" % (path, number, rule) for number, rule in check(path, lines, root)]
    breaches += _single_users(root)
    print("\n".join(breaches) if breaches else "the tree keeps its rules")
    return 1 if breaches else 0


def _files(root):
    """Those that git knows or would know; everything, where there is no git."""
    done = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
                          capture_output=True, text=True)
    if done.returncode == 0:
        return sorted(set(done.stdout.splitlines()))
    return sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root)
                  for name in names if "/build" not in folder and "/.git" not in folder)


def _folder(path):
    """`daemon/store/queue.h` -> store; `daemon/relay.cc` -> relay; anything else -> None."""
    parts = path.split("/")
    if parts[0] != "daemon" or not path.endswith((".h", ".cc")):
        return None
    return parts[1] if len(parts) > 2 else _root_part(parts[1])


def _root_part(name):
    """`relay.cc`, `relay_options.h` -> relay: the composition root may have more than one file."""
    return name.split(".")[0].split("_")[0]


def _includes(lines):
    for number, line in enumerate(lines, 1):
        found = _INCLUDE.match(line)
        if found:
            yield number, found[1] or found[2]


def _size(path, lines, _root):
    lines_max = TEST_LINES_MAX if path.startswith("tests/") else LINES_MAX
    if path.endswith((".h", ".cc", ".py", ".sh")) and len(lines) > lines_max:
        yield lines_max, "%d lines: a file that passes %d usually holds two ideas" % (len(lines), lines_max)


def _layers(path, lines, root):
    folder = _folder(path)
    if folder is None:
        return
    if folder not in ALLOWED:
        yield 1, "folder %s is not in the plan of layers" % folder
        return
    for number, header in _includes(lines):
        if not os.path.exists(os.path.join(root, "daemon", header)):
            continue
        other = header.split("/")[0] if "/" in header else _root_part(header)
        if other not in ALLOWED[folder] and header not in ALSO.get(folder, ()):
            yield number, "%s may not include %s: the arrow points backwards" % (folder, header)


def _vendors(path, lines, _root):
    folder = _folder(path)
    if folder is None:
        return
    for number, header in _includes(lines):
        for pattern, places in VENDORS:
            if re.fullmatch(pattern, header) and folder not in places and path[len("daemon/"):] not in places:
                yield number, "<%s> belongs to %s alone" % (header, " and ".join(sorted(places)))


def _header(path, lines, _root):
    if not path.startswith("daemon/") or not path.endswith(".h"):
        return
    if not lines or not lines[0].startswith("// "):
        yield 1, "a header opens by saying what it is"
    if "#pragma once" not in lines[:25]:
        yield 1, "#pragma once is missing"


def _words(path, lines, root):
    if path.startswith("tests/lint/") or path == "LICENSE":
        return
    patterns = [(re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!.*(decision|decisions/)\W*\d{4})"),
                 "an open end without a decision (docs/decisions)")]
    if not path.startswith("tests/unit/"):   # where /home/ann is an example
        patterns.append((re.compile(r"/(home|Users)/[a-z][\w.-]*/|/root/\w"), "a path of somebody's machine"))
    if root.count("/") >= 2:
        patterns.append((re.compile(re.escape(root) + r"\b"), "the path of this checkout"))
    for number, line in enumerate(lines, 1):
        for pattern, rule in patterns:
            if pattern.search(line):
                yield number, rule


def _single_users(root):
    """Libraries that one file alone may know."""
    for prefix, name in ONE_FILE.items():
        users = []
        for path in _files(root):
            if _folder(path) and os.path.exists(os.path.join(root, path)):
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    if any(header.startswith(prefix) for _, header in _includes(file.read().splitlines())):
                        users.append(path)
        if len(users) > 1:
            yield "%s:1: %s is known to more than one file: %s" % (users[0], name, ", ".join(users))


if __name__ == "__main__":
    sys.exit(main())
