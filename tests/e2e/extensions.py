"""What the emulated provider offers in EHLO at this point of a conversation, and which parameters that permits."""

_PARAMETER_NEEDS = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "RET": "DSN", "ENVID": "DSN",
                    "NOTIFY": "DSN", "ORCPT": "DSN", "AUTH": "AUTH"}


class Extensions:
    """The words STARTTLS and AUTH in a provider's list stand for the place of those lines; without them they come last."""

    def __init__(self, session):
        self._session, self._knobs, self._provider = session, session.knobs, session.provider

    def lines(self):
        """The extensions, one a line, without the reply's code."""
        lines = self._listed()
        lines += [each for each in ("STARTTLS", "AUTH") if each not in lines]
        found = []
        for each in lines:
            found += {"STARTTLS": self._starttls, "AUTH": self._auth}.get(each, lambda: [each])()
        return found

    def offered(self, keyword):
        return keyword in [each.replace("=", " ").split()[0] for each in self.lines()]

    def size_max(self):
        """The largest message by SIZE, in bytes; a very large number without it."""
        return next((int(each.split()[1]) for each in self._listed() if each.startswith("SIZE ")), 1 << 40)

    def not_offered(self, parameters):
        """The first of MAIL's or RCPT's parameters that may not be used here, or None."""
        return next((each for each in parameters.split()
                     if not self.offered(_PARAMETER_NEEDS.get(each.split("=")[0].upper()))), None)

    def _listed(self):
        return list(self._provider.offers if self._knobs.extensions is None else self._knobs.extensions)

    def _starttls(self):
        inside, wanted = self._session.wire.encrypted, self._knobs.mode == "starttls" and not self._knobs.starttls_strip
        return ["STARTTLS"] if (self._provider.offers_starttls_in_tls if inside else wanted) else []

    def _auth(self):
        if not self._logins_known() or (self._session.in_clear() and not self._provider.auth_before_tls):
            return []
        return list(self._provider.auth_lines if self._knobs.auth_lines is None else self._knobs.auth_lines)

    def _logins_known(self):
        return bool(self._knobs.users or self._knobs.tokens)
