"""The living shop: the snapshot that everybody reads, swapped whole when the config, the stock or the gifts change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.catalogue import Catalogue, Search
from bot.donations import Cause
from bot.money import Money
from bot.ports import Store
from bot.settings import Settings
from bot.shop import Shop


class LiveShop:
    """Call it for the snapshot of this moment."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        search: Callable[[Catalogue], Search],
        test_money: Callable[[], bool],
        minimums: Mapping[str, Money],
    ) -> None:
        self._store = store
        self._search = search
        self._test_money = test_money
        self._shop = Shop(
            settings=settings, search=search(settings.catalogue), test_money=test_money(), minimums=minimums
        )

    def __call__(self) -> Shop:
        """Give the shop as it is now; what it says is at most a second old."""
        return self._shop

    def swap(self, settings: Settings) -> None:
        """Put new settings in force, whole."""
        self._shop = replace(
            self._shop, settings=settings, search=self._search(settings.catalogue), test_money=self._test_money()
        )

    async def refresh(self) -> None:
        """Read stock and gifts from the store."""
        async with self._store.reading() as unit:
            stock = await unit.stock.all()
            raised = await unit.facts.named("raised:")
        self._shop = replace(self._shop, stock=stock, raised=_sums(raised, self._shop.settings.causes))


def _sums(raised: Mapping[str, str], causes: Mapping[str, Cause]) -> Mapping[str, Money]:
    """Read "raised:CAUSE:CURRENCY" facts: of each cause what came in the currency that it has now."""
    names = {cause.id: f"raised:{cause.id}:{cause.currency}" for cause in causes.values()}
    return {cause: Money(int(raised[name]), causes[cause].currency) for cause, name in names.items() if name in raised}
