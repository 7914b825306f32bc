"""The manifest: what Slack takes, for every prefix and both doors, and no more than is needed."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.slack import manifest as made
from adapters.slack.manifest import Slash, manifest, scopes, slashes
from tests.adapters.slack.talk import Answered, conversation

COMMANDS = (Slash("buy", "Buy", "[product]"), Slash("acheter", "Acheter"), Slash("help", "Help"))
URL = "https://shop.test/"
ADDRESS = "https://shop.test/slack/events"


def complaints(drawn: dict[str, Any]) -> Iterator[str]:
    """Say what Slack would against a manifest (https://docs.slack.dev/reference/app-manifest)."""
    known = {"_metadata", "display_information", "features", "oauth_config", "settings"}
    yield from (f"unknown: {name}" for name in set(drawn) - known)
    about, features, settings = drawn["display_information"], drawn["features"], drawn["settings"]
    if not 0 < len(about["name"]) <= 35 or len(about["description"]) > 140:
        yield "display_information"
    if not re.fullmatch(r"[\w .-]{1,80}", features["bot_user"]["display_name"]):
        yield "bot_user"
    yield from _of_commands(features["slash_commands"], socket=settings["socket_mode_enabled"])
    events = settings["event_subscriptions"]
    if len(events["bot_events"]) > 100 or settings["socket_mode_enabled"] == ("request_url" in events):
        yield "event_subscriptions"
    interactivity = settings["interactivity"]
    if settings["socket_mode_enabled"] == ("request_url" in interactivity) or not interactivity["is_enabled"]:
        yield "interactivity"
    if not 0 < len(drawn["oauth_config"]["scopes"]["bot"]) <= 255:
        yield "scopes"
    needed = {"app_mention": "app_mentions:read", "message.im": "im:history"}
    for event, scope in needed.items():
        if event in events["bot_events"] and scope not in drawn["oauth_config"]["scopes"]["bot"]:
            yield f"{event} needs {scope}"


def _of_commands(commands: list[dict[str, Any]], *, socket: bool) -> Iterator[str]:
    if len(commands) > 50 or len({command["command"] for command in commands}) != len(commands):
        yield "slash_commands"
    for command in commands:
        if not re.fullmatch(r"/[^\s/A-Z]{1,31}", command["command"]) or not 0 < len(command["description"]) <= 2000:
            yield f"command {command}"
        if len(command.get("usage_hint", "")) > 1000 or not isinstance(command["should_escape"], bool):
            yield f"command {command}"
        if socket == ("url" in command):
            yield "url of a command"


@pytest.mark.parametrize("prefix", ["", "tillbot-", "a-very-long-prefix-of-an-operator-"])
@pytest.mark.parametrize("socket", [True, False])
@pytest.mark.parametrize("many", [True, False])
def test_slack_takes_it(prefix: str, socket: bool, many: bool) -> None:
    """For every prefix, over HTTP and Socket Mode, for one workspace and for many, nothing is wrong with it."""
    drawn = manifest(prefix, URL, socket, commands=COMMANDS, bot_scopes=scopes(), many=many)
    assert list(complaints(drawn)) == []


def test_commands_have_their_names_in_every_language() -> None:
    """Each language's name is a command of its own; what Slack keeps for itself is left out until it has a prefix."""
    plain = manifest("", URL, False, commands=COMMANDS, bot_scopes=scopes())
    assert [each["command"] for each in plain["features"]["slash_commands"]] == ["/buy", "/acheter"]
    assert plain["features"]["slash_commands"][0]["url"] == ADDRESS
    assert plain["settings"]["interactivity"]["message_menu_options_url"] == ADDRESS
    prefixed = manifest("till-", None, True, commands=COMMANDS, bot_scopes=scopes())
    names = [each["command"] for each in prefixed["features"]["slash_commands"]]
    assert names == ["/till-buy", "/till-acheter", "/till-help"]
    spoken = conversation(Answered())
    assert {"buy", "acheter", "command.hello"} <= {each.name for each in slashes(spoken.commands, spoken.language)}


def test_only_what_is_configured_is_asked_for() -> None:
    """Channels, user groups and their members are only asked for where perks or admins need them."""
    least = scopes(own_channels=False)
    assert least == ["app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read"]
    assert set(scopes(perks=["channel"])) - set(least) == {
        "channels:read",
        "groups:read",
        "channels:manage",
        "groups:write",
    }
    assert set(scopes(admin_groups=["U1", "S1"], own_channels=False)) - set(least) == {"usergroups:read"}
    assert "usergroups:write" in scopes(perks=["usergroup"])


def test_without_an_address_only_socket_mode_is_left() -> None:
    """HTTP, and installs by OAuth, need a public address, and that is said."""
    for socket, many in ((False, False), (True, True)):
        with pytest.raises(ValueError, match="public_url"):
            manifest("", None, socket, commands=COMMANDS, bot_scopes=scopes(), many=many)


def test_more_than_slack_takes_is_cut() -> None:
    """Names, descriptions and numbers of commands stay within Slack's limits."""
    many = [Slash(f"c{number}", "x" * 3000, "y" * 2000) for number in range(60)]
    drawn = manifest("", URL, False, commands=many, bot_scopes=scopes(), name="n" * 99, description="d" * 200)
    assert list(complaints(drawn)) == []
    assert len(drawn["features"]["slash_commands"]) == made.COMMANDS
