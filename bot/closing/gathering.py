"""Reads what is counted: each reading of one consistent state, and sums where the books make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.clicks import clicked, name_of
from bot.closing.liabilities import OWED, Found, liabilities
from bot.closing.statement import Tallies
from bot.deletions import deleted
from bot.orders import Order
from bot.ports import Jobs, Parked, Store, Unit
from bot.retirement import Plan


async def gather(store: Store, jobs: Jobs) -> Found:
    """Read what is not done. Raises StoreUnavailable."""
    parked = tuple(await jobs.parked())
    async with store.surveying() as unit:
        return await found_in(unit, parked)


async def found_in(unit: Unit, parked: tuple[Parked, ...]) -> Found:
    """Read what is not done, in a unit."""
    refunds, disputes = await unit.refunds.undone(), await unit.disputes.open()
    known: dict[str, Order] = dict(await unit.orders.paid_with({each.payment_intent for each in disputes}))
    for number in {entry.order for entry in refunds}:
        order = await unit.orders.get(number)
        if order is not None:
            known[number] = order
    return Found(
        orders=await unit.orders.standing(OWED.keys()),
        refunds=refunds,
        disputes=disputes,
        known=known,
        pledges=await unit.pledges.running("buy"),
        parked=parked,
    )


async def gather_statement(store: Store, jobs: Jobs, plans: Iterable[Plan] = ()) -> Tallies:
    """Read what the final statement is made of, with the clicks on places of `plans`. Raises StoreUnavailable."""
    parked = tuple(await jobs.parked())
    async with store.surveying() as unit:
        # a place of two plans is one place
        places = {name_of(each.place): each for each in await clicked(unit, plans)}
        clicks: Counter[str] = Counter()
        for each in places.values():  # one that is elsewhere for other goods has the same name, and is two
            clicks[each.place.name] += each.total
        return Tallies(
            at=unit.now,
            orders=await unit.orders.tallies(),
            refunds=await unit.refunds.tallies(),
            disputes=await unit.disputes.tallies(),
            pledges=await unit.pledges.tallies(),
            waiting=await unit.news.waiting(),
            open=liabilities(await found_in(unit, parked)),
            deletions=await deleted(unit),
            clicks=clicks,
        )
