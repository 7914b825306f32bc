"""Posting: public cards stand once, follow stock, goals and the closing, and are nobody's business but the admins'."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.chat import Button, Card, Scene
from bot.errors import Later, Unreachable
from bot.posting import ANEW, FORGET, GENTLY, LOST
from commands.posted import posted
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened
from tests.fakes.gate import Gate

SHOWN = ("C-SHOP", "1")
CLOSES = datetime.fromisoformat("2026-04-10T12:00:00+00:00")


def standing(rig: Rig) -> list[Card]:
    """Give the cards that stand in channels, oldest first."""
    return list(rig.voice.posted.values())


def labels(card: Card) -> list[str]:
    """Name what can be pressed on a card."""
    return [action.label for action in card.actions if isinstance(action, Button)]


def facts(card: Card) -> str:
    """Give what a card says of prices and stock."""
    return " / ".join("".join(map(str, value)) for _, value in card.facts)


async def closed(rig: Rig) -> None:
    """Let Buy close, with all that follows."""
    await closed_but_for_jobs(rig)
    await rig.deliver()


async def first(rig: Rig) -> str:
    """Give the number of the first posted card."""
    async with rig.database.store.reading() as unit:
        return next(iter(await unit.facts.named("posted:"))).partition(":")[2]


async def closed_but_for_jobs(rig: Rig) -> None:
    """Let Buy close, and no job be done."""
    rig.edit(SHOP + CLOSING)
    rig.time.reach(CLOSES)
    await rig.live.refresh()
    await rig.posting.tick()


class TestAsking:
    async def test_an_admin_posts_a_product_or_a_cause_by_name_or_id(self, rig: Rig) -> None:
        """Both are public cards in the channel that was named, with the button that opens the form."""
        await rig.post("mug")
        await rig.post('"clean water"', "C-GIVE")
        assert [channel for channel, _ in rig.voice.posted] == ["C-SHOP", "C-GIVE"]
        mug, water = standing(rig)
        assert (mug.title, mug.private, labels(mug)) == ("Mug", False, ["Buy"])
        assert (water.title, water.private, labels(water)) == ("Clean water", False, ["Donate"])

    async def test_the_same_interaction_posts_once(self, rig: Rig) -> None:
        """A platform's retry is the same wish, and so is a job that comes twice."""
        await rig.post(key="same")
        await rig.post(key="same")
        async with rig.database.store.reading() as unit:
            (name,) = await unit.facts.named("posted:")
        job = {"id": name.partition(":")[2], "subject": "product:mug", "platform": "slack", "channel": "C-SHOP"}
        await rig.posting.post_now(job)
        assert len(standing(rig)) == 1
        await rig.post(key="another")
        assert len(standing(rig)) == 2

    async def test_nobody_else_posts(self, rig: Rig) -> None:
        """Others get the help, whether they say it or forge the step."""
        assert "what you can say" in (await rig.say("/shop post mug #C-SHOP", "ann")).title.casefold()
        await rig.press("shop.post", "mug", "ann", note="C-SHOP")
        await rig.deliver()
        assert standing(rig) == []

    async def test_what_is_not_sold_is_not_posted(self, rig: Rig) -> None:
        """An unknown name is refused with the nearest one."""
        card = await rig.say("/shop post mugg #C-SHOP", "boss")
        await rig.deliver()
        assert "Mug" in str(card)
        assert standing(rig) == []

    async def test_where_there_is_no_channel_it_is_asked_for(self, rig: Rig) -> None:
        """Said in private, or where there are none at all, it says so and posts nothing."""
        asked = await rig.say("/shop post mug", "boss", channel="D1")
        nowhere = await rig.say("/shop post mug #C-SHOP", "boss", channel="")
        await rig.deliver()
        assert [card.tone for card in (asked, nowhere)] == ["warn", "warn"]
        assert asked.text != nowhere.text
        assert standing(rig) == []

    async def test_without_a_name_it_is_the_channel_one_is_in(self, rig: Rig) -> None:
        """`/shop post mug` posts where it is said."""
        await rig.say("/shop post mug", "boss", channel="C-HERE")
        await rig.deliver()
        assert [channel for channel, _ in rig.voice.posted] == ["C-HERE"]

    async def test_a_channel_that_cannot_be_posted_in_is_told_to_the_staff_once(self, rig: Rig) -> None:
        """The job does not try for ever what will never work; the staff reads why."""
        rig.voice.refusal = Unreachable("slack: not_in_channel")
        job = {"id": "0", "subject": "product:mug", "platform": "slack", "channel": "C-SHOP"}
        await rig.posting.post_now(job)
        await rig.posting.post_now(job)
        rig.voice.refusal = None
        await rig.deliver()
        alerts = [card for (channel, _), card in rig.voice.posted.items() if channel == "C-STAFF"]
        assert [("not_in_channel" in str(card), "C-SHOP" in str(card)) for card in alerts] == [(True, True)]


