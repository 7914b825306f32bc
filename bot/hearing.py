"""What was heard of Stripe: when each account's last webhook was authentic, and when one was not, for the doctor."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Final

from bot.errors import StoreUnavailable
from bot.ports import Store

_log: Final = logging.getLogger(__name__)

#: Seconds for which the same outcome is not written again.
_PAUSE: Final = 60.0


@dataclass(slots=True)
class Hearing:
    """Keeps the last outcome of each kind, for each account."""

    store: Store
    _noted: dict[tuple[str, bool], float] = field(default_factory=dict)

    async def note(self, account: str, authentic: bool) -> None:
        """Note how a webhook was; never in the way of answering it."""
        now = time.monotonic()
        if now - self._noted.get((account, authentic), -_PAUSE) < _PAUSE:
            return
        try:
            async with self.store.unit() as unit:
                await unit.facts.put(_name(account, authentic), unit.now.isoformat(timespec="seconds"))
        except StoreUnavailable:
            _log.warning("webhook's outcome not noted")
        else:
            self._noted[account, authentic] = now

    async def last(self, account: str) -> tuple[str, str]:
        """Give when a webhook of the account was last taken, and last refused; "" for never."""
        async with self.store.reading() as unit:
            return await unit.facts.get(_name(account, True)) or "", await unit.facts.get(_name(account, False)) or ""


def _name(account: str, authentic: bool) -> str:
    return f"webhook:{'heard' if authentic else 'refused'}:{account}"
