"""Sales by Payment Links: written down once, told to the staff once; nothing is delivered for them, and no stock counted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from bot.desk import Desk
from bot.outbox import warn
from bot.ports import Session, Unit

_log: Final = logging.getLogger(__name__)
#: The facts that say which variant a payment was for, by the payment intent: what statements call its lines.
_SOLD: Final = "link sold:"


async def take(desk: Desk, unit: Unit, session: Session) -> None:
    """In a unit that stands alone with the payment: write a paid session of one of our links down, and tell the staff.

    One that is written down already, that is not paid, or that no link of ours made changes nothing.
    """
    if not session.link or session.payment != "paid" or not session.payment_intent:
        return
    name = _SOLD + session.payment_intent
    if await unit.facts.get(name) is not None:
        return
    await unit.facts.put(name, session.link)
    sold = f"alert:link_sold:{session.id}"
    await warn(
        desk, unit, sold, "alert.link_sold", what=label(desk, session.link), paid=session.total, object=session.id
    )
    _log.info("payment link sold", extra={"session": session.id, "variant": session.link})


def label(desk: Desk, variant: str) -> str:
    """Say what a link sells: the variant's label, its id where it is gone."""
    found = desk.shop().catalogue.variants.get(variant)
    return found.label if found is not None else variant


async def sold(unit: Unit) -> Mapping[str, str]:
    """Give the variant of each payment that a link took, by the payment intent."""
    return {name.removeprefix(_SOLD): variant for name, variant in (await unit.facts.named(_SOLD)).items()}
