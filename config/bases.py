"""Where APIs are reached, from the environment only, and where a live key may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.errors import BadConfig, Problem

#: What live keys of Stripe begin with: https://docs.stripe.com/keys
LIVE: Final = ("sk_live_", "rk_live_")
#: The only address that a live key goes to.
STRIPE: Final = "https://api.stripe.com"


@dataclass(frozen=True, slots=True)
class Bases:
    """The addresses of APIs, for GovSlack, Discord proxies and tests; "" is the maker's own."""

    stripe: str = ""
    slack: str = ""
    discord: str = ""
    gateway: str = ""
    #: Whether live keys may go elsewhere than to api.stripe.com.
    live_proxy: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Bases:
        """Read them, once, at start. BadConfig where one is no address."""
        problems = [
            Problem("environment", 0, name, "is no address", f'write one such as "{schemes[0]}://api.example"')
            for name, schemes in _SCHEMES.items()
            if not _fits(environ.get(name, ""), schemes)
        ]
        if problems:
            raise BadConfig(problems)
        return cls(
            stripe=environ.get("STRIPE_API_BASE", "").strip(),
            slack=environ.get("SLACK_API_BASE", "").strip(),
            discord=environ.get("DISCORD_API_BASE", "").strip(),
            gateway=environ.get("DISCORD_GATEWAY", "").strip(),
            live_proxy=environ.get("TILLBOT_ALLOW_LIVE_PROXY", "").strip() == "1",
        )

    def guard(self, name: str, key: str) -> None:
        """Stop a live key that would go elsewhere than to Stripe. `name` is its variable; the key is not repeated."""
        if is_live(key) and self.stripe.rstrip("/") not in {"", STRIPE} and not self.live_proxy:
            what = "is a live key, and STRIPE_API_BASE is not api.stripe.com"
            better = "use a test key, unset STRIPE_API_BASE, or set TILLBOT_ALLOW_LIVE_PROXY=1"
            raise BadConfig([Problem("environment", 0, name, what, better)])


_SCHEMES: Final = {
    "STRIPE_API_BASE": ("https", "http"),
    "SLACK_API_BASE": ("https", "http"),
    "DISCORD_API_BASE": ("https", "http"),
    "DISCORD_GATEWAY": ("wss", "ws"),
}


def is_live(key: str) -> bool:
    """Tell whether real money moves with a Stripe key."""
    return key.startswith(LIVE)


def _fits(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return False
    return not value.strip() or (parts.scheme in schemes and bool(parts.hostname))
