"""Reading: one's own orders and gifts, what an order's page shows, and what the staff may see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from bot.chat import Context
from bot.desk import Desk
from bot.errors import StoreUnavailable
from bot.fulfilling import staff_order
from bot.holding import held
from bot.orders import Move, Order, Pledge
from bot.overtaking import OVERTAKEN, overtaken
from bot.ports import News, Parked, Taking, Unit
from bot.reconciling.differences import OPEN
from bot.returns import Returns, returns_of
from bot.selling import own


def telling(person: str) -> str:
    """Name what whoever tells a person kept news holds."""
    return f"news:{person}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Looking things up. Nothing here changes an order."""

    desk: Desk
    #: Gives what is wrong with the config on disk.
    problems: Callable[[], Sequence[str]]
    #: The channels that fetch the catalogue at /feeds/NAME.
    feeds: tuple[str, ...] = ()

    async def mine(self, ctx: Context) -> tuple[Sequence[Order], Sequence[Pledge]]:
        """Give this person's orders, newest first, and their monthly gifts that go on."""
        async with self.desk.store.reading() as unit:
            return await unit.orders.of(ctx.person.key), await unit.pledges.of(ctx.person.key)

    async def one(self, ctx: Context, order_id: str) -> Order:
        """Give one of this person's orders. Raises UnknownOrder, NotYours."""
        return await own(self.desk, ctx, order_id)

    async def by_token(self, token: str) -> Order | None:
        """Find the order of a page's signed token; None where we did not sign it."""
        number = self.desk.addresses.order_of(token)
        if number is None:
            return None
        async with self.desk.store.reading() as unit:
            return await unit.orders.get(number)

    async def went_to_pay(self, order: Order) -> None:
        """Keep, once, that the buyer went on to pay with the terms before their eyes."""
        async with self.desk.store.unit() as unit:
            name = f"terms:{order.id}"
            if order.terms and await unit.facts.get(name) is None:
                await unit.facts.put(name, unit.now.isoformat())
                await unit.orders.note(order.id, "went to pay, terms shown")

    async def order(self, ctx: Context, order_id: str) -> tuple[Order, Sequence[Move]]:
        """Give anybody's order with its history, for admins. Raises NotAllowed, UnknownOrder."""
        async with self.desk.store.reading() as unit:
            order = await staff_order(unit, ctx, order_id)
            return order, await unit.orders.history(order.id)

    async def returns(self, order: Order) -> Returns:
        """Give an order's refunds and disputes."""
        async with self.desk.store.reading() as unit:
            return await returns_of(unit, order)

    async def pledge(self, order: Order) -> Pledge | None:
        """Give the monthly gift that an order began."""
        async with self.desk.store.reading() as unit:
            return await unit.pledges.get(order.id)

    async def untold(self, person: str) -> Sequence[tuple[News, Order | None]]:
        """Give all news that a person was not told, with the orders they speak of."""
        return await self._worth_telling(lambda unit: unit.news.untold(person))

    @asynccontextmanager
    async def kept(self, person: str) -> AsyncIterator[Sequence[tuple[News, Order | None]]]:
        """Give the news that could not be told, with the orders they speak of, to be told in the block.

        Nothing where it is being told already: of two words at once, or a word and a job, one tells it.
        """
        if not await self.desk.store.keeps(person):
            yield ()
            return
        async with held(self.desk.store, telling(person)) as ours:
            yield await self._worth_telling(lambda unit: unit.news.kept(person)) if ours else ()

    async def since(self, person: str, news_id: int) -> Sequence[tuple[News, Order | None]]:
        """Give all news of a person after `news_id`, told or not, with the orders they speak of."""
        return await self._worth_telling(lambda unit: unit.news.since(person, news_id))

    async def told(self, news: News, how: str) -> None:
        """Note that news was told."""
        async with self.desk.store.unit() as unit:
            await unit.news.told(news.person, news.id, how)

    async def takings(self, since: datetime) -> Sequence[Taking]:
        """Add up what was paid since then, by kind and currency."""
        async with self.desk.store.surveying() as unit:
            return await unit.orders.takings(since)

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that failed too often."""
        return await self.desk.jobs.parked()

    async def _worth_telling(
        self, find: Callable[[Unit], Awaitable[Sequence[News]]]
    ) -> Sequence[tuple[News, Order | None]]:
        """Find news, and give them with their orders; what later news overtook is left out, and needs telling no more."""
        worth: list[tuple[News, Order | None]] = []
        old: list[News] = []
        async with self.desk.store.reading() as unit:
            for news in await find(unit):
                if overtaken(news, await unit.news.about(news.person, news.subject)):
                    old.append(news)
                else:
                    worth.append((news, await unit.orders.get(news.subject)))
        with suppress(StoreUnavailable):  # then the next one who reads it notes it
            for news in old:
                if not news.told:
                    await self.told(news, OVERTAKEN)
        return worth

    async def differing(self) -> int:
        """Count what reconciling found and left to a person."""
        async with self.desk.store.reading() as unit:
            return len(await unit.facts.named(OPEN))

    def pay_url(self, order: Order) -> str:
        """Where the buyer pays."""
        return self.desk.addresses.pay(order)
