#!/usr/bin/env python3
"""Holds the journal's catalog to the code: every event that the log can tell has an entry, in English and in Chinese, under
the id that the code gives, and no entry speaks of a field that its event does not have.

usage: check_catalog.py ROOT
"""
import os
import re
import sys

# Fields that journald or systemd add, or that an alert has whatever its event.
ALERT_FIELDS = {"UPSTREAM", "MAILCHUTE_ALERT", "MAILCHUTE_TEXT", "MAILCHUTE_DETAIL"}
NAMES = {"id": "QUEUE_ID", "from": "SENDER", "to": "RECIPIENT", "upstream": "UPSTREAM", "code": "SMTP_CODE",
         "enhanced": "ENHANCED_CODE", "attempt": "ATTEMPT"}
# Told with every line of a conversation, at debug only.
WITHOUT_ENTRY = {"dialogue"}
FATE = ("id", "from", "to", "upstream", "attempt", "code", "enhanced", "reply", "next")


def main():
    root = sys.argv[1]
    ids = dict(re.findall(r'Entry\{"([\w-]+)",\s*"([0-9a-f]{32})"\}', _read(root, "daemon/base/log_catalog.cc")))
    events = _events(_read(root, "daemon/base/log_events.cc"))
    alerts = set(re.findall(r'return "(\w+)";', _read(root, "daemon/alert/alert.cc").split("severity_name")[0])) - {"unknown"}
    entries = _entries(_read(root, "systemd/mailchute.catalog"))
    breaches = ["%s has no id" % event for event in (set(events) | alerts) - set(ids) - WITHOUT_ENTRY]
    breaches += ["two events share an id" for _ in [0] if len(set(ids.values())) != len(ids)]
    for event, entry_id in ids.items():
        for language in ("", "zh_CN"):
            text = entries.pop((entry_id, language), None)
            if text is None:
                breaches.append("%s has no entry %s" % (event, language or "in English"))
                continue
            known = ALERT_FIELDS if event in alerts else {_name(key) for key in events.get(event, ())}
            breaches += ["%s: no field @%s@" % (event, field) for field in set(re.findall(r"@(\w+)@", text)) - known]
    breaches += ["entry %s %s belongs to no event" % key for key in entries]
    print("\n".join(sorted(breaches)) or "the catalog speaks of every event")
    return 1 if breaches else 0


def _read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def _name(key):
    return NAMES.get(key, "MAILCHUTE_" + key.upper())


def _events(text):
    """Event -> the keys of its fields, as the code writes them."""
    found = {}
    for call in re.finditer(r'\bemit(_fate)?\(Level::\w+, "([\w-]+)"(.*?)\);', text, re.DOTALL):
        found[call[2]] = FATE if call[1] else re.findall(r'\{"(\w+)",', call[3])
    for call in re.finditer(r'emit_limited\(Level::\w+, "([\w-]+)"', text):
        found[call[1]] = ("peer", "why", "suppressed")
    return found


def _entries(text):
    """(id, language) -> the entry."""
    parts = re.split(r"^-- ([0-9a-f]{32})(?: (\w+))?$", text, flags=re.MULTILINE)[1:]
    return {(parts[at], parts[at + 1] or ""): parts[at + 2] for at in range(0, len(parts), 3)}


if __name__ == "__main__":
    sys.exit(main())
