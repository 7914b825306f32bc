"""Roles as perks: given, taken away, and what an admin is told where Discord says no."""

from dataclasses import replace

import pytest

from bot.errors import Unreachable
from bot.orders import Buyer
from bot.perks import Perk
from bot.ports import Perks, Voice
from tests.adapters.discord.conftest import Stage
from tests.platforms.discord import Person

pytestmark = pytest.mark.parametrize("stage", ["gateway", "http"], indirect=True)

MANAGE_ROLES = 1 << 28


def buyer(person: Person) -> Buyer:
    return Buyer("discord", str(person.id), str(person.id), "", "en")


def supporter(stage: Stage, *, position: int = 1, managed: bool = False) -> Perk:
    """Make a role below the bot's own (which is at 5), and the perk that gives it."""
    stage.platform.role(stage.guild, "tillbot", 5, permissions=MANAGE_ROLES, bot=True)
    role = stage.platform.role(stage.guild, "Supporter", position, managed=managed)
    return Perk("supporter", "discord", "role", str(role.id), "Supporter", str(stage.guild.id))


async def refused(stage: Stage, person: Buyer, perk: Perk) -> Unreachable:
    """Give a perk that cannot be given, and give the reason."""
    with pytest.raises(Unreachable) as caught:
        await stage.door.grant(person, perk)
    return caught.value


async def test_a_role_is_given_and_taken_away_however_often(stage: Stage) -> None:
    """Granting what is held and revoking what is not are no errors; the adapter is the Perks as well as the Voice."""
    door: Perks = stage.door
    voice: Voice = stage.door
    assert door.platform == voice.platform == "discord"
    perk = supporter(stage)
    for _ in range(2):
        await door.grant(buyer(stage.ben), perk)
        assert stage.ben.roles == [int(perk.target)]
    for _ in range(2):
        await door.revoke(buyer(stage.ben), perk)
        assert stage.ben.roles == []


async def test_the_server_is_the_one_bought_in_where_none_is_named(stage: Stage) -> None:
    """A perk without a server is given in the server where it was bought."""
    perk = replace(supporter(stage), workspace="")
    await stage.door.grant(replace(buyer(stage.ben), workspace=str(stage.guild.id)), perk)
    assert stage.ben.roles == [int(perk.target)]
    assert "names no server" in (await refused(stage, buyer(stage.ben), perk)).why


async def test_a_role_above_the_bots_own_is_said_to_be(stage: Stage) -> None:
    """What the bot may not give is unreachable for good, with what an admin can do about it."""
    error = await refused(stage, buyer(stage.ben), supporter(stage, position=6))
    assert error.for_good
    assert 'perk "supporter"' in error.why
    assert "drag its own role above" in error.why


async def test_each_other_refusal_says_what_to_do(stage: Stage) -> None:
    """No member, no such role, no such server, a role that nobody can be given, no role at all: each has its reason."""
    perk = supporter(stage)
    managed = stage.platform.role(stage.guild, "Booster", 2, managed=True)
    stranger = stage.platform.person("eve")
    cases = [
        (buyer(stranger), perk, "not a member"),
        (Buyer("discord", "12", "12", "", "en"), perk, "no such person"),
        (buyer(stage.ben), replace(perk, target="12"), "no such role"),
        (buyer(stage.ben), replace(perk, target=str(managed.id)), "nobody can be given this role"),
        (buyer(stage.ben), replace(perk, workspace="12"), "tillbot invite discord"),
        (buyer(stage.ben), replace(perk, kind="usergroup"), "no usergroup"),
        (buyer(stage.ben), replace(perk, target="@supporter"), "all digits"),
    ]
    for person, wanted, why in cases:
        error = await refused(stage, person, wanted)
        assert error.for_good
        assert why in error.why
        assert str(stranger.id) not in error.why


async def test_whoever_has_left_has_nothing_to_lose(stage: Stage) -> None:
    """Taking a role from somebody who has left, or one that is gone, is no error."""
    perk = supporter(stage)
    stage.platform.leave(stage.ben)
    await stage.door.revoke(buyer(stage.ben), perk)
    await stage.door.revoke(Buyer("discord", "12", "12", "", "en"), perk)
    await stage.door.revoke(buyer(stage.ada), replace(perk, target="12"))


async def test_what_may_not_be_taken_is_said(stage: Stage) -> None:
    """A role that the bot may no longer manage cannot be taken away either, and an admin hears of it."""
    with pytest.raises(Unreachable, match="drag its own role above") as caught:
        await stage.door.revoke(buyer(stage.ben), supporter(stage, position=9))
    assert caught.value.for_good


async def test_trouble_at_discord_is_for_now(stage: Stage) -> None:
    """When Discord itself is in trouble the perk is not given up."""
    perk = supporter(stage)
    stage.platform.fail("PUT", r"/roles/\d+$", status=429)
    with pytest.raises(Unreachable) as caught:
        await stage.door.grant(buyer(stage.ben), perk)
    assert not caught.value.for_good
