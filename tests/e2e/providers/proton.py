"""Proton Mail Bridge: a neighbour on 127.0.0.1 with a certificate of its own making, which names the address alone."""
import dataclasses

import knobs
from providers.generic import Generic


@dataclasses.dataclass
class ProtonKnobs(knobs.Knobs):
    mode: str = "starttls"
    certificate: str = "bridge"


class ProtonBridge(Generic):
    Knobs = ProtonKnobs
    profile = "proton-bridge"
    user = "relay@proton.me"
    host = "127.0.0.1"
    offers = ("8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES")     # guess
