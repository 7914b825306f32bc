"""Overtaken news: who hears late of an order sees it once as it stands, and nothing is said that no longer is so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.errors import Unreachable
from bot.overtaking import AS_IT_STANDS, overtaken
from bot.ports import News, Told
from tests.bot.rig import Rig
from tests.bot.test_delayed import waiting
from tests.bot.test_telling import _missed
from tests.commands.flat import flat

SECRET = "harbour.example/zine"


def _told(id_: int, kind: str) -> Told:
    return Told(News("slack:ann", id_, kind, "PAID2222", datetime(2026, 5, 1, tzinfo=UTC)), None, "")


@pytest.mark.parametrize(
    ("kinds", "left"),
    [
        (("processing", "paid"), ["paid"]),
        (("ready", "paid"), ["paid"]),
        (("processing", "failed", "processing"), ["processing"]),
        (("paid", "shipped", "refunded"), ["shipped", "refunded"]),
        (("paid", "refunded"), ["paid", "refunded"]),
        (("ready", "refused"), ["ready", "refused"]),
        (("paid",), ["paid"]),
    ],
)
def test_only_a_card_that_shows_the_same_overtakes(kinds: tuple[str, ...], left: list[str]) -> None:
    """A later card of the order as it stands says all; a refund, or a refusal with its reason, says something of its own."""
    about = [_told(id_, kind) for id_, kind in enumerate(kinds, 1)]
    assert [each.news.kind for each in about if not overtaken(each.news, about)] == left


async def test_who_comes_back_late_sees_what_was_bought_once(rig: Rig) -> None:
    """A debit that was announced and has settled while nobody could be reached is one card at the next word, and then told."""
    rig.voice.deaf = True
    order = await waiting(rig, "zine")
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert await rig.kinds() == ["processing", "paid"]
    cards = await _missed(rig, await rig.context("ann"))
    assert [SECRET in flat(card) for card in cards] == [True]
    assert all(news.told for news in await rig.news())


async def test_a_job_that_comes_late_says_nothing_a_later_one_says(rig: Rig) -> None:
    """Where both are still to be told, the delivery is shown by one of them, and the other is done."""
    rig.voice.refusal = Unreachable("busy", for_good=False)
    order = await waiting(rig, "zine")
    rig.stripe.settle(order.session)
    await rig.deliver()
    rig.voice.refusal = None
    for news in await rig.news():
        await rig.house.telling.tell({"person": news.person, "id": news.id})
    assert sum(SECRET in flat(card) for card in rig.voice.to("ann")) == 1
    assert all(news.told for news in await rig.news())


@pytest.mark.parametrize("way", ["untold", "since"])
async def test_a_page_that_opens_late_streams_one_card(rig: Rig, way: str) -> None:
    """Pages of the web, opened or connected again, are streamed the order once, and the earlier news is done."""
    rig.voice.deaf = True
    order = await waiting(rig, "zine")
    rig.stripe.settle(order.session)
    await rig.deliver()
    newsroom, me = rig.house.newsroom, order.buyer.key
    cards = await (newsroom.untold(me, "en") if way == "untold" else newsroom.since(me, 0, "en"))
    assert [SECRET in flat(card) for _, card in cards] == [True]
    assert [news.told for news in await rig.news()] == [True, False]


async def test_every_such_kind_is_the_orders_own_card(rig: Rig) -> None:
    """What counts as the card as it stands is drawn as that card: nothing that says more is ever left out."""
    order = await rig.paid(await rig.place("zine"))
    scene, cards = rig.house.telling.scene(), rig.house.telling.cards
    (news,) = await rig.news()
    drawn = {cards.news(scene, News(news.person, 9, kind, order.id, news.at), order).text for kind in AS_IT_STANDS}
    assert drawn == {rig.house.telling.cards.news(scene, news, order).text}
