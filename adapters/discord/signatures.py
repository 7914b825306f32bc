"""Whether a request really comes from Discord: its Ed25519 signature, and how old that is."""

import time
from collections.abc import Callable
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

#: Seconds that a request's timestamp may be off. Discord documents none, and does not try again; ours allows for a clock
#: that is a little wrong, and makes an old request that somebody kept worthless.
TOLERANCE: Final = 300


class Signatures:
    """Verifies with the application's public key, in hexadecimal. Raises ValueError where that is none.

    https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint
    """

    def __init__(self, public_key: str, *, now: Callable[[], float] = time.time) -> None:
        try:
            self._key = VerifyKey(bytes.fromhex(public_key))
        except (ValueError, TypeError):
            raise ValueError("the public key of a Discord application is 64 hexadecimal digits") from None
        self._now = now

    def fault(self, signature: str, timestamp: str, body: bytes) -> str:
        """Say what is wrong with a request, "" where nothing is."""
        try:
            self._key.verify(timestamp.encode() + body, bytes.fromhex(signature))
        except (BadSignatureError, ValueError, TypeError):
            return "the signature is wrong"
        if not (timestamp.isascii() and timestamp.isdecimal()):
            return "the timestamp is no number"
        off = int(timestamp) - int(self._now())
        return f"the timestamp is {off} s off: is the clock right?" if abs(off) > TOLERANCE else ""
