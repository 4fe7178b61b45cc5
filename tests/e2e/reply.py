"""One reply of the emulated provider, and what it does after it."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    """`text` is without the last CRLF; lines of a longer one are parted by CRLF; surrogates stand for single bytes that
    are no UTF-8. No text at all: nothing is said. `delay_s` is on the provider's clock."""
    text: str
    close: bool = False
    delay_s: float = 0.0

    @property
    def good(self):
        return self.text[:1] in ("2", "3")
