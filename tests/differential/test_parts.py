"""Messages of parts that we put into seven bits, read again by Python's email package: the same tree of the same types, with
the same bytes in every leaf, and nothing beyond ASCII.

The messages are made from a fixed seed; what their leaves hold is known from the making.
"""
import email
import email.policy
import os
import random
import subprocess
import tempfile
import unittest

TEXTS = ["", "plain\r\n", "gr\u00fc\u00dfe = 1\r\n", "\u4f60\u597d\r\n" * 30, "a blank at the end \r\n\t\r\n", "x" * 3000 + "\u00e9\r\n",
         "--\r\n--x\r\n-- \r\n\u00e9\r\n", "no line end \u00e9", "\r\n\r\n\u00e9\r\n\r\n", "=\r\n=20\r\n\u00e9=3D\r\n", "y\u00e9" * 12000 + "\r\n"]
TYPES = ["text/plain; charset=utf-8", "text/html; charset=\"utf-8\"", "application/x-own", None]
ENCODINGS = ["8bit", "8BIT", "binary", "7bit", None]


def leaf(random_):
    text = random_.choice(TEXTS).encode()
    fields = [("Content-Type", random_.choice(TYPES)), ("Content-Transfer-Encoding", random_.choice(ENCODINGS)),
              ("Content-Disposition", random_.choice(["attachment; filename=x", None]))]
    random_.shuffle(fields)
    head = "".join("%s: %s\r\n" % field for field in fields if field[1])
    return head.encode() + b"\r\n" + text


def multipart(random_, depth, number):
    boundary = random_.choice(["b%d", "=_%d?x", "----=_Part_%d", "a b %d"]) % number[0]
    number[0] += 1
    subtype = random_.choice(["mixed", "alternative", "related"])
    head = "Content-Type: multipart/%s;%sboundary=\"%s\"\r\n" % (subtype, random_.choice([" ", "\r\n\t"]), boundary)
    head += random_.choice(["", "Content-Transfer-Encoding: 8bit\r\n"])
    out = head.encode() + b"\r\n" + random_.choice([b"", b"for old readers\r\n"])
    for _ in range(random_.randint(1, 4)):
        kind = random_.random()
        inside = multipart(random_, depth - 1, number) if depth and kind < 0.3 else leaf(random_)
        if depth and kind > 0.9:
            inside = b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\nMIME-Version: 1.0\r\n" + inside
        out += b"--" + boundary.encode() + b"\r\n" + inside + b"\r\n"
    return out + b"--" + boundary.encode() + b"--" + random_.choice([b"", b"\r\n", b"\r\nbehind\r\n"])


def leaves(message):
    """(type, bytes) of each, in order."""
    for part in message.walk():
        if not part.is_multipart():
            yield part.get_content_type(), part.get_payload(decode=True)


class Parts(unittest.TestCase):
    def encoded(self, messages, step):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, message in enumerate(messages):
                paths.append(os.path.join(folder, str(number)))
                with open(paths[-1], "wb") as file:
                    file.write(message)
            done = subprocess.run([os.environ["TAKE_APART"], str(step)], input="\n".join(paths).encode(), capture_output=True,
                                  check=True, timeout=60)
        out, rest = [], done.stdout
        while rest:
            length, _, rest = rest.partition(b"\n")
            out.append(rest[:int(length)])
            rest = rest[int(length):]
        self.assertEqual(len(out), len(messages))
        return out

    def test_every_leaf_keeps_its_bytes(self):
        random_ = random.Random(20261126)
        messages = [b"Subject: x\r\nMIME-Version: 1.0\r\n" + multipart(random_, 3, [0]) for _ in range(120)]
        for step in (65536, 7):
            for message, out in zip(messages, self.encoded(messages, step)):
                before = email.message_from_bytes(message, policy=email.policy.SMTP)
                after = email.message_from_bytes(out, policy=email.policy.SMTP)
                self.assertEqual(list(leaves(after)), list(leaves(before)), (message, out))
                self.assertTrue(out.isascii(), out)


if __name__ == "__main__":
    unittest.main()
