"""Yahoo: one wrong password is too many bad attempts."""
from providers.generic import Generic


class Yahoo(Generic):
    profile = "yahoo"
    user = "relay@yahoo.com"
    host = "hermes--production-ir2-0000000000-xxxxx"
    offers = ("PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SIZE 41697280")
    auth_lines = ("AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER",)
    sender_is_login = True
    closes_on_refusal = 1
    texts = {
        **Generic.texts,
        "GREETING": "220 smtp.mail.yahoo.com ESMTP ready",
        "EHLO": "<host> Hello relay.test [203.0.113.9])",
        "prompt_plain": "334 UGxhaW46",
        "login_bad": "535 5.7.0 (#AUTH005) Too many bad auth attempts.",
        "EOD": "250 OK , completed",
        "QUIT": "221 Service Closing transmission",
    }