class TestStep:
    async def test_stock_changes_in_place_but_gently(self, rig: Rig) -> None:
        """What is reserved is off the card half a minute later, and not before; several changes are one edit."""
        await rig.post("print")
        await rig.post("mug")
        rig.time.pass_(seconds=5)
        await rig.place("mug/blue", 2)
        await rig.place("mug/blue", 3, "ben")
        await rig.keep_step()
        assert rig.voice.amended == 0
        rig.time.pass_(seconds=GENTLY.total_seconds() - 5)
        await rig.keep_step()
        await rig.keep_step()
        assert rig.voice.edits == [("C-SHOP", "2")]
        assert "3 left" in facts(standing(rig)[1])

    async def test_what_changes_back_and_forth_ends_in_step(self, rig: Rig) -> None:
        """Stock that moved on between the tick and its job, and then came back, is shown as it is."""
        await rig.post("mug")
        rig.time.pass_(minutes=1)
        await rig.place("mug/blue", 2)
        await rig.live.refresh()
        await rig.posting.tick()
        order = await rig.place("mug/blue", 3, "ben")
        await rig.keep_step()
        assert "3 left" in facts(standing(rig)[0])
        await rig.press("orders.cancel", order.id, "ben")
        await rig.deliver()
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        assert "6 left" in facts(standing(rig)[0])

    async def test_a_goal_moves_with_each_gift(self, rig: Rig) -> None:
        """The progress on a cause's card follows what came in."""
        await rig.post("water")
        await rig.paid(await rig.order((await rig.say("/donate 50 to water")).order))
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        (card,) = [card for (channel, _), card in rig.voice.posted.items() if channel == "C-SHOP"]
        assert card.progress is not None
        assert (card.progress.value, card.progress.goal) == (5000, 50000)

    async def test_sold_out_drops_the_button_until_it_is_back(self, rig: Rig) -> None:
        """The last one reserved takes Buy off the card; its order cancelled brings it back."""
        await rig.post("print")
        order = await rig.place("print")
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        assert labels(standing(rig)[0]) == []
        await rig.press("orders.cancel", order.id)
        rig.time.pass_(minutes=1)
        await rig.deliver()
        await rig.keep_step()
        assert labels(standing(rig)[0]) == ["Buy"]

    async def test_an_edit_of_the_config_reaches_the_card(self, rig: Rig) -> None:
        """Another price is shown, and what is no longer sold loses its button."""
        await rig.post("mug")
        await rig.post("kitchen")
        rig.edit(SHOP.replace('"12.50"', '"13.00"'))
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        assert "13.00" in facts(standing(rig)[0])
        rig.edit(
            SHOP.replace("[product.mug", "[product.cup")
            .replace("[cause.kitchen]", "[cause.stove]")
            .replace('["mug"]', '["cup"]')
        )
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        assert [labels(card) for card in standing(rig)] == [[], []]

    async def test_nothing_is_edited_where_nothing_changed(self, world: World) -> None:
        """Neither time, nor a tick, nor a restart edits a card that reads as before."""
        async with opened(world) as rig:
            await rig.post("mug")
            await rig.post("water")
        world.time.pass_(days=1)
        async with opened(world) as rig:
            await rig.keep_step()
            assert rig.voice.amended == 0


