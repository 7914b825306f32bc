"""Granting: the perks of what was paid for, given after payment, taken away with the money, given again on return.

Each grant is a row of its own, in the transaction that makes it due: what is wanted is written first, and a job brings
the platform in line with it. So a perk follows its order through restarts, and a refund that overtakes a grant wins.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.chat import Context
from bot.desk import Desk
from bot.errors import NotYours, Unreachable
from bot.orders import Order
from bot.perks import Perk
from bot.ports import Json, Perks, Unit
from bot.settings import Settings

_log: Final = logging.getLogger(__name__)

#: How long a perk outlives the end of the monthly gift it came with.
GRACE: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Grant:
    """One perk of one order: what is wanted, and how far that has come."""

    order: str
    perk: Perk
    wanted: Literal["held", "gone"]
    state: Literal["due", "done", "failed"]
    until: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """The end of the name under which it is kept."""
        return f"{self.order}:{self.perk.id}"


def perks_of(settings: Settings, order: Order) -> Sequence[Perk]:
    """Give the perks that an order brings its person, on the platform where they are."""
    ids = [perk for line in order.lines for perk in settings.product_perks.get(line.product, ())]
    if order.donation:
        ids += settings.cause_perks.get(order.donation.cause, ())
    found = [settings.perks[name] for name in dict.fromkeys(ids) if name in settings.perks]
    return [perk for perk in found if perk.platform == order.buyer.platform]


async def grant_for(desk: Desk, unit: Unit, order: Order) -> None:
    """In the unit that makes an order paid: want its perks, and have them given."""
    for perk in perks_of(desk.shop().settings, order):
        until = unit.now + timedelta(days=perk.days) if perk.days else None
        grant = Grant(order.id, perk, "held", "due", until.isoformat() if until else "")
        await _write(unit, order.buyer.key, grant)
        await _wake(desk, unit, order, grant)
        if until:
            await _wake(desk, unit, order, grant, at=until)


async def revoke_for(desk: Desk, unit: Unit, order: Order, *, at: datetime | None = None) -> None:
    """In the unit that takes an order's money back or ends its gift: want its perks gone, now or at an instant."""
    for grant in await _grants(unit, order.buyer.key, f"{order.id}:"):
        ending = replace(grant, until=at.isoformat()) if at else replace(grant, wanted="gone", state="due")
        await _write(unit, order.buyer.key, ending)
        await _wake(desk, unit, order, ending, at=at)


@dataclass(frozen=True, slots=True)
class Granting:
    """Brings the platforms in line with what is wanted."""

    desk: Desk
    platforms: Callable[[], Mapping[str, Perks]]
    #: Has the order's person told, by kind of news.
    tell: Callable[[Unit, Order, str], Awaitable[None]]
    #: Has the staff told, once for each key, what went wrong.
    alert: Callable[[str, str], Awaitable[None]]

    async def work(self, payload: Json) -> None:
        """Job "perk": give or take one perk, as is wanted now."""
        async with self.desk.store.reading() as unit:
            order, now = await unit.orders.get(str(payload["order"])), unit.now
            grants = await _grants(unit, order.buyer.key, f"{payload['order']}:{payload['perk']}") if order else ()
        for grant in grants:
            if order is not None and grant.perk.id == payload["perk"]:
                over = bool(grant.until) and datetime.fromisoformat(grant.until) <= now
                await self._bring(order, grant, replace(grant, wanted="gone", state="due") if over else grant)

    async def claim(self, ctx: Context, order_id: str) -> Sequence[Grant]:
        """Try again what failed of one's own order, and give how its perks stand. Raises NotYours."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(order_id)
            grants = await _grants(unit, ctx.person.key, f"{order_id}:")
        if order is None or order.buyer.key != ctx.person.key:
            raise NotYours
        return [await self._bring(order, grant, replace(grant, state="due"), loud=False) for grant in grants]

    async def again(self, person: str) -> None:
        """Give somebody who came back what they hold."""
        async with self.desk.store.unit() as unit:
            for grant in await _grants(unit, person, ""):
                order = await unit.orders.get(grant.order)
                if order is not None and grant.wanted == "held":
                    due = replace(grant, state="due")
                    await _write(unit, person, due)
                    await _wake(self.desk, unit, order, due)

    async def _bring(self, order: Order, kept: Grant, grant: Grant, *, loud: bool = True) -> Grant:
        """Do what is wanted, unless it is done, and write down how it went; `kept` is the row that was read."""
        if grant.state == "done":
            return grant
        perks = self.platforms().get(grant.perk.platform)
        try:
            if perks is None:
                raise Unreachable("the platform is switched off")  # noqa: TRY301 - the same as any other refusal
            await (perks.grant if grant.wanted == "held" else perks.revoke)(order.buyer, grant.perk)
            done = replace(grant, state="done", why="")
        except Unreachable as error:
            if not error.for_good:
                raise
            done = replace(grant, state="failed", why=error.why)
            _log.warning("perk not brought", extra={"order": order.id, "perk": grant.perk.id, "why": error.why})
        async with self.desk.store.unit() as unit:
            now = next(
                (row for row in await _grants(unit, order.buyer.key, grant.name) if row.name == grant.name), kept
            )
            if now != kept:  # something else is wanted by now; what was just done may have come after it: do it again
                again = replace(now, state="due")
                await _write(unit, order.buyer.key, again)
                await _wake(self.desk, unit, order, again)
                return again
            await _write(unit, order.buyer.key, done)
            if done.state == "failed" and done.wanted == "held" and loud:
                await self.tell(unit, order, "perk_failed")
        if done.state == "failed" and loud:
            await self.alert(
                f"alert:perk:{done.name}:{done.wanted}", f'order {order.id}, perk "{done.perk.id}": {done.why}'
            )
        return done


async def _grants(unit: Unit, person: str, prefix: str) -> Sequence[Grant]:
    found = await unit.facts.named(f"grant:{person}:{prefix}")
    return [_read(text) for text in found.values()]


async def _write(unit: Unit, person: str, grant: Grant) -> None:
    await unit.facts.put(f"grant:{person}:{grant.name}", json.dumps(asdict(grant), ensure_ascii=False))


def _read(text: str) -> Grant:
    raw = json.loads(text)
    return Grant(**{**raw, "perk": Perk(**raw["perk"])})


async def _wake(desk: Desk, unit: Unit, order: Order, grant: Grant, *, at: datetime | None = None) -> None:
    await desk.jobs.defer(unit, "perk", {"order": order.id, "perk": grant.perk.id}, at=at)
