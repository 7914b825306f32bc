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
from bot.errors import Later, NotYours, Unreachable
from bot.orders import SOLD, Order
from bot.perks import Perk
from bot.ports import Json, Perks, Unit
from bot.settings import Settings

_log: Final = logging.getLogger(__name__)

#: How long a perk outlives the end of the monthly gift it came with.
GRACE: Final = timedelta(days=3)
#: The grants that count as holding a thing: what failed holds nothing.
_HOLDING: Final = {("held", "due"), ("held", "done")}


@dataclass(frozen=True, slots=True)
class Grant:
    """One perk of one order: what is wanted, and how far that has come."""

    order: str
    perk: Perk
    wanted: Literal["held", "gone"]
    state: Literal["due", "done", "failed"]
    until: str = ""
    why: str = ""
    #: Counts what was wanted, so that whoever brings one wish about sees that there was another meanwhile.
    turn: int = 0

    @property
    def name(self) -> str:
        """The end of the name under which it is kept."""
        return f"{self.order}:{self.perk.id}"

    def over(self, now: datetime) -> bool:
        """Tell whether its time is up."""
        return bool(self.until) and datetime.fromisoformat(self.until) <= now

    def same(self, other: Grant) -> bool:
        """Tell whether another grant is of the same role, channel or user group, under whatever name."""
        return _thing(self.perk) == _thing(other.perk) and self.name != other.name


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
        await _want(desk, unit, order, grant)
        if until:
            await _wake(desk, unit, grant, at=until)


async def revoke_for(desk: Desk, unit: Unit, order: Order, *, at: datetime | None = None) -> None:
    """In the unit that takes an order's money back or ends its gift: want its perks gone, now or at an instant.

    The perks of a renewal hang on the order that began it. They go with its money where no later month is paid.
    """
    if order.origin == "renewal":
        begun = await _begun(unit, order)
        if begun is None:
            return
        order = begun
    for grant in await _grants(unit, order.buyer.key, f"{order.id}:"):
        if grant.wanted == "gone":
            continue
        if at is None:
            await _want(desk, unit, order, replace(grant, wanted="gone"))
        elif not grant.over(at):
            await _write(unit, order.buyer.key, replace(grant, until=at.isoformat()))
            await _wake(desk, unit, grant, at=at)


async def pending_for(unit: Unit, person: str) -> bool:
    """Tell whether something of a person is still to be taken away on their platform."""
    return any((grant.wanted, grant.state) == ("gone", "due") for grant in await _grants(unit, person, ""))


async def forget_for(unit: Unit, order: Order) -> None:
    """Forget which perks somebody held by an order."""
    for grant in await _grants(unit, order.buyer.key, f"{order.id}:"):
        await unit.facts.take(f"grant:{order.buyer.key}:{grant.name}")


async def _begun(unit: Unit, renewal: Order) -> Order | None:
    """Give the order that a renewal renews; None where a month after it is paid."""
    number = renewal.id.partition("-")[0]
    later = [
        each
        for each in await unit.orders.of(renewal.buyer.key, most=100)
        if each.id.startswith(f"{number}-") and each.created > renewal.created and each.state in SOLD
    ]
    return None if later else await unit.orders.get(number)


