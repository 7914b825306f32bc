"""The banner: on every answer, or not more often to one person than the operator wants, whichever process answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.chat import Card, Form
from bot.words import plain
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
DAILY = CLOSING.replace("contact =", 'banner_every = "1 day"\ncontact =')


@pytest.fixture
def world(world: World) -> World:
    world.text = SHOP + DAILY
    world.time.reach(CLOSES - timedelta(days=20))
    return world


def warned(shown: Card | Form) -> bool:
    text = shown.intro if isinstance(shown, Form) else tuple(piece for line in shown.text for piece in line)
    return "closes here on" in plain(text)


async def test_without_a_pause_every_answer_says_it(rig: Rig) -> None:
    """By default form, choices, near names, order and refusal carry it, each time; a gift does not."""
    rig.edit(SHOP + CLOSING)
    for _ in range(2):
        assert warned(await rig.form("/buy"))
        assert warned(await rig.say("/buy mug"))
        assert warned(await rig.say("/buy lighthose"))
        assert warned(await rig.say("/buy zine"))
        assert warned(await rig.say("/buy print 9"))
        assert warned(await rig.say("/buy mug/blue to Narnia"))
        assert not warned(await rig.say("/donate nothing"))


async def test_one_person_sees_it_once_in_the_pause(rig: Rig) -> None:
    """Shown with the form, it is not said again on the order; a day later it is. Somebody else sees it at once."""
    assert warned(await rig.form("/buy"))
    assert not warned(await rig.say("/buy zine"))
    assert not warned(await rig.form("/buy"))
    assert warned(await rig.form("/buy", "bob"))
    rig.time.pass_(hours=23)
    assert not warned(await rig.form("/buy"))
    rig.time.pass_(hours=1)
    assert warned(await rig.form("/buy"))


async def test_the_last_week_and_another_date_are_said_at_once(rig: Rig) -> None:
    """Who saw the banner an hour ago sees the one of the last week, and that of a later date, all the same."""
    rig.time.reach(CLOSES - timedelta(days=7, hours=1))
    assert warned(await rig.form("/buy"))
    rig.time.pass_(hours=1)
    assert "Last days" in plain((await rig.form("/buy")).intro)
    assert not warned(await rig.form("/buy"))
    rig.edit(SHOP + DAILY.replace("2026-04-10", "2026-05-10"))
    assert warned(await rig.form("/buy"))


async def test_it_is_remembered_over_a_restart_and_between_replicas(world: World) -> None:
    """What one process showed, another that runs beside it and one that starts later do not show again."""
    async with opened(world) as here, opened(world) as there:
        assert warned(await here.form("/buy", "cleo"))
        assert warned(await there.form("/buy", "bob"))
        await here.context()  # a moment passes: what was shown is written down
        assert not warned(await there.form("/buy", "cleo"))
    async with opened(world) as later:
        assert not warned(await later.form("/buy", "cleo"))
        assert warned(await later.form("/buy", "dora"))


async def test_nobody_is_named_in_what_is_kept_and_it_is_forgotten(rig: Rig) -> None:
    """The facts hold no person's id, and an hour after the pause they are gone."""
    await rig.form("/buy", "quentin")
    await rig.context()
    async with rig.database.store.reading() as unit:
        facts = await unit.facts.named("banner:")
    assert len(facts) == 1
    assert "quentin" not in str(facts)
    rig.time.pass_(hours=26)
    await rig.form("/buy", "bob")
    await rig.context()
    rig.time.pass_(hours=1)
    await rig.context()
    async with rig.database.store.reading() as unit:
        kept = await unit.facts.named("banner:")
    assert not set(facts) & set(kept)
