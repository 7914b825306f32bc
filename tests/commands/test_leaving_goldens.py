"""What people read when something ends: the page of what ends, and their own data to take along or to have erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.calendar_feed import SHOWN
from commands.replies import Replies
from commands.retirement_page import Events
from tests.bot.rig import CLOSING, SHOP, Rig
from tests.bot.test_public_calendar import MUGS, SPRING
from tests.commands.flat import flat, hold

LOCALES = ["en", "fr"]


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_page_of_what_ends(rig: Rig, locale: str) -> None:
    """Buy with products beside it, products alone, before and after; a closing that is suspended or taken back."""
    rig.edit(SHOP + CLOSING + MUGS + SPRING)
    cards, plans = Replies(), rig.live().settings.plans
    rig.time.reach(datetime(2026, 3, 5, 12, tzinfo=UTC))
    before = await rig.context(locale=locale)
    rig.time.reach(datetime(2026, 4, 12, 12, tzinfo=UTC))
    after = await rig.context(locale=locale)
    alone = [plans["product.mug"], plans["campaign.spring"]]
    parts = {
        "before": cards.retirement(before, list(plans.values())),
        "products, before": cards.retirement(before, alone),
        "products, after": cards.retirement(after, alone),
        "suspended": cards.retirement(before, [replace(plan, standing="paused") for plan in plans.values()]),
        "taken back": cards.retirement(after, [replace(plan, standing="rolled_back") for plan in plans.values()]),
    }
    events = [Events(before).summary(plans["campaign.spring"], capability) for capability in SHOWN]
    text = "\n\n".join(f"=== {name}\n{flat(card)}" for name, card in parts.items())
    hold(f"ends.{locale}", "\n".join([text, "", "=== calendar", *events, ""]))


@pytest.mark.parametrize("locale", LOCALES)
async def test_ones_own_data(rig: Rig, locale: str) -> None:
    """Without an address the file is asked for; erasing asks first, says what is open, and says that it is done."""
    along = await rig.say("/orders export", locale=locale)
    asks = await rig.say("/orders erase", locale=locale)
    order = await rig.place("mug/blue")
    open_ = await rig.say("/orders erase", locale=locale)
    await rig.press("orders.cancel", order.id)
    done = await rig.press("orders.forget", locale=locale)
    parts = {"export": along, "erase": asks, "open": open_, "done": done}
    text = "\n\n".join(f"=== {name}\n{flat(card)}" for name, card in parts.items())
    hold(f"leaving.{locale}", text.replace(order.id, "NUMBER") + "\n")
