"""Headers that we rewrite, read again by Python's email package: the sender is the wanted one with the name it had, the old
addresses are in Reply-To and X-Original-From, and every other field and the body are the same bytes.

The messages are written by the same package from a fixed seed, so that it knows what each of them meant.
"""
import email
import email.header
import email.policy
import email.utils
import os
import random
import subprocess
import tempfile
import unittest
from email.headerregistry import Address

WANTED, SENDER, DOMAIN = "10001@qq.com", "app@s.test", "m.test"
OURS = {"from", "sender", "reply-to", "x-original-from", "dkim-signature"}
NAMES = ["", "Ann", "Ann Smith", "Smith, Ann", "Ann Q. Smith", "J\u00fcrgen", "J\u00fcrgen M. (IT)", "\u4f60\u597d",
         "\u4f60\u597d\u4e16\u754c" * 8, "a \"quoted\" word", "back\\slash", "(Cron Daemon)", "ann@s.test", "very " * 30 + "long",
         "\U0001f4e7 mail", "O'Neil", "[tag] x", "semi; colon: comma,"]
ADDRESSES = ["ann@s.test", "a.b+c@sub.s.test", "\"a b\"@s.test", "root@s.test", "x@[192.0.2.1]", "UPPER@S.TEST"]
# What stands in From, and the addresses and the name that it means.
BY_HAND = [
    ("root", ["root@m.test"], "root"),
    ("root (Cron Daemon)", ["root@m.test"], "Cron Daemon"),
    ("\"(Cron Daemon)\" <root>", ["root@m.test"], "(Cron Daemon)"),
    ("ann@s.test (Ann Smith)", ["ann@s.test"], "Ann Smith"),
    ("Backup Job", [], "Backup Job"),
    ("=?utf-8?B?SsO8cmdlbiA8YW5uQHMudGVzdD4=?=", ["ann@s.test"], "J\u00fcrgen"),
    ("=?utf-8?q?Ann=20=3Cann=40s=2Etest=3E?=", ["ann@s.test"], "Ann"),
    ("=?gb2312?B?xOO6ww==?= <ann@s.test>", ["ann@s.test"], "\u4f60\u597d"),
    ("Ann <ann@s.test>, Bob <bob@s.test>", ["ann@s.test", "bob@s.test"], "Ann"),
    ("Team: ann@s.test, bob@s.test;", ["ann@s.test", "bob@s.test"], ""),
    ("undisclosed-recipients:;", [], ""),
    ("Ann Smith ann@s.test", ["ann@s.test"], "Ann Smith"),
    ("<@r1.test,@r2.test:ann@s.test>", ["ann@s.test"], ""),
    ("Ann\r\n <ann@s.test>", ["ann@s.test"], "Ann"),
    ("10001@qq.com", [], ""),
    ("Me <10001@QQ.com>", [], "Me"),
]
REST = ["To: b@r.test", "Subject:  odd   blanks ", "X-Folded: one\r\n\ttwo\r\n  three", "Message-ID: <1@s.test>",
        "X-Raw: \u00fc", "Content-Type: text/plain; charset=utf-8", "Resent-From: root", "received: x", "X-Empty:"]


def encoded_from(name, address, random_):
    """As Python writes it, or as older programs do."""
    if name and random_.random() < 0.3:
        return email.utils.formataddr((name, address))
    local, _, domain = address.rpartition("@")
    local = local.strip('"')
    policy = email.policy.SMTP
    field = policy.header_factory("From", [Address(name, local, domain)])
    return field.fold(policy=policy)[len("From: "):].rstrip("\r\n")


def decoded(phrase):
    return " ".join(str(email.header.make_header(email.header.decode_header(phrase))).split())


class Case:
    def __init__(self, field, addresses, name, extra=()):
        self.field, self.addresses, self.name, self.extra = field, addresses, name, list(extra)

    def content(self, random_):
        lines = REST + self.extra + ["From: " + self.field]
        random_.shuffle(lines)
        return ("\r\n".join(lines) + "\r\n\r\nFrom: body\r\n.\r\n").encode()


