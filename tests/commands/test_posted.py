"""What stands in channels, what perks say, and what admins read of sales, word for word in each language."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.chat import Card
from bot.errors import Unreachable
from bot.ports import News
from commands.replies import Replies
from tests.bot.rig import CLOSING, NOON, SHOP, Rig
from tests.commands.flat import flat, hold

LOCALES = ["en", "fr"]
PICTURED = SHOP.replace('name = "Mug"\n', 'name = "Mug"\ndescription = "Holds tea, and the weather off."\n')
PERKED = (
    SHOP.replace("[product.zine]\n", '[product.zine]\nperks = ["club"]\n')
    + """
[perk.club]
platform = "slack"
kind = "channel"
target = "C-CLUB"
name = "The readers' club"
days = 30
"""
)


def _sections(parts: dict[str, Card]) -> str:
    return "\n\n".join(f"=== {name}\n{flat(card)}" for name, card in parts.items())


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_stands_in_channels(rig: Rig, locale: str) -> None:
    """A product with its prices and stock, a cause with its goal, and what each reads like when it has ended."""
    rig.edit(PICTURED)
    await rig.place("print")
    await rig.place("mug/blue", 5)
    async with rig.database.store.unit() as unit:
        await unit.facts.add("raised:water:EUR", 12_345)
    await rig.live.refresh()

    def drawn(subject: str) -> Card:
        return Replies().posted(rig.house.telling.scene(locale), subject)

    subjects = ("product:mug", "product:print", "product:zine", "cause:water", "cause:kitchen", "product:x", "cause:x")
    parts = {subject: drawn(subject) for subject in subjects}
    rig.edit(PICTURED + CLOSING)
    rig.time.reach(NOON + timedelta(days=20))
    parts["before the closing"] = drawn("product:mug")
    rig.time.reach(NOON + timedelta(days=50))
    parts["after the closing"] = drawn("product:mug")
    parts["a cause after the closing"] = drawn("cause:kitchen")
    assert not any(card.private for card in parts.values())
    hold(f"posted.{locale}", _sections(parts))


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_perks_say(rig: Rig, locale: str) -> None:
    """That one could not be given, that it still cannot, that it is on its way, that it is there, and that it ended."""
    rig.edit(PERKED)
    rig.perks.refusal = Unreachable("not_in_channel")
    order = await rig.paid(await rig.place("zine"))
    plain = await rig.paid(await rig.place("badge", 3))
    scene = rig.house.telling.scene(locale)
    parts = {"news": Replies().news(scene, News("slack:ann", 1, "perk_failed", order.id, NOON), order)}
    parts["failed"] = await rig.press("orders.claim", order.id, locale=locale)
    rig.perks.refusal = Unreachable("500", for_good=False)
    parts["on its way"] = await rig.press("orders.claim", order.id, locale=locale)
    rig.perks.refusal = None
    parts["there"] = await rig.press("orders.claim", order.id, locale=locale)
    rig.time.pass_(days=31)
    parts["ended"] = await rig.press("orders.claim", order.id, locale=locale)
    parts["none"] = await rig.press("orders.claim", plain.id, locale=locale)
    hold(f"perks.{locale}", _sections(parts).replace(order.id, "NUMBER"))


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_admins_read_of_sales_posts_and_the_config(rig: Rig, locale: str) -> None:
    """Nothing yet; what came in and went back; a card that is posted, or where to; a config that is in force."""
    parts = {"nothing": await rig.say("/shop sales", "boss", locale=locale)}
    await rig.paid(await rig.place("mug/blue", 2))
    back = await rig.paid(await rig.place("zine"))
    await rig.paid(await rig.order((await rig.say("/donate 50 to water")).order))
    rig.stripe.give_back(back.payment_intent)
    await rig.deliver()
    for period in ("today", "week", "month"):
        parts[period] = await rig.say(f"/shop sales {period}", "boss", locale=locale)
    parts["posted"] = await rig.say("/shop post mug #C-SHOP", "boss", locale=locale)
    parts["where"] = await rig.say("/shop post mug", "boss", locale=locale, channel="D1")
    parts["nowhere"] = await rig.say("/shop post mug", "boss", locale=locale, channel="")
    parts["config"] = await rig.say("/shop config", "boss", locale=locale)
    hold(f"sales.{locale}", _sections(parts))