class TestClosing:
    async def test_every_buy_card_becomes_the_notice_at_once_and_no_donate_card_is_touched(self, rig: Rig) -> None:
        """Closing waits for no half minute; the notice says where to buy instead; Donate is not edited once."""
        for subject in ("mug", "water", "print", "kitchen", "zine"):
            await rig.post(subject)
        before = {
            place: card
            for place, card in rig.voice.posted.items()
            if card.title in {"Clean water", "Community kitchen"}
        }
        rig.edit(SHOP + CLOSING)
        rig.time.reach(CLOSES - timedelta(seconds=2))
        await rig.keep_step()
        rig.voice.edits.clear()
        rig.time.reach(CLOSES)
        await rig.keep_step()
        assert sorted(rig.voice.edits) == [("C-SHOP", "1"), ("C-SHOP", "3"), ("C-SHOP", "5")]
        for place in rig.voice.edits:
            card = rig.voice.posted[place]
            assert (labels(card), card.private) == (["Donate"], False)
            assert "The market" in str(card)
        assert {place: rig.voice.posted[place] for place in before} == before
        assert len(before) == 2

    async def test_the_announcement_puts_its_banner_on_buy_cards_only(self, rig: Rig) -> None:
        """Once announced the card says when Buy closes, and Buy is still there."""
        await rig.post("mug")
        await rig.post("water")
        rig.edit(SHOP + CLOSING)
        rig.time.reach(CLOSES - timedelta(days=20))
        await rig.keep_step()
        assert rig.voice.edits == [SHOWN]
        assert labels(rig.voice.posted[SHOWN]) == ["Buy"]

    async def test_reopening_moves_it_back(self, rig: Rig) -> None:
        """With the closing taken out of the config, the card sells again."""
        await rig.post("mug")
        await closed(rig)
        rig.edit(SHOP)
        rig.time.pass_(minutes=1)
        await rig.keep_step()
        assert labels(standing(rig)[0]) == ["Buy"]

    async def test_a_restart_midway_goes_on(self, world: World) -> None:
        """What was asked for before a restart is edited after it, once each."""
        async with opened(world) as rig:
            for _ in range(6):
                await rig.post("mug")
            await closed_but_for_jobs(rig)  # they are written, one is done, and then the process is gone
            await rig.posting.repost({"id": await first(rig)})
        world.text = SHOP + CLOSING
        async with opened(world) as rig:
            await rig.keep_step()
            assert len(rig.voice.edits) == len(set(rig.voice.edits)) == 6
            assert all(
                labels(card) == ["Donate"] for (channel, _), card in rig.voice.posted.items() if channel == "C-SHOP"
            )


class TestMishaps:
    async def test_a_deleted_card_is_tried_for_a_week_and_then_forgotten(self, rig: Rig) -> None:
        """Nobody can tell a deleted message from a token that is wrong today: hourly tries, then none."""
        await rig.post("mug")
        del rig.voice.posted[SHOWN]
        await closed(rig)
        async with rig.database.store.reading() as unit:
            assert len(await unit.facts.named("posted:")) == 1
        rig.time.pass_(seconds=FORGET.total_seconds())
        await rig.keep_step()
        async with rig.database.store.reading() as unit:
            assert await unit.facts.named("posted:") == {}

    async def test_a_token_that_is_wrong_for_a_while_loses_no_card(self, rig: Rig) -> None:
        """Refused for good at the closing, the card is edited within the hour after it is mended."""
        await rig.post("mug")
        rig.voice.refusal = Unreachable("slack: invalid_auth")
        await closed(rig)
        rig.voice.refusal = None
        await rig.keep_step()
        assert SHOWN not in rig.voice.edits
        rig.time.pass_(seconds=LOST.total_seconds())
        await rig.keep_step()
        assert rig.voice.edits.count(SHOWN) == 1
        assert labels(rig.voice.posted[SHOWN]) == ["Donate"]

    async def test_a_platform_that_stumbles_is_tried_again(self, rig: Rig) -> None:
        """Trouble that may pass, and a platform that asks to wait, delay the edit and lose nothing."""
        await rig.post("mug")
        for trouble in (Unreachable("slack: 500", for_good=False), Later(rig.time.at + timedelta(days=60))):
            rig.voice.refusal = trouble
            await closed(rig)
        rig.voice.refusal = None
        rig.time.pass_(days=61)
        await rig.deliver()
        assert rig.voice.edits.count(SHOWN) == 1
        assert labels(rig.voice.posted[SHOWN]) == ["Donate"]

    async def test_an_edit_whose_job_was_parked_is_asked_for_anew(self, rig: Rig) -> None:
        """A platform that is away for longer than jobs are patient finds its cards in step once it is back."""
        await rig.post("mug")
        await closed_but_for_jobs(rig)
        rig.voice.refusal = Unreachable("slack: 500", for_good=False)
        for _ in range(25):
            await rig.deliver()
            rig.time.pass_(hours=1)
        assert await rig.database.jobs.parked()
        rig.voice.refusal = None
        rig.time.pass_(seconds=ANEW.total_seconds())
        await rig.keep_step()
        assert labels(rig.voice.posted[SHOWN]) == ["Donate"]

    async def test_a_platform_that_was_switched_off_catches_up(self, rig: Rig, world: World) -> None:
        """While its voice is not there nothing is asked for; back, the card is edited at the next tick."""
        await rig.post("mug")
        await closed_but_for_jobs(rig)
        world.voice.platform = "teams"
        await rig.deliver()
        async with rig.database.store.reading() as unit:
            before = await unit.facts.named("posted:")
        await rig.posting.tick()
        async with rig.database.store.reading() as unit:
            assert await unit.facts.named("posted:") == before
        world.voice.platform = "slack"
        await rig.keep_step()
        assert rig.voice.edits == [SHOWN]


