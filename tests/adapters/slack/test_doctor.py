"""The doctor: finds what is wrong with Slack before anybody pays, says what to do, and keeps every secret."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.slack.doctor import Setup, examine
from bot.findings import Finding
from bot.perks import Perk
from tests.platforms.slack import SlackStandIn
from tests.platforms.slack.workspace import Group

CLUB = Perk("club", "slack", "channel", "CCLUB", "The club")
CREW = Perk("crew", "slack", "usergroup", "S1", "The crew")


@pytest.fixture
def setup(slack: SlackStandIn) -> Setup:
    slack.channel("CSTAFF")
    slack.channel("CCLUB")
    slack.workspace.groups["S1"] = Group("S1", ["U1"])
    return Setup(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        staff_channel="CSTAFF",
        perks=(CLUB, CREW),
        admin_groups=("U1", "S1"),
        api_base=slack.api_url,
    )


def ill(findings: Sequence[Finding]) -> dict[str, str]:
    """Give what is not well: by subject, what is said and what to do."""
    for finding in findings:
        assert finding.well or finding.todo
    return {finding.subject: f"{finding.says} {finding.todo}" for finding in findings if not finding.well}


async def test_all_is_well(setup: Setup) -> None:
    """With everything there, every finding is well."""
    findings = await examine(setup)
    assert ill(findings) == {}
    assert [finding.subject for finding in findings] == [
        "Slack way in",
        "Slack app-level token",
        "Slack bot token",
        "clock",
        "Slack scopes",
        "Slack staff channel",
        "Slack perk club",
        "Slack perk crew",
        "Slack admins' group S1",
    ]


async def test_each_thing_that_is_wrong_is_found(slack: SlackStandIn, setup: Setup) -> None:
    """A missing scope, a channel that the app is not in, an unknown group and a wrong clock are found at once."""
    slack.workspace.scopes.discard("channels:manage")
    slack.channel("CSTAFF").bot = False
    slack.skew = 600
    wrong = replace(setup, perks=(CLUB, replace(CREW, target="S404"), replace(CREW, kind="role")))
    found = ill(await examine(wrong))
    assert "channels:manage" in found["Slack scopes"]
    assert "invite the app" in found["Slack staff channel"]
    assert "NTP" in found["clock"]
    assert "behind" in found["clock"]
    assert found["Slack perk crew"]


async def test_tokens_that_are_wrong_or_missing(slack: SlackStandIn, setup: Setup) -> None:
    """A wrong token ends the examination of what needs it, with where to find the right one; none is repeated."""
    wrong = replace(setup, bot_token="xoxb-wrong", app_token="xapp-wrong")
    findings = await examine(wrong)
    found = ill(findings)
    assert "OAuth & Permissions" in found["Slack bot token"]
    assert "connections:write" in found["Slack app-level token"]
    assert "wrong" not in str(findings)
    assert "SLACK_BOT_TOKEN" in ill(await examine(replace(setup, bot_token="")))["Slack bot token"]


async def test_the_way_in(slack: SlackStandIn, setup: Setup) -> None:
    """Without Socket Mode a signing secret and a public address are needed, and Slack must be told of it."""
    http = replace(setup, app_token="", perks=(), admin_groups=())
    assert "SLACK_SIGNING_SECRET" in ill(await examine(http))["Slack way in"]
    assert "public_url" in ill(await examine(replace(http, signing_secret="s3")))["Slack way in"]
    findings = await examine(replace(http, signing_secret="s3", public_url="https://shop.test/"))
    assert "https://shop.test/slack/events" in findings[0].says
    assert "s3" not in str(findings)


async def test_a_slack_that_is_away_is_no_wrong_token(slack: SlackStandIn, setup: Setup) -> None:
    """Where Slack cannot be reached or asks to wait, that is what is said."""
    slack.break_down("auth.test")
    assert "network" in ill(await examine(setup))["Slack bot token"]
    slack.limit("auth.test")
    assert "wait" in ill(await examine(setup))["Slack bot token"]
    begun = time.monotonic()
    assert "network" in ill(await examine(replace(setup, api_base="http://127.0.0.1:9/api/")))["Slack bot token"]
    assert time.monotonic() - begun < 5
