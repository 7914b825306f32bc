"""What is written to be told, in the unit that makes it true: news for an order's person, warnings for admins, staff cards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.desk import Desk
from bot.money import Money
from bot.orders import Order
from bot.ports import Unit
from bot.seats import seats

Value = str | int | Money | datetime


@dataclass(frozen=True, slots=True)
class Warned:
    """What admins are warned of: a sentence's key, and what stands in it, so that it is said in the shop's language."""

    key: str
    values: Mapping[str, Value]


async def tell(desk: Desk, unit: Unit, order: Order, kind: str, detail: str = "") -> None:
    """Write private news for the order's person, with the job that tells it."""
    news = await unit.news.add(order.buyer.key, kind, order.id, detail)
    await desk.jobs.defer(unit, "tell", {"person": news.person, "id": news.id})


async def show_staff(desk: Desk, unit: Unit, order: Order) -> None:
    """Have the staff's card of an order brought up to date."""
    await desk.jobs.defer(unit, "staff", {"order": order.id})


async def warn(desk: Desk, unit: Unit, name: str, key: str, **values: Value) -> None:
    """Have every staff channel and admin told the sentence `key`, once for each `name` ("alert:...")."""
    await alert_in(desk, unit, name, _write(key, values))


async def alert_in(desk: Desk, unit: Unit, name: str, text: str) -> None:
    """Have every staff channel and admin told a text of several lines, once for each `name` ("alert:...")."""
    await unit.facts.put(name, text)
    for seat in seats(desk.shop().settings):
        await desk.jobs.defer(unit, "alert", {**seat, "key": name}, key=f"{name}:{':'.join(seat.values())}")


def warning(text: str) -> Warned | None:
    """Read what `warn` wrote; None where it is another alert, which says itself what it says."""
    if not text.startswith('{"say":'):
        return None
    raw = json.loads(text)
    return Warned(raw["say"], {name: _read(value) for name, value in raw["with"].items()})


def _write(key: str, values: Mapping[str, Value]) -> str:
    return json.dumps({"say": key, "with": {name: _plain(each) for name, each in values.items()}}, ensure_ascii=False)


def _plain(value: Value) -> str | int | dict[str, str | int]:
    match value:
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case datetime():
            return {"at": value.isoformat()}
        case _:
            return value


def _read(value: str | int | dict[str, str | int]) -> Value:
    match value:
        case {"minor": int(minor), "currency": str(currency)}:
            return Money(minor, currency)
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case str() | int():
            return value
        case _:
            raise ValueError(f"no value of a warning: {value}")