class TestAtOnce:
    async def test_several_ticks_at_once_ask_once(self, rig: Rig) -> None:
        """Ten ticks at the same time, as of many replicas, edit each card once."""
        await rig.post("mug")
        await rig.post("zine")
        rig.edit(SHOP + CLOSING)
        rig.time.reach(CLOSES)
        await asyncio.gather(*(rig.posting.tick() for _ in range(10)))
        await rig.deliver()
        assert sorted(edit for edit in rig.voice.edits if edit[0] == "C-SHOP") == [("C-SHOP", "1"), ("C-SHOP", "2")]

    async def test_two_edits_that_overtake_each_other_end_in_step(self, rig: Rig) -> None:
        """Where an old edit reaches the platform after a newer one, the card is edited once more."""
        await rig.post("mug")
        number = await first(rig)
        slow, fast = Gate(), Gate()
        rig.voice.gates += [slow, fast]
        await rig.place("mug/blue", 2)
        await rig.live.refresh()
        older = asyncio.create_task(rig.posting.repost({"id": number}))
        await slow.reached.wait()
        await closed_but_for_jobs(rig)
        newer = asyncio.create_task(rig.deliver())
        await fast.reached.wait()
        fast.open.set()
        await newer
        slow.open.set()
        await older
        assert labels(rig.voice.posted[SHOWN]) == ["Buy"]
        await rig.keep_step()
        assert labels(rig.voice.posted[SHOWN]) == ["Donate"]

    async def test_a_tick_never_brings_back_what_was_forgotten(self, rig: Rig) -> None:
        """A card forgotten between the tick's reading and its writing stays forgotten."""
        await rig.post("mug")
        await closed_but_for_jobs(rig)
        del rig.voice.posted[SHOWN]
        rig.time.pass_(days=8)
        number = await first(rig)
        await rig.posting.repost({"id": number})
        rig.time.pass_(days=8)
        await asyncio.gather(rig.posting.tick(), rig.posting.repost({"id": number}))
        await rig.deliver()
        async with rig.database.store.reading() as unit:
            assert await unit.facts.named("posted:") == {}


async def test_many_cards_of_one_product_are_drawn_once_a_tick(rig: Rig) -> None:
    """A tick costs what its subjects cost, however many cards show them."""
    for n in range(30):
        await rig.posting.post_now({"id": str(n), "subject": "product:mug", "platform": "slack", "channel": "C-SHOP"})
    cards = Counting()
    await replace(rig.posting, cards=cards).tick()
    assert cards.drawn == ["product:mug"]


@dataclass
class Counting:
    """The shop's posted cards, with a count of what was drawn."""

    drawn: list[str] = field(default_factory=list)

    def posted(self, scene: Scene, subject: str) -> Card:
        """Draw a card, and count it."""
        self.drawn.append(subject)
        return posted(scene, subject)
