"""Whether new orders can be taken, as `/readyz` and Prometheus are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.database.database import Database
from bot.errors import StoreUnavailable
from bot.live import LiveShop
from bot.reloading import Reloading
from bot.replicas import Replicas


@dataclass(frozen=True, slots=True)
class Readiness:
    """What it hangs on; `replicas` is None where one process is alone."""

    live: LiveShop
    database: Database
    reloading: Reloading
    replicas: Replicas | None

    async def __call__(self) -> tuple[bool, Mapping[str, object]]:
        """Say whether new orders can be taken, and what an operator should know."""
        details: dict[str, object] = {
            "money": "test" if self.live().test_money else "live",
            "config": list(self.reloading.problems) or "in force",
        }
        try:
            await self.database.store.writable()
            details["database"] = "writable"
            details["parked_jobs"] = len(await self.database.jobs.parked())
        except StoreUnavailable as error:
            details["database"] = str(error)
            return False, details
        if self.replicas is not None and self.replicas.stale:
            details["config"] = self.replicas.says
            return False, details
        return True, details

    async def taking_orders(self) -> bool:
        """Tell whether new orders can be taken."""
        ready, _ = await self()
        return ready
