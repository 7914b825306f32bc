"""What Prometheus is shown of retirements: how far what ends is still used, where people go instead, and how brownouts go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.database.database import Database
from adapters.web.metrics import Metrics, Reading
from bot.brownouts import troubles
from bot.clicks import clicked
from bot.public_calendar import announced
from bot.retirement import brownout
from bot.shop import Shop


def measure_endings(
    metrics: Metrics, database: Database, shop: Callable[[], Shop], now: Callable[[], datetime]
) -> None:
    """Add the gauges. `now` is the calendar's clock."""

    async def use() -> Reading:
        found: dict[tuple[str, ...], float] = {}
        async with database.store.surveying() as unit:
            for plan in announced(shop().settings.plans.values(), now()):
                for where, many in (await unit.orders.placed(plan.announced, plan.products)).items():
                    found[plan.feature, *where] = float(many)
        return found

    async def brownouts() -> Reading:
        plans = shop().settings.plans.values()
        return {(plan.feature,): float(brownout(plan, now()) is not None) for plan in plans if plan.brownouts}

    async def trouble() -> Reading:
        async with database.store.surveying() as unit:
            return {key: float(many) for key, many in (await troubles(unit, shop().settings.plans)).items()}

    async def clicks() -> Reading:
        async with database.store.surveying() as unit:
            found = await clicked(unit, announced(shop().settings.plans.values(), now()))
        return {(each.feature, each.place.name): float(each.total) for each in found}

    metrics.gauge(
        "tillbot_alternative_clicks",
        "Clicks on places to buy instead, by what retires and place.",
        clicks,
        labels=("feature", "alternative"),
    )
    metrics.gauge(
        "tillbot_retiring_orders",
        "Purchases begun since their end was announced.",
        use,
        labels=("feature", "platform", "workspace"),
    )
    metrics.gauge("tillbot_brownout", "Whether a brownout is on, by feature.", brownouts, labels=("feature",))
    metrics.gauge(
        "tillbot_brownout_trouble",
        "Answers that failed and people who complained in brownouts, by feature.",
        trouble,
        labels=("feature", "kind"),
    )
