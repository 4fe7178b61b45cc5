"""What a test may turn on any emulated provider. A provider adds its own in a subclass; the names are those of the JSON
script. Seconds are the provider's, on its clock."""
import dataclasses
from dataclasses import field


@dataclasses.dataclass
class Knobs:
    provider: str = "generic"
    mode: str = "tls"                    # tls | starttls | plain
    users: dict = field(default_factory=dict)            # login -> password
    tokens: dict = field(default_factory=dict)           # login -> the token that XOAUTH2 takes
    time_scale: float = 1.0              # how many of the provider's seconds pass in one of ours
    now: object = None                   # what its clock shows at first: seconds since 1970, or ISO 8601

    certificate: str = "good"            # one of certificates.KINDS
    tls_max: str = "1.3"
    starttls_strip: bool = False
    starttls_inject: str = ""            # sent in clear, in one piece with the reply to STARTTLS

    extensions: list = None              # instead of the provider's EHLO lines, without AUTH and STARTTLS
    auth_lines: list = None              # instead of the provider's
    refuse_recipients: dict = field(default_factory=dict)   # address -> reply at RCPT
    nonexistent: list = field(default_factory=list)         # recipients; where they are found out, the provider says
    connections_most: int = 0            # at once; 0: any
    messages_per_connection: int = 0     # 0: any
    idle_s: float = None                 # silence after which this side speaks or ends the connection
    idle_reply: str = ""                 # said then, unasked
    idle_closes: bool = True
    quit: str = "normal"                 # normal | none | garbage | raw_garbage | no_close_notify

    reply_chunking: str = None           # "bytes:1": replies go out in pieces of that size
    coalesce: bool = False               # replies wait while commands do, and go out in one piece
    lockstep_probe_s: float = 0.0        # our seconds, waited before each reply to catch what comes too early
    slow_read: int = 0                   # bytes that are read in a hundredth of our second; 0: as fast as they come
    keep_bytes: int = 65536              # contents up to this size stand in the journal
