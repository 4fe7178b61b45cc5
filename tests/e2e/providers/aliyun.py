"""Aliyun DirectMail: a prompt in lower case, and a temporary refusal that lasts for ever."""
from providers.generic import Generic


class Aliyun(Generic):
    profile = "aliyun-dm"
    user = "relay@dm.corp.test"
    host = "smtp.aliyun-inc.com"
    offers = ("8BITMIME", "PIPELINING", "DSN")
    auth_lines = ("AUTH=PLAIN LOGIN XALIOAUTH", "AUTH PLAIN LOGIN XALIOAUTH")
    auth_before_tls = True
    sender_is_login = True
    texts = {
        **Generic.texts,
        "GREETING": "220 smtp.aliyun-inc.com MX AliMail Server(127.0.0.1)",
        "prompt_user": "334 dXNlcm5hbWU6",
        "prompt_password": "334 cGFzc3dvcmQ6",
        "login_bad": "535 Authentication failure",
        "sender_mismatch": "440 mail from account doesn't conform with authentication (Auth Account:<login> Mail Account:<sender>)",
        "MAIL": "250 Mail Ok",
        "RCPT": "250 Rcpt Ok",
    }
