"""How the emulated providers speak: the texts of QQ Mail as they have been seen, and of a plain, correct server.

The texts only; what a provider checks and when stands in session.py.
"""
from dataclasses import dataclass, field


@dataclass
class Profile:
    """One provider's wording. `offers` are EHLO lines always sent; AUTH and STARTTLS come by the connection's state."""
    host: str
    greeting: str
    offers: list
    auth_lines: list
    texts: dict
    auth_before_tls: bool = False
    sender_is_login: bool = False
    plain_needs_initial: bool = False
    closes_on_second_refusal: bool = False
    settings: dict = field(default_factory=dict)


_GENERIC_TEXTS = {
    "HELO": "250 provider.test",
    "STARTTLS": "220 2.0.0 Ready to start TLS",
    "must_starttls": "530 5.7.0 Must issue a STARTTLS command first",
    "prompt_user": "334 VXNlcm5hbWU6",
    "prompt_password": "334 UGFzc3dvcmQ6",
    "prompt_plain": "334 ",
    "login_ok": "235 2.7.0 Authentication successful",
    "login_bad": "535 5.7.8 Authentication credentials invalid",
    "mechanism": "504 5.5.4 Unrecognized authentication type",
    "unauthenticated": "530 5.7.0 Authentication required",
    "MAIL": "250 2.1.0 Sender ok",
    "bad_mail": "501 5.5.4 Syntax error in parameters",
    "bad_parameter": "555 5.5.4 Unsupported option",
    "sender_mismatch": "553 5.7.1 Sender address rejected: not owned by user",
    "RCPT": "250 2.1.5 Recipient ok",
    "bad_sequence": "503 5.5.1 Bad sequence of commands",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    "EOD": "250 2.0.0 Ok: queued",
    "bad_from": "550 5.7.1 From header not allowed",
    "no_recipient": "550 5.1.1 No such user",
    "too_large": "552 5.3.4 Message too big",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "unknown": "502 5.5.2 Command not recognized",
}

_QQ_INVALID = "502 Invalid input from 203.0.113.9 to newxmesmtplogicsvrszb20-0.qq.com."
_QQ_TEXTS = {
    **_GENERIC_TEXTS,
    "HELO": "250-newxmesmtplogicsvrszb20-0.qq.com-9.21.152.27-23666742\r\n250-SIZE 73400320\r\n250 OK",
    "STARTTLS": "220 Ready to start TLS",
    "must_starttls": "530 Must issue a STARTTLS command first.",
    "login_ok": "235 Authentication successful",
    "login_bad": "535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency "
                 "limited, or system is busy. More information at https://help.mail.qq.com/detail/108/1023",
    "mechanism": _QQ_INVALID,
    "unauthenticated": "503 Error: need EHLO and AUTH first !",
    "MAIL": "250 OK.",
    "bad_mail": _QQ_INVALID,
    "bad_parameter": _QQ_INVALID,
    "sender_mismatch": "501 Mail from address must be same as authorization user.",
    "RCPT": "250 OK",
    "bad_sequence": "503 Send command mailfrom first.",
    "DATA": "354 End data with <CR><LF>.<CR><LF>.",
    "EOD": "250 OK: queued as.",
    "bad_from": "550 The \"From\" header is missing or invalid. Please follow RFC5322, RFC2047, RFC822 standard "
                "protocol. https://service.mail.qq.com/detail/124/995.",
    "no_recipient": "550 The recipient may contain a non-existent account, please check the recipient address.",
    "too_large": "552 Message too large",
    "RSET": "250 OK",
    "NOOP": "250 OK",
    "QUIT": "221 Bye.",
    "unknown": _QQ_INVALID,
}


def generic():
    return Profile(host="provider.test", greeting="220 provider.test ESMTP", texts=dict(_GENERIC_TEXTS),
                   offers=["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8"],
                   auth_lines=["AUTH PLAIN LOGIN"])


def qq():
    host = "newxmesmtplogicsvrszb20-0.qq.com"
    return Profile(host=host, greeting="220 %s XMail Esmtp QQ Mail Server." % host, texts=dict(_QQ_TEXTS),
                   offers=["PIPELINING", "SIZE 73400320", "MAILCOMPRESS", "SMTPUTF8", "8BITMIME"],
                   auth_lines=["AUTH LOGIN PLAIN XOAUTH XOAUTH2", "AUTH=LOGIN"], auth_before_tls=True,
                   sender_is_login=True, plain_needs_initial=True, closes_on_second_refusal=True)


BY_NAME = {"generic": generic, "qq": qq}
