"""Telling: private news reaches its person once, or waits for their next word; the staff's card is one and up to date."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping

import pytest

from bot.chat import Card, Context, Person, Place
from bot.errors import Later, Unreachable
from bot.orders import State
from bot.ports import Json
from bot.reloading import Reloading, bury, tombstones
from bot.settings import Settings
from config.changes import changes
from config.read import check
from tests.bot.rig import SHOP, Rig, World, opened


async def _missed(rig: Rig, ctx: Context) -> list[Card]:
    """Show what a person was not told, without trouble."""
    async with rig.house.conversation.missed(ctx) as kept:
        return list(kept)


async def test_news_is_written_and_told_once_for_each_outcome(rig: Rig) -> None:
    """The job that tells comes twice, the message goes once."""
    order = await rig.paid(await rig.place("zine"))
    for news in await rig.news():
        await rig.house.telling.tell({"person": news.person, "id": news.id})
    assert [card.order for card in rig.voice.to("ann")] == [order.id]
    assert all(news.told for news in await rig.news())


async def test_news_nobody_could_be_told_waits_for_their_next_word_and_is_told_once(rig: Rig) -> None:
    """With nobody reachable the news is kept, given privately at the next word, and then never again."""
    order = await rig.place("zine")
    rig.voice.deaf = True
    await rig.paid(order)
    assert [news.told for news in await rig.news()] == [False]
    assert await _missed(rig, await rig.context("eve")) == []
    ctx = await rig.context("ann", locale="fr")
    kept = await _missed(rig, ctx)
    assert [(card.order, card.private) for card in kept] == [(order.id, True)]
    assert await _missed(rig, ctx) == []
    rig.voice.deaf = False
    for news in await rig.news():
        await rig.house.telling.tell({"person": news.person, "id": news.id})
    assert rig.voice.to("ann") == []


async def test_of_two_words_at_once_one_brings_kept_news(rig: Rig) -> None:
    """Whoever says two things at once, or is about to be told by the job as well, is shown kept news once."""
    order = await rig.place("zine")
    rig.voice.refusal = Unreachable("busy", for_good=False)
    await rig.paid(order)
    (news,) = await rig.news()
    job: Json = {"person": news.person, "id": news.id}
    ctx = await rig.context("ann")
    async with rig.house.conversation.missed(ctx) as kept:
        assert [card.order for card in kept] == [order.id]
        assert await _missed(rig, ctx) == []
        rig.voice.refusal = None
        with pytest.raises(Later):
            await rig.house.telling.tell(job)
    assert rig.voice.to("ann") == []
    assert await _missed(rig, ctx) == []
    await rig.house.telling.tell(job)
    assert rig.voice.to("ann") == []


async def test_news_comes_in_the_language_of_the_order(rig: Rig) -> None:
    """Who ordered in French is told in French, whatever the shop's own language."""
    card = await rig.say("/acheter zine", locale="fr-CA")
    await rig.paid(await rig.order(card.order))
    assert rig.voice.to("ann")[0].title == "Votre commande\u00a0: livrée"


async def test_the_staff_has_one_card_an_order_and_it_is_brought_up_to_date(rig: Rig) -> None:
    """Posted once when it is paid; shipped and refunded amend it."""
    order = await rig.paid(await rig.place())
    await rig.house.telling.staff({"order": order.id})
    await rig.say(f"/shop ship {order.id} 1Z", "boss")
    await rig.deliver()
    assert [(channel, card.state) for (channel, _), card in rig.voice.posted.items()] == [("C-STAFF", "fulfilled")]
    assert rig.voice.amended >= 1


async def test_an_unpaid_order_is_no_news_to_the_staff(rig: Rig) -> None:
    """Nothing is posted of orders that were not paid."""
    await rig.press("orders.cancel", (await rig.place()).id)
    await rig.deliver()
    assert rig.voice.posted == {}


async def test_the_address_shows_to_no_channel_and_no_buyer(rig: Rig) -> None:
    """Where it ships to stands on no card that is posted or told, only on the admins' own."""
    order = await rig.paid(await rig.place())
    assert "Example Street" in order.ship_to
    everything = str([*rig.voice.posted.values(), *rig.voice.told, await rig.say("/orders")])
    assert "Example Street" not in everything


async def test_an_anonymous_gift_keeps_its_dedication_from_the_staff(rig: Rig) -> None:
    """Who stays unknown is not given away by their own words."""
    card = await rig.press(
        "donate.give", cause="water", amount="10", rhythm="once", dedication="for Zoe Example", options="anonymous"
    )
    await rig.paid(await rig.order(card.order))
    assert "Zoe" in str(rig.voice.to("ann"))
    assert "Zoe" not in str(list(rig.voice.posted.values()))


def _reloading(rig: Rig, text: list[str]) -> Reloading:
    def read(graves: dict[str, str]) -> Settings:
        return check(text[0], "config/shop.toml", tombstones=graves)

    return Reloading(read, changes, rig.live, rig.database.store, rig.house.telling)  # type: ignore[arg-type]


