"""A message as it comes over the wire: found end, taken off dot-stuffing, hashed; nothing of a big one is kept.

Only CRLF.CRLF ends it (RFC 5321 4.1.1.4), or the last chunk of BDAT (RFC 3030); a bare CR or LF and a NUL are violations
of the sender's.
"""
import email.parser
import email.policy
import email.utils
import hashlib
import re

_HEADER_BYTES_MAX = 1 << 18


class Message:
    def __init__(self, keep_bytes, chunked=False):
        self.ended = False
        self.size = 0
        self.header = ""
        self.rest = b""
        self.violations = []
        self.longest_line = 0
        self._chunked = chunked
        self._keep_bytes = keep_bytes
        self._tail = b""
        self._header_bytes = bytearray()
        self._header_done = False
        self._content, self._wire = bytearray(), bytearray()
        self._whole, self._body = hashlib.sha256(), hashlib.sha256()

    def feed(self, data):
        lines = (self._tail + data).split(b"\r\n")
        self._tail = lines.pop()
        for number, line in enumerate(lines):
            if line == b"." and not self._chunked:
                self.ended = True
                self.rest = b"\r\n".join(lines[number + 1:] + [self._tail])
                self._header_ends()
                return
            self._line(line)

    def end_of_chunks(self):
        """BDAT ... LAST has come: what stands after the last CRLF is a line without an end."""
        self.ended = True
        if self._tail:
            self.violations.append("content that does not end with CRLF: %r" % self._tail[-60:])
        self._header_ends()

    def facts(self):
        """What the journal keeps of it. `body_sha256` covers what follows the header's empty line; `wire` is the content
        with its dots as they came."""
        kept = self.size <= self._keep_bytes
        return {"size": self.size, "content_sha256": self._whole.hexdigest(), "body_sha256": self._body.hexdigest(),
                "header": self.header, "message_id": self.field("message-id"), "token": self.field("x-token"),
                "chunked": self._chunked, "content": self._content.decode("latin-1") if kept else None,
                "wire": self._wire.decode("latin-1") if kept else None}

    @property
    def content(self):
        """As text of single bytes; only the beginning of a big message."""
        return self._content.decode("latin-1")

    @property
    def body_sha256(self):
        return self._body.hexdigest()

    def from_addresses(self):
        fields = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(self.header)
        return [address.lower() for _, address in email.utils.getaddresses(fields.get_all("From", []))]

    def field(self, name):
        """A field's value unfolded, or None."""
        unfolded = re.sub(r"\r\n[ \t]+", " ", self.header)
        found = re.search(r"^%s:[ \t]*(.*?)\r?$" % re.escape(name), unfolded, re.IGNORECASE | re.MULTILINE)
        return found[1] if found else None

    def _line(self, line):
        on_wire = line + b"\r\n"
        if line.startswith(b".") and not self._chunked:
            line = line[1:]
        if b"\n" in line or b"\r" in line or b"\0" in line:
            self.violations.append("bare CR, bare LF or NUL in content: %r" % line[:60])
        whole = line + b"\r\n"
        self.size += len(whole)
        self.longest_line = max(self.longest_line, len(line))
        self._whole.update(whole)
        if self.size <= self._keep_bytes:
            self._content += whole
            self._wire += on_wire
        if self._header_done:
            self._body.update(whole)
        elif line == b"" or len(self._header_bytes) > _HEADER_BYTES_MAX:
            self._header_ends()
        else:
            self._header_bytes += whole

    def _header_ends(self):
        self._header_done = True
        self.header = self._header_bytes.decode("latin-1")
