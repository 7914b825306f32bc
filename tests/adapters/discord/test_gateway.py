"""The gateway: shards, a line that is cut, intents that are refused, and people who come back."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import discord
import pytest

from adapters.discord import gateway
from tests.adapters.discord.conftest import Stage
from tests.platforms.discord import DiscordStandIn

MEMBERS, CONTENT = 1 << 1, 1 << 15


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the five seconds that the SDK leaves between two IDENTIFYs."""

    async def at_once(*_: object, **__: object) -> None:
        """Go on."""

    monkeypatch.setattr(discord.AutoShardedClient, "before_identify_hook", at_once)


def intents(stage: Stage) -> int:
    """Give the intents that the adapter was granted."""
    (session,) = stage.platform.gateway.connected
    return session.intents


async def test_a_cut_line_is_resumed_and_nothing_said_meanwhile_is_lost_or_doubled(stage: Stage) -> None:
    """After a drop the session is resumed, not begun anew; what happened meanwhile is answered once, in one order each."""
    gateway = stage.platform.gateway
    await stage.ben.slash("buy", product="cap", quantity=1)
    await gateway.drop()
    meanwhile = [await stage.ben.slash("buy", product="cap", quantity=2, wait=False) for _ in range(3)]
    said = await stage.ben.say("!buy mug/red 1")
    for answer in meanwhile:
        assert (await answer.settled()).text.startswith("2 × cap")
    await stage.ben.sees("1 × mug/red")
    assert (gateway.identified, gateway.resumed) == (1, 1)
    assert len(stage.shelf.orders) == 5
    assert f"discord:{stage.ben.id}:{said.id}" in stage.shelf.orders
    callbacks = Counter(request.path for request in stage.platform.requests if request.path.endswith("/callback"))
    assert set(callbacks.values()) == {1}


async def test_what_is_replayed_twice_makes_one_order(stage: Stage) -> None:
    """An interaction that arrives again is refused its second answer by Discord, and makes no second order."""
    answer = await stage.ben.slash("buy", product="cap", quantity=1)
    data = answer.interaction.wire(stage.platform.permissions)
    await stage.platform.gateway.dispatch("INTERACTION_CREATE", data, guild=stage.guild.id)
    await stage.platform.changes.until(
        lambda: any(request.status == 400 for request in stage.platform.requests), lambda: "not answered again"
    )
    assert list(stage.shelf.orders.values()) == ["T1"]


@pytest.mark.usefixtures("hurried")
async def test_a_session_that_discord_has_forgotten_is_begun_anew(stage: Stage) -> None:
    """Where resuming is refused the adapter identifies itself again, and goes on."""
    gateway = stage.platform.gateway
    await gateway.drop()
    gateway.forget()
    await stage.platform.connected()
    assert (await stage.ben.slash("hello")).text.startswith("Hello")
    assert gateway.identified == 2


@pytest.mark.usefixtures("hurried")
async def test_every_shard_is_heard() -> None:
    """Discord says how many shards it wants; servers of each, and direct messages, are answered, once."""
    async with DiscordStandIn() as platform:
        platform.gateway.shards = 2
        guilds = [platform.guild(f"Shop {number}") for number in range(2)]
        guilds[1].id = guilds[0].id + (1 << 22)
        people = [platform.person(f"p{number}", guild=guild) for number, guild in enumerate(guilds)]
        stage = Stage(platform, guilds[0], people[0], people[1])
        door = stage.door = stage.make()
        await door.start()
        await platform.connected(2)
        await door.connected()
        assert {session.shard for session in platform.gateway.connected} == {(0, 2), (1, 2)}
        for person in people:
            assert (await person.slash("hello")).text.startswith("Hello")
            await person.say("!buy cap 1")
            await person.sees("1 × cap")
        assert (await people[1].slash("hello", channel=people[1].dm)).text.startswith("Hello")
        assert len(stage.shelf.orders) == 2
        await platform.gateway.drop()
        assert (await (await people[1].slash("hello", wait=False)).settled()).text.startswith("Hello")
        assert platform.gateway.identified == 2
        await door.close()


async def test_the_members_intent_is_asked_for_with_perks_only(stage: Stage) -> None:
    """Who comes and goes is nobody's business unless perks depend on it."""
    assert not intents(stage) & MEMBERS
    await stage.restart(stage.make(perks=True))
    assert intents(stage) & MEMBERS


@pytest.mark.parametrize("forbidden", [MEMBERS, CONTENT, MEMBERS | CONTENT])
async def test_it_goes_on_with_the_intents_that_are_granted(stage: Stage, forbidden: int) -> None:
    """Discord does not say which intent it refuses: the adapter asks for less until it is let in, with all it may have."""
    stage.platform.gateway.forbidden_intents = forbidden
    await stage.restart(stage.make(perks=True))
    assert intents(stage) & (MEMBERS | CONTENT) == (MEMBERS | CONTENT) & ~forbidden
    assert (await stage.ben.slash("hello")).text.startswith("Hello")


