"""Signed tokens: pay links, cookies and staff links that nobody can make up. HMAC-SHA256 (RFC 2104), standard library."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

#: Bytes of the tag: 128 bits, more than anybody can guess.
_TAG: Final = 16

#: Characters of the shortest secret that is taken; a shorter one could be guessed.
SHORTEST: Final = 16


class Signer:
    """Signs and checks short texts with the shop's secret, each for one purpose only."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST:
            raise ValueError(f"the secret must have at least {SHORTEST} characters")
        self._secret = secret.encode()

    def sign(self, purpose: str, text: str) -> str:
        """Give "text.tag"; `text` may be any text without a dot at its end."""
        return f"{text}.{self._tag(purpose, text)}"

    def read(self, purpose: str, token: str) -> str | None:
        """Give the text back, or None where the token was not signed by us for this purpose."""
        text, dot, tag = token.rpartition(".")
        try:
            good = dot and hmac.compare_digest(tag.encode(), self._tag(purpose, text).encode())
        except UnicodeEncodeError:  # bytes of a cookie that are no text
            return None
        return text if good else None

    def digest(self, purpose: str, text: str) -> str:
        """Give a keyed digest: the same text is known again, without keeping the text."""
        return self._tag(purpose, text)

    def _tag(self, purpose: str, text: str) -> str:
        mac = hmac.new(self._secret, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(mac[:_TAG]).decode().rstrip("=")
