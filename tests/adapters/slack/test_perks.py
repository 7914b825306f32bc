"""Perks on Slack: given and taken again and again without harm, nobody else lost, and every refusal with what to do."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.slack import Connection
from adapters.slack.perks import SlackPerks
from bot.errors import Later, Unreachable
from bot.orders import Buyer
from bot.perks import Perk
from tests.platforms.slack import SlackStandIn
from tests.platforms.slack.workspace import Group

BUYER = Buyer("slack", "T1/U1", "U1", "T1", "en", "")
CLUB = Perk("club", "slack", "channel", "CCLUB", "The club")
CREW = Perk("crew", "slack", "usergroup", "S1", "The crew")


@pytest.fixture
def perks(slack: SlackStandIn, connection: Connection) -> SlackPerks:
    for user in ("U1", "U2", "U3"):
        slack.person(user)
    slack.channel("CCLUB", "club")
    slack.workspace.groups["S1"] = Group("S1", ["U2"])
    return SlackPerks(connection)


async def test_a_channel_is_given_and_taken(slack: SlackStandIn, perks: SlackPerks) -> None:
    """The buyer is in the channel after a grant, however often, and out of it after it is taken, however often."""
    club = slack.workspace.channel("CCLUB")
    club.people.add("U2")
    for _ in range(2):
        await perks.grant(BUYER, CLUB)
        assert club.people == {"U1", "U2"}
    for _ in range(2):
        await perks.revoke(BUYER, CLUB)
        assert club.people == {"U2"}


async def test_a_user_group_is_given_and_taken_without_losing_anybody(slack: SlackStandIn, perks: SlackPerks) -> None:
    """Slack takes whole lists only: everybody else stays in it."""
    crew = slack.workspace.groups["S1"]
    for _ in range(2):
        await perks.grant(BUYER, CREW)
        assert crew.users == ["U2", "U1"]
    for _ in range(2):
        await perks.revoke(BUYER, CREW)
        assert crew.users == ["U2"]
    assert len([made for made in slack.calls if made.method == "usergroups.users.update"]) == 2


async def test_the_last_one_out_switches_the_group_off(slack: SlackStandIn, perks: SlackPerks) -> None:
    """Slack takes no empty group: without its last member it is off, and with the next one on, with them alone."""
    crew = slack.workspace.groups["S1"]
    crew.users = ["U1"]
    await perks.revoke(BUYER, CREW)
    assert crew.off
    await perks.revoke(BUYER, CREW)
    await perks.grant(Buyer("slack", "T1/U3", "U3", "T1", "en", ""), CREW)
    assert (crew.off, crew.users) == (False, ["U3"])


async def test_one_replica_at_a_time_writes_a_user_group(slack: SlackStandIn, connection: Connection) -> None:
    """While another replica writes the group, the job waits for its turn instead of losing whom that one adds."""
    for user in ("U1", "U2"):
        slack.person(user)
    slack.workspace.groups["S1"] = Group("S1", ["U2"])
    held: list[str] = []

    @asynccontextmanager
    async def turn(name: str) -> AsyncIterator[bool]:
        held.append(name)
        yield len(held) > 1

    perks = SlackPerks(connection, turn=turn)
    with pytest.raises(Later):
        await perks.grant(BUYER, CREW)
    assert slack.workspace.groups["S1"].users == ["U2"]
    await perks.grant(BUYER, CREW)
    assert slack.workspace.groups["S1"].users == ["U2", "U1"]
    assert set(held) == {f"slack:usergroup:{connection.team}/S1"}


async def test_a_list_that_somebody_else_overwrites_is_written_again(slack: SlackStandIn, perks: SlackPerks) -> None:
    """A change that got lost between writing and verifying is made anew; one that keeps getting lost is told."""
    crew = slack.workspace.groups["S1"]
    slack.workspace.groups["S1"] = Forgetful("S1", crew.users, times=1)
    await perks.grant(BUYER, CREW)
    assert slack.workspace.groups["S1"].users == ["U2", "U1"]
    slack.workspace.groups["S1"] = Forgetful("S1", ["U2"], times=9)
    with pytest.raises(Unreachable, match="keeps changing") as told:
        await perks.grant(BUYER, CREW)
    assert not told.value.for_good


class Forgetful(Group):
    """A user group whose list somebody else puts back so many times."""

    def __init__(self, id: str, users: list[str], times: int) -> None:  # noqa: A002 - the field's own word
        self.times = 0
        super().__init__(id, users)
        self.times = times

    def __setattr__(self, name: str, value: object) -> None:
        if name == "users" and self.times > 0:
            self.times -= 1
            return
        super().__setattr__(name, value)


def _not_in(slack: SlackStandIn) -> None:
    slack.workspace.channel("CCLUB").bot = False


def _hidden(slack: SlackStandIn) -> None:
    slack.workspace.channel("CCLUB").bot = False
    slack.workspace.channel("CCLUB").private = True


def _unscoped(slack: SlackStandIn) -> None:
    slack.workspace.scopes.discard("channels:manage")


@pytest.mark.parametrize(("spoil", "todo"), [(_not_in, "invite"), (_hidden, "check the id"), (_unscoped, "manifest")])
async def test_what_an_admin_must_mend_is_said(
    slack: SlackStandIn, perks: SlackPerks, spoil: Callable[[SlackStandIn], None], todo: str
) -> None:
    """A channel that the app is not in, does not see, or may not manage is for good, with what to do."""
    spoil(slack)
    for act in (perks.grant, perks.revoke):
        with pytest.raises(Unreachable, match=todo) as told:
            await act(BUYER, CLUB)
        assert told.value.for_good
        assert "club" in told.value.why


async def test_wrong_kinds_groups_people_and_workspaces_are_told(slack: SlackStandIn, perks: SlackPerks) -> None:
    """A role, an unknown group, a buyer who is not there and another workspace's perk are told for what they are."""
    stranger = Buyer("slack", "T1/U404", "U404", "T1", "en", "")
    for buyer, perk, why in (
        (BUYER, Perk("r", "slack", "role", "R1", "Role"), "no roles"),
        (BUYER, Perk("g", "slack", "usergroup", "S404", "Group"), "no such user group"),
        (BUYER, Perk("w", "slack", "channel", "CCLUB", "Club", workspace="T2"), "another workspace"),
        (stranger, CLUB, "not in the workspace"),
        (stranger, CREW, "not in the workspace"),
    ):
        with pytest.raises(Unreachable, match=why):
            await perks.grant(buyer, perk)
    await perks.revoke(stranger, CLUB)
    await perks.revoke(stranger, CREW)
    with pytest.raises(Unreachable, match="no roles"):
        await perks.revoke(BUYER, Perk("r", "slack", "role", "R1", "Role"))


async def test_a_busy_or_broken_slack_is_tried_again(slack: SlackStandIn, perks: SlackPerks) -> None:
    """A 429 says when to come again, and a broken Slack is no reason to give up."""
    slack.limit("conversations.invite", retry_after=30)
    with pytest.raises(Later):
        await perks.grant(BUYER, CLUB)
    slack.break_down("conversations.invite")
    with pytest.raises(Unreachable) as told:
        await perks.grant(BUYER, CLUB)
    assert not told.value.for_good
