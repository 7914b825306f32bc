"""Secrets from the environment, or from the files that it names; they are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.errors import BadConfig, Problem

#: The secrets that Tillbot knows by name. Keys of causes' own Stripe accounts are named in the config.
NAMES: Final = (
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "DISCORD_TOKEN",
    "DISCORD_PUBLIC_KEY",
    "DATABASE_URL",
    "TILLBOT_SECRET",
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Gives secrets by name: NAME, or what stands in the file that NAME_FILE names. Files are read when asked for.

    Tillbot loads no `.env` by itself: whoever starts it does (`uv run --env-file .env`, Compose, systemd).
    """

    environ: Mapping[str, str] = field(repr=False)

    def get(self, name: str) -> str:
        """Give a secret, or "" where it is not set. BadConfig where NAME_FILE leads nowhere, or both are set."""
        value = self.environ.get(name, "").strip()
        named = self.environ.get(f"{name}_FILE", "").strip()
        if not named:
            return value
        if value:
            what, better = f"is set, and so is {name}_FILE", "unset one of them"
            raise BadConfig([Problem("environment", 0, name, what, better)])
        try:
            return Path(named).read_text(encoding="utf-8").strip()
        except OSError as error:
            what = f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            what = "is no text"
        raise BadConfig([Problem(named, 0, f"{name}_FILE", what, "name a file that holds nothing but the secret")])

    def need(self, name: str) -> str:
        """Give a secret that must be set. BadConfig where it is not."""
        value = self.get(name)
        if not value:
            better = f"set it, or {name}_FILE to a file that holds it (see .env.example)"
            raise BadConfig([Problem("environment", 0, name, "is not set", better)])
        return value