async def prolong_for(desk: Desk, unit: Unit, order: Order) -> None:
    """In the unit that pays another month of what an order began: want its perks for as long as one grants them from now.

    It takes back what `revoke_for` wished for, where a payment had failed and was mended.
    """
    for grant in await _grants(unit, order.buyer.key, f"{order.id}:"):
        until = unit.now + timedelta(days=grant.perk.days) if grant.perk.days else None
        kept = replace(grant, until=until.isoformat() if until else "")
        if (grant.wanted, grant.state) == ("held", "done") and not grant.over(unit.now):
            await _write(unit, order.buyer.key, replace(kept, turn=grant.turn + 1))
        else:
            await _want(desk, unit, order, replace(kept, wanted="held"))
        if until:
            await _wake(desk, unit, kept, at=until)


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
        number, perk = str(payload["order"]), str(payload["perk"])
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(number)
            grant = await _grant(unit, order.buyer.key, f"{number}:{perk}") if order else None
            if order is None or grant is None:
                return
            if grant.wanted == "held" and grant.over(unit.now):
                grant = replace(grant, wanted="gone", state="due", turn=grant.turn + 1)
                await _write(unit, order.buyer.key, grant)
        if grant.state == "due":
            await self._bring(order, grant)

    async def claim(self, ctx: Context, order_id: str) -> Sequence[Grant]:
        """Try again to give what one's own order grants, and say how its perks stand. Raises NotYours."""
        async with self.desk.store.reading() as unit:
            order, now = await unit.orders.get(order_id), unit.now
            grants = await _grants(unit, ctx.person.key, f"{order_id}:")
        if order is None or order.buyer.key != ctx.person.key:
            raise NotYours
        return [
            replace(grant, wanted="gone")
            if grant.wanted == "gone" or grant.over(now)
            else await self._claim(order, grant)
            for grant in grants
        ]

    async def _claim(self, order: Order, grant: Grant) -> Grant:
        try:
            return await self._bring(order, grant, loud=False)
        except (Unreachable, Later):  # it may pass: a job goes on where this person stops waiting
            async with self.desk.store.unit() as unit:
                now = await _grant(unit, order.buyer.key, grant.name)
                return await _want(self.desk, unit, order, now) if now == grant else now or grant

    async def again(self, person: str) -> None:
        """Give somebody who came back what they hold."""
        async with self.desk.store.reading() as unit:
            known = await _grants(unit, person, "")
        for each in known:  # a unit each: whoever holds one order never waits for another
            async with self.desk.store.unit() as unit:
                order = await unit.orders.get(each.order)
                grant = await _grant(unit, person, each.name)
                if order is not None and order.buyer.key == person and grant is not None and grant.wanted == "held":
                    await _want(self.desk, unit, order, grant)

    async def _bring(self, order: Order, grant: Grant, *, loud: bool = True) -> Grant:
        """Do what is wanted by the row that was read, and write down how it went, unless it is another by now."""
        done = await self._try(order, grant)
        if done.state == "failed" and loud:
            why = f'order {order.id}, perk "{done.perk.id}": {done.why}'
            await self.alert(f"alert:perk:{done.name}:{done.wanted}", why)
        person = order.buyer.key
        async with self.desk.store.unit() as unit:
            await unit.facts.get(
                f"granting:{person}"
            )  # one at a time for a person: it may write other grants of theirs
            now = await _grant(unit, person, grant.name)
            if now != grant:  # what was just done may have come after what was done since: do that again
                return await _want(self.desk, unit, order, now or grant)
            await _write(unit, person, done)
            if done.wanted == "gone":  # it may have taken away what another order gave meanwhile
                for other in await self._others(unit, person, done):
                    await _want(self.desk, unit, order, other)
            elif done.state == "failed" and loud:
                await self.tell(unit, order, "perk_failed")
        return done

    async def _try(self, order: Order, grant: Grant) -> Grant:
        perks = self.platforms().get(grant.perk.platform)
        try:
            if perks is None:
                raise Unreachable("the platform is switched off")  # noqa: TRY301 - the same as any other refusal
            if grant.wanted == "held":
                await perks.grant(order.buyer, grant.perk)
            elif not await self._held_by_another(order, grant):
                await perks.revoke(order.buyer, grant.perk)
        except Unreachable as error:
            if not error.for_good:
                raise
            _log.warning("perk not brought", extra={"order": order.id, "perk": grant.perk.id, "why": error.why})
            return replace(grant, state="failed", why=error.why)
        return replace(grant, state="done", why="")

    async def _held_by_another(self, order: Order, grant: Grant) -> bool:
        async with self.desk.store.reading() as unit:
            return bool(await self._others(unit, order.buyer.key, grant))

    async def _others(self, unit: Unit, person: str, grant: Grant) -> Sequence[Grant]:
        """Give the other grants by which a person holds the same thing."""
        held = [other for other in await _grants(unit, person, "") if (other.wanted, other.state) in _HOLDING]
        return [other for other in held if other.same(grant) and not other.over(unit.now)]


async def _grants(unit: Unit, person: str, prefix: str) -> Sequence[Grant]:
    found = await unit.facts.named(f"grant:{person}:{prefix}")
    return [_read(text) for text in found.values()]


async def _grant(unit: Unit, person: str, name: str) -> Grant | None:
    text = await unit.facts.get(f"grant:{person}:{name}")
    return _read(text) if text is not None else None


async def _want(desk: Desk, unit: Unit, order: Order, grant: Grant) -> Grant:
    """Write that what a grant wants is to be done (anew), with the job that does it."""
    due: Grant = replace(grant, state="due", turn=grant.turn + 1)
    await _write(unit, order.buyer.key, due)
    await _wake(desk, unit, due)
    return due


async def _write(unit: Unit, person: str, grant: Grant) -> None:
    await unit.facts.put(f"grant:{person}:{grant.name}", json.dumps(asdict(grant), ensure_ascii=False))


def _read(text: str) -> Grant:
    raw = json.loads(text)
    return Grant(**{**raw, "perk": Perk(**raw["perk"])})


def _thing(perk: Perk) -> tuple[str, str, str, str]:
    return perk.platform, perk.workspace, perk.kind, perk.target


async def _wake(desk: Desk, unit: Unit, grant: Grant, *, at: datetime | None = None) -> None:
    await desk.jobs.defer(unit, "perk", {"order": grant.order, "perk": grant.perk.id}, at=at)
