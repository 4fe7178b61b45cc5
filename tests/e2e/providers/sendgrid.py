"""SendGrid: the login is the word `apikey`, and a wrong key is told to come again."""
from providers.generic import Generic


class SendGrid(Generic):
    profile = "sendgrid"
    user = "apikey"
    host = "smtp.sendgrid.net"
    offers = ("8BITMIME", "PIPELINING", "SIZE 31457280")
    auth_lines = ("AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN")
    closes_on_refusal = 1
    texts = {
        **Generic.texts,
        "GREETING": "220 SG ESMTP service ready at geopod-ismtpd-6-0",
        "login_bad": "451 Authentication failed: Could not authenticate",
        "QUIT": "221 See you later",
    }
