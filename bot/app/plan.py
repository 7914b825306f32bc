"""How one run of the shop differs from others: which config, which database, where it listens, by whose clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.web.beside import Beside
from bot.chat import Context
from bot.ports import Clock
from bot.settings import Settings
from commands.replies import Replies


class WallClock:
    """The calendar's clock, where it is today."""

    def now(self) -> datetime:
        """Tell the instant (UTC)."""
        return datetime.now(UTC)

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: the calendar follows the database's clock, which all replicas share."""
        return instant


@dataclass(frozen=True)
class Plan:
    """How this run differs from others: which config, which database, where it listens."""

    config: Path
    database: str = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    host: str = ""
    port: int | None = None
    #: Whether Stripe may be a sandbox: with --test, and in the demo.
    sandbox: bool = False
    #: Changes settings before they are in force; the second argument is the address served at, "" before that is known.
    adjust: Callable[[Settings, str], Settings] = lambda settings, _: settings
    #: What the web chat's first screen suggests to try.
    hints: Callable[[Context], Sequence[str]] = lambda _: ()
    clock: Clock = field(default_factory=WallClock)
    #: The database's clock, where it is not the host's: a story moves it with the calendar's.
    instants: Callable[[], datetime] | None = None
    #: What stands beside the web chat.
    beside: Beside | None = None
    #: The cards that no command makes.
    cards: Replies = field(default_factory=Replies)
