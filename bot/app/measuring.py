"""What Prometheus is shown: what an operator would want to be woken for, read when it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from adapters.database.database import Database
from adapters.web.metrics import Metrics, Reading
from bot.closing import OWED
from bot.reconciling.differences import OPEN


def measure_work(metrics: Metrics, database: Database, ready: Callable[[], Awaitable[bool]]) -> None:
    """Add what says whether the shop does its work; `ready` says whether new orders can be taken."""

    async def taking_orders() -> Reading:
        return {(): float(await ready())}

    async def parked() -> Reading:
        return {(): float(len(await database.jobs.parked()))}

    async def late() -> Reading:
        return {(): (await database.jobs.late()).total_seconds()}

    async def differences() -> Reading:
        async with database.store.surveying() as unit:
            return {(): float(len(await unit.facts.named(OPEN)))}

    metrics.gauge("tillbot_ready", "1 while new orders can be taken here, as /readyz says, else 0.", taking_orders)
    metrics.gauge("tillbot_jobs_parked", "Jobs that failed too often and wait for somebody.", parked)
    metrics.gauge("tillbot_jobs_late_seconds", "How long the job has waited that is due the longest.", late)
    metrics.gauge("tillbot_differences", "What reconciling found and left to a person.", differences)


def measure_sales(metrics: Metrics, database: Database) -> None:
    """Add what says how orders stand, and what is owed."""

    async def orders() -> Reading:
        async with database.store.surveying() as unit:
            return {(state,): float(many) for state, many in (await unit.orders.counts()).items()}

    async def reminders() -> Reading:
        async with database.store.surveying() as unit:
            return {key: float(many) for key, many in (await unit.rounds.outcomes()).items()}

    async def liabilities() -> Reading:
        found = Counter[str]()
        async with database.store.surveying() as unit:
            for tally in await unit.orders.tallies():
                if tally.kind == "buy" and tally.state in OWED:
                    found[OWED[tally.state]] += tally.orders
            found["refund"] = len(await unit.refunds.undone())
            found["dispute"] = len(await unit.disputes.open())
            found["monthly"] = len(await unit.pledges.running("buy"))
        return {(kind,): float(many) for kind, many in sorted(found.items())}

    metrics.gauge("tillbot_orders", "Orders by state.", orders, labels=("state",))
    metrics.gauge(
        "tillbot_reminders",
        "People in reminders of a closing, by what is closing and what became of telling them.",
        reminders,
        labels=("feature", "outcome"),
    )
    metrics.gauge("tillbot_liabilities", "What is owed of purchases, by kind.", liabilities, labels=("kind",))
