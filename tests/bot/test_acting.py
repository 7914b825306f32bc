"""What admins do to a retirement by hand, in the chat: each act follows at once, and only what can be undone is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.orders import State
from bot.retirement import Stage
from bot.words import plain
from tests.bot.rig import CLOSING, SHOP, Rig
from tests.bot.test_edited_retirements import ANNOUNCED, CLOSES, LATER, deeds, lines, stage


@pytest.fixture
async def announced(rig: Rig) -> Rig:
    """Give a shop whose closing has been announced."""
    rig.time.reach(ANNOUNCED)
    await rig.file(SHOP + CLOSING)
    return rig


async def test_only_admins_act(announced: Rig) -> None:
    """Anybody else gets the help, and nothing is done."""
    for said in ("status", "now buy because", "approve buy"):
        assert "what you can say" in str(await announced.say(f"/shop retire {said}")).casefold()
    assert await deeds(announced) == ["retire.edit_begun"]


async def test_postponed_by_hand(announced: Rig) -> None:
    """With an order in flight: it closes at the new instant, sellers read both dates, and the file stays as it is."""
    announced.time.reach(CLOSES - timedelta(minutes=5))
    order = await announced.place("zine")
    card = await announced.say("/shop retire postpone buy 2026-06-10T14:00+02:00 The lease goes on.", "boss")
    assert "10 June 2026" in str(card.text)
    announced.time.reach(CLOSES + timedelta(minutes=5))
    await announced.tick()
    assert (await announced.paid(order)).state is State.FULFILLED
    told = announced.voice.to("boss")[-1]
    assert "10 June 2026" in str(told.text[0])
    assert "10 April 2026" in str(told.text[1])
    await announced.file(SHOP + CLOSING + "\n")
    assert stage(announced) is Stage.ANNOUNCED, "an edit of something else leaves it"
    announced.time.reach(datetime(2026, 6, 10, 12, tzinfo=UTC))
    await announced.say("/shop", "boss")
    assert stage(announced).closed


async def test_the_same_interaction_twice_is_one_act(announced: Rig) -> None:
    """A platform that delivers a command twice does not postpone twice."""
    said = "/shop retire postpone buy 2026-06-10T14:00+02:00 The lease goes on."
    for _ in range(2):
        assert "10 June 2026" in str(await announced.say(said, "boss", key="twice"))
    assert await deeds(announced) == ["retire.edit_begun", "retire.postpone"]


async def test_paused_and_resumed(announced: Rig) -> None:
    """While it is on hold nothing closes; then all that was to come moves by as long as that lasted."""
    announced.time.reach(CLOSES - timedelta(days=1))
    await announced.say("/shop retire pause buy Waiting for the court.", "boss")
    announced.time.reach(CLOSES + timedelta(days=9))
    await announced.tick()
    assert (await announced.place()).state is State.AWAITING
    await announced.say("/shop retire resume buy", "boss")
    await announced.live.refresh()
    closes = announced.live().settings.plans["buy"].closes
    assert timedelta(days=10) <= closes - CLOSES < timedelta(days=10, seconds=1)


async def test_rolled_back_the_day_after(announced: Rig) -> None:
    """It first says what stays undone, then opens: what was ended stays ended, what was paid stays paid, new orders come in."""
    announced.time.reach(CLOSES - timedelta(minutes=10))
    unpaid, paid = await announced.place(), await announced.paid(await announced.place(who="bob"))
    announced.time.reach(CLOSES + timedelta(days=1))
    await announced.tick()
    said = await announced.say("/shop retire rollback buy The lease goes on.", "boss")
    read = [plain(line) for line in said.text]
    assert read[0].startswith("1 checkout that was ended stays ended")
    assert read[2].startswith("2 sellers and channels were told")
    assert stage(announced).closed
    await announced.say("/shop retire rollback buy yes The lease goes on.", "boss")
    assert (await announced.place(who="cid")).state is State.AWAITING
    await announced.tick()
    assert (await announced.order(unpaid.id)).state is State.EXPIRED
    assert (await announced.order(paid.id)).state is State.PAID
    assert announced.voice.to("boss")[-1].title == "Selling here goes on again"
    entry = (await lines(announced))[-1].entry
    assert (entry.who, entry.what, entry.why) == ("slack:boss", "retire.rollback", "The lease goes on.")


async def test_closed_now(announced: Rig) -> None:
    """The emergency close ends open checkouts and lets gifts be."""
    order = await announced.place()
    gift = await announced.order((await announced.say("/donate 10 to kitchen", "cid")).order)
    asked = [plain(line) for line in (await announced.say("/shop retire now buy The roof fell in.", "boss")).text]
    assert asked[0].startswith("1 open checkout is ended at once")
    assert asked[2].startswith("2 sellers and channels are told")
    assert asked[-1].endswith("/shop retire now buy yes The roof fell in.")
    assert not stage(announced).closed, "it asks first"
    assert "Say why" in str(await announced.say("/shop retire now buy yes", "boss"))
    await announced.say("/shop retire now buy yes The roof fell in.", "boss")
    await announced.tick()
    assert (await announced.order(order.id)).state is State.EXPIRED
    assert (await announced.order(gift.id)).state is State.AWAITING
    assert (await announced.say("/donate 10 to water")).state == "awaiting"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("dance buy", "You can say"),
        ("pause", "You can say"),
        ("pause cup", "Nothing called cup retires here. There is: buy."),
        ("resume buy", "is not on hold"),
        ("approve buy", "No edit of buy waits"),
        ("postpone buy tomorrow please", "with its zone"),
        ("postpone buy 2026-06-10T14:00 please", "with its zone"),
        ("postpone buy 2026-04-01T14:00+02:00 please", "not later than the date in force"),
        ("postpone buy 2026-06-10T14:00+02:00", "Say why"),
    ],
)
async def test_what_cannot_be_done_is_said(announced: Rig, said: str, answer: str) -> None:
    """Each refusal says why and what can be said instead, and changes nothing."""
    assert answer in str(await announced.say(f"/shop retire {said}", "boss"))
    assert await deeds(announced) == ["retire.edit_begun"]


async def test_what_has_closed_is_only_taken_back(announced: Rig) -> None:
    """After the closing it is neither paused nor postponed nor closed again."""
    announced.time.reach(CLOSES)
    for said in ("pause buy x", "postpone buy 2027-06-10T14:00+02:00 x", "now buy x"):
        assert "can only be taken back" in str(await announced.say(f"/shop retire {said}", "boss"))


async def test_a_newer_date_in_the_file_is_the_newer_word(announced: Rig) -> None:
    """Paused by hand, then dated anew in the file: the file's date holds; taken back in the file, an act is over too."""
    await announced.say("/shop retire pause buy x", "boss")
    await announced.file(SHOP + LATER)
    assert stage(announced) is Stage.ANNOUNCED
    await announced.say("/shop retire now buy yes x", "boss")
    await announced.file(SHOP + LATER.replace('contact = "', 'reopened.en = "x"\ncontact = "'))
    assert stage(announced) is Stage.ROLLED_BACK
    assert (await announced.place()).state is State.AWAITING


async def test_interactions_are_forgotten_once_they_cannot_come_again(announced: Rig) -> None:
    """What was acted on is known for a week, so that it is done once; after that nothing of it is kept."""

    async def known() -> int:
        await announced.house.telling.till.acting.forget()
        async with announced.database.store.reading() as unit:
            return len(await unit.facts.named("acted:"))

    await announced.say("/shop retire pause buy x", "boss")
    announced.time.pass_(days=6)
    assert await known() == 1
    await announced.say("/shop retire resume buy", "boss")
    announced.time.pass_(days=2)
    assert await known() == 1, "the newer one"
    announced.time.pass_(days=6)
    assert await known() == 0
