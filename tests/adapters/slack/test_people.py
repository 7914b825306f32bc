"""Who is in which user group: known for a minute, and asked for no longer than an answer may wait."""

import time

import pytest

from adapters.slack import Connection
from adapters.slack.people import MEMBERS, Known, People
from tests.platforms.slack import SlackStandIn
from tests.platforms.slack.workspace import Group


def calls(slack: SlackStandIn, method: str) -> int:
    """Count the calls of a method."""
    return len([made for made in slack.calls if made.method == method])


async def test_groups_of_admins_are_known_for_a_minute(
    slack: SlackStandIn, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the groups that the config names the person is in some; Slack is asked again after a minute."""
    slack.person("U1", locale="fr-FR")
    slack.workspace.groups = {"S1": Group("S1", ["U1", "U2"]), "S2": Group("S2", ["U2"])}
    people = People(lambda: ("UBOSS", "S1", "S2"))
    assert await people.of(connection, "T1", "U1") == Known("fr-FR", ("S1",))
    assert await people.of(connection, "T1", "U2") == Known("", ("S1", "S2"))
    assert calls(slack, "usergroups.users.list") == 2
    slack.workspace.groups["S1"].users.remove("U1")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + MEMBERS + 1)
    assert (await people.of(connection, "T1", "U1")).groups == ()
    await people.aclose()


async def test_a_group_that_slack_will_not_tell_makes_nobody_an_admin(
    slack: SlackStandIn, connection: Connection
) -> None:
    """Without the scope, or for a group that is not there, nobody is in it."""
    slack.person("U1")
    slack.workspace.groups = {"S1": Group("S1", ["U1"])}
    slack.workspace.scopes.discard("usergroups:read")
    people = People(lambda: ("S1", "S404"))
    assert (await people.of(connection, "T1", "U1")).groups == ()
    await people.aclose()


async def test_a_slow_answer_is_not_waited_for_and_is_remembered(slack: SlackStandIn, connection: Connection) -> None:
    """Locale and groups together take 800 ms at most; what comes later counts the next time."""
    slack.person("U1")
    slack.workspace.groups = {"S1": Group("S1", ["U1"])}
    slack.delay("usergroups.users.list", 1.0)
    slack.delay("users.info", 0.3)
    people = People(lambda: ("S1",))
    begun = time.monotonic()
    assert await people.of(connection, "T1", "U1") == Known("en-US", ())
    assert time.monotonic() - begun < 1.0
    await slack.called("usergroups.users.list")
    assert (await people.of(connection, "T1", "U1")).groups == ("S1",)
    await people.aclose()