async def test_whoever_joins_again_has_their_perks_given_again(stage: Stage) -> None:
    """A member who has left and comes back is handed to the core at once."""
    await stage.restart(stage.make(perks=True))
    stage.platform.leave(stage.ben)
    stage.platform.advance(60)
    await stage.platform.join(stage.ben, stage.guild)
    key = f"discord:{stage.ben.id}"
    await stage.platform.changes.until(lambda: stage.shelf.returned == [key], lambda: "nobody has come back")


@pytest.mark.parametrize("stage", ["gateway", "http"], indirect=True)
async def test_where_joining_is_not_told_the_first_word_tells(stage: Stage) -> None:
    """Without the members intent, and over HTTP, one's first word since joining brings the perks again, once."""
    stage.platform.gateway.forbidden_intents = MEMBERS
    await stage.restart(stage.make_http(perks=True) if stage.way == "http" else stage.make(perks=True))
    for _ in range(3):
        await stage.ben.slash("hello")
    await stage.ben.slash("hello", channel=stage.ben.dm)
    key = f"discord:{stage.ben.id}"
    await stage.platform.changes.until(lambda: stage.shelf.returned == [key], lambda: f"{stage.shelf.returned}")
    stage.platform.leave(stage.ben)
    stage.platform.advance(60)
    await stage.platform.join(stage.ben, stage.guild)
    await stage.ben.slash("hello")
    await stage.platform.changes.until(lambda: stage.shelf.returned == [key, key], lambda: f"{stage.shelf.returned}")


@pytest.mark.parametrize("stage", ["gateway", "http"], indirect=True)
async def test_the_roles_of_a_member_are_their_groups(stage: Stage) -> None:
    """The ids of one's roles come with every word said in a server, so that a role can make an admin."""
    role = stage.platform.role(stage.guild, "Staff", 3)
    stage.ben.roles.append(role.id)
    stage.shelf.admins = (str(role.id),)
    await stage.restart()
    await stage.ben.slash("buy", product="cap", quantity=1)
    ctx, _ = stage.shelf.seen[-1]
    assert (ctx.person.groups, ctx.person.admin) == ((str(role.id),), True)
    await stage.ada.slash("buy", product="cap", quantity=1)
    ctx, _ = stage.shelf.seen[-1]
    assert (ctx.person.groups, ctx.person.admin) == ((), False)


async def test_the_roles_come_with_text_too(stage: Stage) -> None:
    """Somebody who writes `!buy` has the same groups as somebody who uses the slash command."""
    role = stage.platform.role(stage.guild, "Staff", 3)
    stage.ben.roles.append(role.id)
    await stage.ben.say("!buy cap 1")
    await stage.ben.sees("1 × cap")
    assert stage.shelf.seen[-1][0].person.groups == (str(role.id),)


class Baton:
    """What replicas pass on: one holds the gateway, until it is taken from it."""

    def __init__(self) -> None:
        self.holder = ""
        self.fallen: set[str] = set()
        self.lost = asyncio.Event()

    def turn(self, name: str) -> Callable[[asyncio.Event], AbstractAsyncContextManager[bool]]:
        """Give one replica's way to ask for it."""

        @asynccontextmanager
        async def holding(lost: asyncio.Event) -> AsyncIterator[bool]:
            if self.holder or name in self.fallen:
                yield False
                return
            self.holder, self.lost = name, lost
            try:
                yield True
            finally:
                self.holder = ""

        return holding


@pytest.mark.usefixtures("hurried")
async def test_one_replica_holds_the_gateway_and_another_takes_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two replicas one hears people, and each thing once; where it loses its hold the other hears them."""
    monkeypatch.setattr(gateway, "_LOOK", 0.02)
    await stage.door.close()
    baton = Baton()
    one, other = (stage.make(turn=baton.turn(name)) for name in ("one", "other"))
    await stage.start(one)
    await other.start()
    try:
        await stage.ben.slash("buy", product="cap", quantity=1)
        assert (len(stage.platform.gateway.connected), one.up, other.up, len(stage.shelf.orders)) == (1, True, False, 1)
        baton.fallen.add("one")
        baton.lost.set()
        async with asyncio.timeout(10):
            await other.connected()
        await stage.ben.slash("buy", product="cap", quantity=2)
        assert (len(stage.platform.gateway.connected), one.up, len(stage.shelf.orders)) == (1, False, 2)
    finally:
        await other.close()