def cases():
    random_ = random.Random(20260301)
    made = [Case(*each) for each in BY_HAND]
    for name in NAMES:
        for address in ADDRESSES:
            made.append(Case(encoded_from(name, address, random_), [address], name))
    for _ in range(60):
        chosen = [(random_.choice(NAMES), random_.choice(ADDRESSES)) for _ in range(random_.randint(2, 4))]
        made.append(Case(",\r\n ".join(encoded_from(*each, random_) for each in chosen), [each[1] for each in chosen], chosen[0][0]))
    return made, random_


def rewrite(contents, wanted):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, content in enumerate(contents):
            paths.append(os.path.join(folder, str(number)))
            with open(paths[-1], "wb") as file:
                file.write(content)
        done = subprocess.run([os.environ["EDIT_HEADER"], wanted, SENDER, DOMAIN], input="\n".join(paths).encode() + b"\n",
                              capture_output=True, check=True)
    rest, results = done.stdout, []
    while rest:
        length, _, rest = rest.partition(b"\n")
        results.append(rest[:int(length)])
        rest = rest[int(length):]
    return results


def raw_fields(content):
    """(name, the field's bytes) of every field."""
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n"
    fields = []
    for line in head.splitlines(keepends=True):
        if line[:1] in b" \t":
            fields[-1] += line
        else:
            fields.append(line)
    return [(field.partition(b":")[0].strip().lower().decode(), field) for field in fields]


def addresses_of(message, name):
    # Some versions of the package lose address literals: they are dressed up as names meanwhile.
    values = [str(value).replace("\r\n", "").replace("@[", "@literal-").replace("]", "") for value in message.get_all(name, [])]
    addresses = [address for _, address in email.utils.getaddresses(values)]
    return [address.replace("@literal-", "@[") + "]" if "@literal-" in address else address for address in addresses]


def same_address(one, other):
    return (one[0], one[2].lower()) == (other[0], other[2].lower())


class Header(unittest.TestCase):
    def test_as_the_login(self):
        made, random_ = cases()
        contents = [case.content(random_) for case in made]
        results = rewrite(contents, WANTED)
        self.assertEqual(len(results), len(made))
        for case, before, after in zip(made, contents, results):
            with self.subTest(field=case.field, after=after.partition(b"\r\n\r\n")[0].decode()):
                self._check(case, before, after)

    def _check(self, case, before, after):
        message = email.message_from_bytes(after, policy=email.policy.compat32)
        self.assertEqual([each.lower() for each in addresses_of(message, "From")], [WANTED])
        name = email.utils.parseaddr(message["From"].replace("\r\n", ""))[0]
        self.assertEqual(decoded(name)[:120], " ".join(case.name.split())[:120])
        self._check_originals(case, message)
        self.assertEqual([field for field in raw_fields(after) if field[0] not in OURS],
                         [field for field in raw_fields(before) if field[0] not in OURS])
        self.assertEqual(after.partition(b"\r\n\r\n")[2], before.partition(b"\r\n\r\n")[2])
        for line in after.partition(b"\r\n\r\n")[0].splitlines():
            self.assertLessEqual(len(line), 998)
        # A stricter reader of the same package finds nothing to complain of.
        strict = email.message_from_bytes(after, policy=email.policy.default)
        if case.field.isascii() and not any(c in case.name for c in "\\"):
            self.assertEqual([str(defect) for defect in strict["From"].defects], [])

    def _check_originals(self, case, message):
        wanted = [address.rpartition("@") for address in case.addresses]
        for field in ("Reply-To", "X-Original-From"):
            found = [address.rpartition("@") for address in addresses_of(message, field)]
            # Nobody can answer to an address literal.
            expected = [each for each in wanted if field != "Reply-To" or not each[2].startswith("[")]
            self.assertEqual(len(found), len(expected), field)
            for one, other in zip(found, expected):
                self.assertTrue(same_address(one, other), (field, one, other))

    def test_kept(self):
        """Nothing changes but bare names."""
        made, random_ = cases()
        contents = [case.content(random_) for case in made]
        for case, before, after in zip(made, contents, rewrite(contents, "-")):
            with self.subTest(field=case.field):
                if any(each == "root@m.test" for each in case.addresses):
                    self.assertEqual(after.replace(b"root@m.test", b"root"), before)
                else:
                    self.assertEqual(after, before)


if __name__ == "__main__":
    unittest.main()
