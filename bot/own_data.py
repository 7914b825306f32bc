"""Own data: what is kept of a person, given to them as a file, by a signed link that ends after an hour."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, Literal

from bot.desk import Desk
from bot.history_files import History, Kept, to_csv, to_json
from bot.ports import Unit
from bot.public_calendar import closed_for
from bot.retirement import Capability

#: Seconds for which a download link leads to the file.
LIFE: Final = 3600
#: More orders than one person ever had.
_MOST: Final = 100_000

Form = Literal["csv", "json"]


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnData:
    """Gives people what is theirs."""

    desk: Desk

    async def link(self, person: str) -> str:
        """Make the path of a person's file: "/export/TOKEN". Whoever has it can read it, for an hour."""
        async with self.desk.store.reading() as unit:
            until = int(unit.now.timestamp()) + LIFE
        name = urlsafe_b64encode(f"{until}:{person}".encode()).decode().rstrip("=")
        return f"/export/{self.desk.signer.sign('export', name)}"

    async def file(self, token: str, form: Form) -> File | None:
        """Give the file that a link leads to; None where it was not signed by us, or has ended."""
        name = self.desk.signer.read("export", token)
        if name is None:
            return None
        until, _, person = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode().partition(":")
        async with self.desk.store.reading() as unit:
            if unit.now.timestamp() >= int(until):
                return None
            history = await self._history(unit, person)
        if form == "csv":
            return File("orders.csv", "text/csv", to_csv([kept.order for kept in history.orders], address=True))
        return File("orders.json", "application/json", to_json(history))

    async def _history(self, unit: Unit, person: str) -> History:
        """Read all of a person that can still be taken along: gifts always, purchases until `export` closes for them."""
        settings, now = self.desk.shop().settings, self.desk.clock.now()
        orders = [
            order
            for order in await unit.orders.of(person, most=_MOST)
            if closed_for(settings.plans.values(), order, now, Capability.EXPORT) is None
        ]
        return History(
            at=unit.now,
            shop=settings.name,
            person=person,
            orders=[await kept_of(unit, Kept(order)) for order in orders],
            pledges=await unit.pledges.of(person),
            news=await unit.news.since(person, 0),
        )


async def kept_of(unit: Unit, kept: Kept) -> Kept:
    """Read what is kept of an order besides itself."""
    number = kept.order.id
    return Kept(kept.order, await unit.orders.history(number), await unit.refunds.of(number))
