"""The command lines of ours in a piece of shell or prose, held against what --help knows."""
import re
import shlex

import command_help

# Words that may stand before a command, as far as the pages use them.
_BEFORE = {"sudo", "exec", "env", "command", "time", "if", "then", "do", "!", "while", "until", "else"}
_BREAKS = re.compile(r"^[;|&()]+$")
_SENDMAIL = re.compile(r"-(?:[fFrNRVBqboOACXLhpd].*|[tivmnGUI]+|-)$")


def ours(script):
    """Each command line of `mailchute` or `sendmail` in a shell script, as a list of words."""
    for line in _lines(script):
        words = []
        for word in _words(line) + [";"]:
            if not _BREAKS.match(word):
                words.append(word)
                continue
            while words and (words[0] in _BEFORE or re.match(r"^\w+=", words[0])):
                words.pop(0)
            if words and words[0].split("/")[-1] in ("mailchute", "sendmail"):
                yield [words[0].split("/")[-1]] + _without_redirections(words[1:])
            words = []


def _lines(script):
    """Without here-documents, continued lines joined."""
    script = re.sub(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n.*?\n\s*\2(?=\n|$)", r"\3", script, flags=re.DOTALL)
    return script.replace("\\\n", " ").splitlines()


def _words(line):
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&()")
    lexer.whitespace_split = True
    return list(lexer)


def _without_redirections(words):
    kept, skip = [], False
    for word in words:
        if not skip and not re.match(r"^\d?[<>]", word):
            kept.append(word)
        skip = not skip and bool(re.match(r"^\d?[<>]+$", word))
    return kept


def why_wrong(words):
    """What is wrong with a command line; empty where nothing is. `ID…` and the like stand for themselves."""
    if words[0] == "sendmail":
        return next(("sendmail has no flag " + each for each in words[1:] if each.startswith("-") and not _SENDMAIL.match(each)), "")
    path, rest = (), [each.strip("[]") for each in words[1:]]
    while rest and not rest[0].startswith("-"):
        names = rest[0].split("|")
        known = command_help.command(path).subcommands
        if not known:
            break
        wrong = [each for each in names if each not in known and not _announced(path + (each,))]
        if wrong:
            return "%s is no command" % " ".join(("mailchute",) + path + (wrong[0],))
        if names[0] not in known:
            return ""   # announced: its flags are not known yet
        path, rest = path + (names[0],), rest[1:]
    return _why_flags_wrong(command_help.command(path), rest)


def _announced(words):
    return any(each[:len(words)] == words for each in command_help.announced())


def _why_flags_wrong(command, rest):
    name, at, operands = " ".join(("mailchute",) + command.words), 0, 0
    while at < len(rest):
        flag, _, value = rest[at].partition("=")
        if flag.startswith("-") and flag != "-":
            if any(each not in command.flags for each in flag.split("|")):
                return "%s has no flag %s" % (name, flag)
            at += 1 if command.takes_value(flag) and not value else 0
        else:
            operands += 1
        at += 1
    if operands and not command.operands:
        return "%s takes no operands" % name
    return "%s wants a command" % name if command.subcommands and not rest else ""
