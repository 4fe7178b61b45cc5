"""Postmark at 465, where it takes connections and never says a word."""
from providers.generic import Generic


class Postmark465(Generic):
    profile = "postmark"
    user = "00000000-0000-4000-8000-000000000000"
    mute = True
