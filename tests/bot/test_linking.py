"""Link health: a place that stops answering is named last and told of once, and comes back with its first answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.chat import Link
from bot.words import plain
from tests.bot.rig import CLOSING, SHOP, Rig, World

CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
MARKET, FAIR = "https://market.example/", "https://fair.example/"
SECOND = f"""
[[retirement.buy.alternative]]
name = "The fair"
url = "{FAIR}"
"""


@pytest.fixture
def world(world: World) -> World:
    world.text = SHOP + CLOSING + SECOND
    return world


async def round_of(rig: Rig) -> None:
    """Let one round pass."""
    assert rig.house.linking is not None
    await rig.house.linking.tick()


async def look(rig: Rig, times: int = 1) -> None:
    """Let a round pass with nothing due in between, so many times."""
    for _ in range(times):
        rig.time.pass_(minutes=61)
        await round_of(rig)
        await rig.deliver()
    await rig.live.refresh()


async def named(rig: Rig) -> list[str]:
    return [action.label for action in (await rig.say("/buy")).actions if isinstance(action, Link)]


async def test_a_dead_place_is_named_last_until_it_answers(rig: Rig) -> None:
    """Two failures change nothing, the third puts it last, its first answer brings it back."""
    rig.time.reach(CLOSES)
    rig.world.links.broken[MARKET] = "HTTP 404"
    await look(rig, 2)
    assert await named(rig) == ["The market", "The fair"]
    await look(rig)
    assert await named(rig) == ["The fair", "The market"]
    del rig.world.links.broken[MARKET]
    await look(rig)
    assert await named(rig) == ["The market", "The fair"]


async def test_the_admins_are_told_once_of_each_death(rig: Rig) -> None:
    """The staff channel and the admin are told place, address and why, once; of another death after it had answered, again."""
    rig.world.links.broken[MARKET] = "HTTP 410"
    await look(rig, 8)
    (card,) = rig.voice.to("boss")
    assert plain(card.text[0]) == (
        "A place to buy instead does not answer any more: The market (https://market.example/), HTTP 410. "
        "It is named last from now on."
    )
    assert len(rig.voice.posted) == 1
    del rig.world.links.broken[MARKET]
    await look(rig)
    rig.world.links.broken[MARKET] = "no such host"
    await look(rig, 10)
    assert len(rig.voice.to("boss")) == 2


async def test_a_place_is_asked_seldom(rig: Rig) -> None:
    """One that answers is looked at every six hours, however often the round comes."""
    for _ in range(60):
        rig.time.pass_(minutes=5)
        await round_of(rig)
    assert sorted(rig.world.links.looked) == [FAIR, MARKET]
    rig.time.pass_(hours=2)
    await round_of(rig)
    assert len(rig.world.links.looked) == 4


async def test_what_no_plan_names_is_not_asked_and_forgotten(rig: Rig) -> None:
    """A place that ended by its own date, or was taken out of the file, is asked no more, and its death with it."""
    rig.world.links.broken[FAIR] = "HTTP 404"
    await look(rig, 8)
    assert rig.live().dead == {FAIR}
    rig.edit(SHOP + CLOSING)
    rig.world.links.looked.clear()
    await look(rig, 8)
    assert set(rig.world.links.looked) == {MARKET}
    assert rig.live().dead == frozenset()
    ended = SECOND + "ends = 2026-03-01T00:00:00+00:00\n"
    rig.edit(SHOP + CLOSING + ended)
    rig.time.pass_(days=1)
    await look(rig)
    assert FAIR not in rig.world.links.looked


async def test_a_few_at_a_time(rig: Rig) -> None:
    """Of many addresses five are looked at in a round, and all in some rounds."""
    more = "".join(f'[[retirement.buy.alternative]]\nname = "P{n}"\nurl = "https://p{n}.example/"\n' for n in range(9))
    rig.edit(SHOP + CLOSING + more)
    await round_of(rig)
    assert len(rig.world.links.looked) == 5
    await round_of(rig)
    assert len(set(rig.world.links.looked)) == 10
