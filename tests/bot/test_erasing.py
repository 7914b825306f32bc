"""Erasing: never while something is open, whole when nothing is, and what is left still explains the books."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.chat import Button, Card
from bot.erasing import Outcome
from bot.orders import State
from tests.bot.rig import Rig, World, opened
from tests.bot.test_granting import CLUB, PERKED
from tests.contracts.samples import an_order

ANN = "slack:ann"


async def erase(rig: Rig) -> Card:
    """Ask for it in the chat and press the button."""
    card = await rig.say("/orders erase")
    assert [action.label for action in card.actions if isinstance(action, Button)] == ["Erase for good"], card
    done = await rig.press("orders.forget")
    await rig.deliver()
    return done


async def awaiting(rig: Rig) -> str:
    return (await rig.place()).id


async def undelivered(rig: Rig) -> str:
    return (await rig.paid(await rig.place())).id


async def disputed(rig: Rig) -> str:
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.dispute(order.payment_intent)
    await rig.deliver()
    return order.id


async def monthly(rig: Rig) -> str:
    return (await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen monthly")).order))).id


async def giving_back(rig: Rig) -> str:
    order = await rig.paid(await rig.place("zine"))
    rig.edit(rig.world.text.replace("[admins]", "[admins]\napprovals = 2"))
    await rig.say(f"/shop refund {order.id} 4.00 torn", "boss")
    return order.id


@pytest.mark.parametrize("begin", [awaiting, undelivered, disputed, monthly, giving_back])
async def test_nobody_is_forgotten_while_something_is_open(rig: Rig, begin: Callable[[Rig], Awaitable[str]]) -> None:
    """Unpaid, undelivered, disputed, monthly, waiting for a refund: the card names it, and an old button erases nothing."""
    number = await begin(rig)
    await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen")).order))
    for card in (await rig.say("/orders erase"), await rig.press("orders.forget")):
        assert number in str(card.text)
        assert not card.actions
    assert (await rig.order(number)).buyer.key == ANN
    assert len(await rig.mine()) == 2


async def test_what_is_left_is_amounts_and_dates(rig: Rig) -> None:
    """Orders stay with their numbers, amounts and history, as nobody's; the person finds nothing, and is told nothing."""
    order = await rig.paid(await rig.place("zine"))
    gift = await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen")).order))
    other = await rig.paid(await rig.place("zine", who="bob"))
    assert "is erased" in str((await erase(rig)).text)
    assert await rig.mine() == []
    assert await rig.news() == []
    for before in (order, gift):
        now = await rig.order(before.id)
        assert now.buyer.platform == "erased"
        assert (now.total, now.paid, now.paid_at, now.receipt) == (
            before.total,
            before.paid,
            before.paid_at,
            before.receipt,
        )
        assert (await rig.history(before.id))[-1].why == "personal data erased"
    assert (await rig.order(order.id)).buyer == (await rig.order(gift.id)).buyer, "still one person's"
    assert (await rig.order(other.id)).buyer.key == "slack:bob"
    assert "personal data erased" in str(await rig.say(f"/shop order {order.id}", "boss"))


async def test_a_refund_after_that_still_works(rig: Rig) -> None:
    """What Stripe says later of the payment reaches the order, and nobody has to be told."""
    order = await rig.paid(await rig.place("zine"))
    await erase(rig)
    await rig.say(f"/shop refund {order.id} 4.00 torn", "boss")
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert await rig.database.jobs.parked() == []


async def test_perks_are_taken_away_first(world: World) -> None:
    """Who is forgotten holds nothing any more, and that they held it is forgotten with them."""
    world.text = PERKED
    async with opened(world) as rig:
        await rig.paid(await rig.place("zine"))
        assert CLUB in rig.perks.held
        assert "as soon as" in str((await erase(rig)).text)
        assert CLUB not in rig.perks.held

        async def forgotten() -> bool:
            await rig.house.telling.till.erasing.work({"person": ANN, "until": "2000-01-01T00:00:00+00:00"})
            async with rig.database.store.reading() as unit:
                return not await unit.facts.named("grant:") and not await unit.orders.of(ANN)

        assert await forgotten()


async def test_who_buys_again_meanwhile_is_not_forgotten(world: World) -> None:
    """The job that was asked for does nothing once something of theirs is open again."""
    world.text = PERKED
    async with opened(world) as rig:
        done = await rig.paid(await rig.place("zine"))
        await rig.press("orders.forget")
        begun = await rig.place()
        await rig.deliver()
        await rig.house.telling.till.erasing.work({"person": ANN, "until": "2000-01-01T00:00:00+00:00"})
        assert {order.id for order in await rig.mine()} == {done.id, begun.id}


async def test_an_order_on_its_way_is_waited_for(tmp_path: Path, postgresql_url: str) -> None:
    """With replicas side by side, who buys here is not forgotten there in the moment in which the order is written."""
    async with opened(World(tmp_path, url=postgresql_url)) as rig, asyncio.timeout(30):
        coming = an_order("COMING", state=State.AWAITING)
        async with rig.database.store.unit() as buying:
            await buying.orders.opened_since(coming.created, person=coming.buyer.key)
            erasing = asyncio.create_task(rig.house.telling.till.erasing.ask(coming.buyer.key))
            done, _ = await asyncio.wait([erasing], timeout=0.5)
            assert not done, "it waits for whoever is opening an order"
            await buying.orders.add(coming, "new")
        assert await erasing == Outcome("open", ["COMING"])


async def lines(rig: Rig) -> list[tuple[str, str, str, str]]:
    """Read the log of operators."""
    async with rig.database.store.reading() as unit:
        entries = [line.entry async for line in unit.audit.lines()]
    return [(entry.who, entry.what, entry.subject, entry.details) for entry in entries if entry.what == "erase"]


async def test_the_log_says_that_somebody_was_forgotten_and_not_who(world: World) -> None:
    """Their own wish is logged in the unit that forgets them: at once, or when what they held is gone, and only then."""
    async with opened(world) as rig:
        await rig.paid(await rig.place("zine"))
        await erase(rig)
        assert await lines(rig) == [("the person", "erase", "a person", '{"orders": 1}')]
        rig.edit(PERKED)
        await rig.paid(await rig.place("zine", who="bob"))
        await rig.press("orders.forget", who="bob")
        assert len(await lines(rig)) == 1, "they hold something still"
        await rig.deliver()
        rig.time.pass_(seconds=10)
        await rig.deliver()
        assert await lines(rig) == [("the person", "erase", "a person", '{"orders": 1}')] * 2