async def test_a_bad_edit_keeps_the_last_good_config_and_says_where(rig: Rig) -> None:
    """Nothing changes, orders go on, and the staff and every admin are told file, line and key, once an edit."""
    text = [SHOP.replace('price = "4.00"', 'price = "4,0"')]
    reloading = _reloading(rig, text)
    await rig.live.refresh()
    before = rig.live().settings
    await reloading.reload()
    await rig.deliver()
    assert rig.live().settings is before
    assert (await rig.say("/buy zine")).state == "awaiting"
    line = SHOP[: SHOP.index('price = "4.00"')].count("\n") + 1
    said = str(rig.voice.to("boss")[0].text)
    assert f'config/shop.toml:{line}: product "zine", price' in said
    assert said == str(next(iter(rig.voice.posted.values())).text)
    text[0] = SHOP.replace('price = "4.00"', 'price = "4.50"')
    await reloading.reload()
    assert (reloading.problems, rig.live().catalogue.variants["zine"].price.minor) == ((), 450)
    assert len(rig.voice.to("boss")) == 1


async def test_people_are_answered_while_a_big_catalogue_is_read(rig: Rig) -> None:
    """Reading and comparing happen beside the answers: an order is taken before the reading has ended."""
    loop, begun, ended = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def read(graves: Mapping[str, str]) -> Settings:
        loop.call_soon_threadsafe(begun.set)
        assert ended.wait(30)
        return check(SHOP.replace("Test Harbour", "New Harbour"), "shop.toml", tombstones=graves)

    reloading = Reloading(read, changes, rig.live, rig.database.store, rig.house.telling)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(reloading.reload())
        await begun.wait()
        assert (await rig.say("/buy zine")).state == "awaiting"
        assert rig.live().settings.name == "Test Harbour"
        ended.set()
    assert rig.live().settings.name == "New Harbour"


async def test_every_edit_is_followed(rig: Rig) -> None:
    """Each edit that is heard of is read, also after a bad one."""
    text = ["nonsense ="]
    reloading = _reloading(rig, text)

    async def edits() -> object:
        yield "one"
        text[0] = SHOP.replace("Test Harbour", "New Harbour")
        yield "two"

    await reloading.follow(edits())  # type: ignore[arg-type]  # an async generator
    assert rig.live().settings.name == "New Harbour"


async def test_an_edit_leaves_orders_in_flight_alone(rig: Rig) -> None:
    """An order keeps its price, words and pay link when its product changes or goes."""
    order = await rig.place("zine")
    rig.edit(SHOP.replace('price = "4.00"', 'price = "9.00"').replace("Knots zine", "Other"))
    paid = await rig.paid(order)
    assert (paid.state, paid.problem, paid.lines[0].label) == (State.FULFILLED, "", "Knots zine")


async def test_a_product_that_was_sold_leaves_a_tombstone_until_it_comes_back(rig: Rig) -> None:
    """Its id is buried under the name it was sold by when it goes, and free again for that very product."""
    await rig.place("zine")
    without = SHOP[: SHOP.index("[product.zine]")] + SHOP[SHOP.index("[product.badge]") :]
    await bury(rig.database.store, check(without, "shop.toml"))
    assert await tombstones(rig.database.store) == {"zine": "Knots zine"}
    await bury(rig.database.store, check(SHOP, "shop.toml"))
    assert await tombstones(rig.database.store) == {}


async def test_test_money_is_said_wherever_it_is(world: World) -> None:
    """On test keys every card and form says so: answers, refusals, notices, news and the staff's card."""
    test = World(world.folder, livemode=False)
    async with opened(test) as rig:
        seen: list[Card] = [await rig.say(text) for text in ("/buy zine", "/help", "/buy nothing", "/orders", "what?")]
        seen.append(await rig.press("no.such.step"))
        assert "Test money" in str((await rig.form("/buy")).intro)
        assert "Test money" in str((await rig.form("/donate")).intro)
        await rig.paid((await rig.mine())[0])
        seen += [told.card for told in rig.voice.told] + list(rig.voice.posted.values())
        ctx = await rig.context()
        seen += await _missed(rig, ctx)
        assert len(seen) >= 8
        for card in seen:
            assert "Test money" in str(card.footer), card.title


async def test_real_money_says_nothing_of_tests(rig: Rig) -> None:
    """On live keys no card speaks of test money."""
    assert "Test money" not in str([await rig.say("/buy zine"), await rig.form("/buy"), await rig.say("/help")])


async def test_two_tellers_of_one_piece_of_news_tell_what_is_so(rig: Rig) -> None:
    """A next word and the job at the same time leave the news told, and nothing untold."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    for event in rig.stripe.news():
        await rig.house.settling.receive(event)
    conversation = rig.house.conversation
    ctx = conversation.context(Person("slack", "ann", "ann"), Place("slack"), key="x")
    await asyncio.gather(rig.deliver(), _missed(rig, ctx), _missed(rig, ctx))
    assert all(news.told for news in await rig.news())
